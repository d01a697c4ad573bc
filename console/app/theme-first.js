/* Sets the theme before the first paint; a classic script, because modules run too late for that. */
(() => {
  try {
    const chosen = localStorage.getItem("hub.theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    /* storage is closed to this page: the system's theme holds */
  }
})();
