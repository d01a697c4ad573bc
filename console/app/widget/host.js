// @ts-check
/** The talk with the page around the widget: it brings the token, and only the pages of the setting may. */

const AGAIN = 1_000;
const PATIENCE = 15_000;

/** @typedef {{type: "hub.ready" | "hub.token-expired" | "hub.changed"} | {type: "hub.height", height: number}} Word */

/** Return the token of a message, "" when it is none, or comes from a page that is not allowed. @param {{origin: string, data: any}} message @param {string[]} ancestors */
export function tokenOf(message, ancestors) {
  if (!ancestors.includes(message.origin)) return "";
  const { type, token } = message.data && typeof message.data === "object" ? message.data : {};
  return type === "hub.token" && typeof token === "string" ? token : "";
}

/** Return which record the widget is for; a form of Dynamics calls its table `typename`, and puts braces around the id. @param {string} search */
export function recordOf(search) {
  const query = new URLSearchParams(search);
  const id = (query.get("id") ?? "").replace(/[{}]/g, "").toLowerCase();
  return { integration: query.get("integration") ?? "", entity: query.get("entity") || query.get("typename") || "", id };
}

/** Say something to the page around; nothing of it is secret. @param {Word} word */
export const say = (word) => parent.postMessage(word, "*");

/**
 * Ask the page around for tokens, and take those that come from an allowed page.
 * @param {string[]} ancestors @param {(token: string) => void} take
 */
export function listen(ancestors, take) {
  /** @type {Set<() => void>} */
  const waiting = new Set();
  const timer = setInterval(() => say({ type: "hub.ready" }), AGAIN);
  addEventListener("message", (event) => {
    const token = event.source === parent ? tokenOf(event, ancestors) : "";
    if (!token) return;
    clearInterval(timer);
    take(token);
    for (const tell of [...waiting]) tell();
  });
  say({ type: "hub.ready" });
  /** Ask for another token; true when it has come. @returns {Promise<boolean>} */
  return function renew() {
    return new Promise((resolve) => {
      const end = (/** @type {boolean} */ came) => {
        clearTimeout(late);
        waiting.delete(tell);
        resolve(came);
      };
      const tell = () => end(true);
      const late = setTimeout(() => end(false), PATIENCE);
      waiting.add(tell);
      say({ type: "hub.token-expired" });
    });
  };
}
