// @ts-check
/** What a key does in a field that belongs to no form of its own. */

/** Let Enter do this alone: the form around is not sent. @param {() => any} [run] */
export const onEnter = (run) => (/** @type {{key: string, isComposing?: boolean, preventDefault: () => void}} */ event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  run?.();
};
