// @ts-check
/** The caller's integrations, as the menu and the overview show them. */
import { get } from "./api.js";
import { store } from "./store.js";

const MOST = 200;
let pages = 1;

/** The first 200 integrations, or more when somebody asked for them; null until they are known. */
export const integrations = store(/** @type {any[] | null} */ (null));
/** Whether there are more than these. */
export const more = store(false);

/** Ask for them again, such as after one was made, changed or removed. @param {AbortSignal} [signal] */
export async function refresh(signal) {
  const found = [];
  let next = /** @type {string | null} */ (`/api/integrations?limit=${MOST}`);
  for (let page = 0; next && page < pages; page += 1) {
    const reply = await get(next, { signal });
    found.push(...reply.data);
    next = reply.next;
  }
  more.set(next !== null);
  integrations.set(found);
  return found;
}

/** Ask for 200 more from now on. */
export function readMore() {
  pages += 1;
  return refresh();
}

/** Return the word of the API that tells best how an integration does. @param {any} integration */
export function stateOf(integration) {
  if (integration.status !== "active") return integration.status;
  return integration.health.state === "unknown" ? "active" : integration.health.state;
}
