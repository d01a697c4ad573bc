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

/** Tell whether a message of an allowed page says that it got no token. @param {{origin: string, data: any}} message @param {string[]} ancestors */
export const isFailure = (message, ancestors) => ancestors.includes(message.origin) && message.data?.type === "hub.token-failed";

/** Return which record the widget is for; a form of Dynamics calls its table `typename`, and puts braces around the id. @param {string} search */
export function recordOf(search) {
  const query = new URLSearchParams(search);
  const id = (query.get("id") ?? "").replace(/[{}]/g, "").toLowerCase();
  return { integration: query.get("integration") ?? "", entity: query.get("entity") || query.get("typename") || "", id };
}

/** Say something to the page around; nothing of it is secret. @param {Word} word */
export const say = (word) => parent.postMessage(word, "*");

/**
 * Ask the page around for tokens, and take those that come from an allowed page. `ask` begins to ask, until there is an answer;
 * `renew` asks for another token, once for all that wait for it, and is true when it has come.
 * @param {string[]} ancestors @param {{take: (token: string) => void, failed: () => void}} told
 */
export function listen(ancestors, { take, failed }) {
  /** @type {Promise<boolean> | undefined} */
  let renewing;
  let timer = 0;
  let answer = (/** @type {boolean} */ _came) => {};
  const ask = () => {
    clearInterval(timer);
    timer = /** @type {any} */ (setInterval(() => say({ type: "hub.ready" }), AGAIN));
    say({ type: "hub.ready" });
  };
  const renew = () => {
    let late = 0;
    const come = new Promise((/** @type {(came: boolean) => void} */ resolve) => {
      answer = resolve;
      late = /** @type {any} */ (setTimeout(() => resolve(false), PATIENCE));
      say({ type: "hub.token-expired" });
    });
    return come.finally(() => {
      clearTimeout(late);
      renewing = undefined;
    });
  };
  addEventListener("message", (event) => {
    const token = event.source === parent ? tokenOf(event, ancestors) : "";
    const came = token !== "";
    if (!came && !(event.source === parent && isFailure(event, ancestors))) return;
    clearInterval(timer);
    if (came) take(token);
    else failed();
    answer(came);
  });
  return { ask, renew: () => (renewing ??= renew()) };
}
