// @ts-check
/** Light, dark, or as the system has it; kept in this browser. */
import { store } from "./store.js";

const KEY = "hub.theme";
export const THEMES = ["system", "light", "dark"];

export const theme = store(read());

/** @param {string} chosen */
export function choose(chosen) {
  theme.set(chosen);
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    /* storage is closed to this page: the choice lasts as long as the page */
  }
}

function read() {
  try {
    return localStorage.getItem(KEY) ?? "system";
  } catch {
    return "system";
  }
}
