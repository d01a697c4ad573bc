// @ts-check
/** The caller's integrations, as the menu and the overview show them. */
import { get } from "./api.js";
import { store } from "./store.js";

const MOST = 200;

/** The first 200 integrations, null until they are known. */
export const integrations = store(/** @type {any[] | null} */ (null));
/** Whether there are more than these. */
export const more = store(false);

/** Ask for them again, such as after one was made, changed or removed. @param {AbortSignal} [signal] */
export async function refresh(signal) {
  const reply = await get(`/api/integrations?limit=${MOST}`, { signal });
  more.set(reply.next !== null);
  integrations.set(reply.data);
  return reply.data;
}

/** Return the word of the API that tells best how an integration does. @param {any} integration */
export function stateOf(integration) {
  if (integration.status !== "active") return integration.status;
  return integration.health.state === "unknown" ? "active" : integration.health.state;
}
