// @ts-check
/** Pure questions about webhook endpoints and what was sent to them. */

/**
 * @typedef {{url: string, events: string[]}} Order an endpoint as a form holds it
 * @typedef {{at: string, status: number | null, durationMs: number, trouble: string | null, response: string}} Attempt
 */

const COMMON = ["conflict.detected", "integration.reauth_required"];
const EVENTS = /** @type {Record<string, string[]>} */ ({
  business_central: ["sync.completed", "sync.failed", "supplier.created", "supplier.updated", "product.created", "product.updated", ...COMMON],
  oneflow: ["contract.synced", ...COMMON],
});

export const TEST = "webhook.test";
export const STATES = ["pending", "delivered", "failed"];
const TONES = /** @type {Record<string, "ok" | "info" | "bad">} */ ({ pending: "info", delivered: "ok", failed: "bad" });

/** Return the events that a kind of integration makes, and those that are chosen already. @param {string} kind @param {string[]} [chosen] */
export const eventsOf = (kind, chosen = []) => [...new Set([...(EVENTS[kind] ?? []), ...chosen])];

/** Return the tone of a delivery's state. @param {string} state */
export const toneOfDelivery = (state) => TONES[state] ?? "idle";

/**
 * Return how an endpoint stands: whether it is sent to, and if not, who decided that.
 * @param {any} endpoint @returns {{word: "on" | "off" | "failing" | "stopped", tone: "ok" | "idle" | "warn" | "bad"}}
 */
export function standingOf(endpoint) {
  if (!endpoint.enabled) return endpoint.disabledReason ? { word: "stopped", tone: "bad" } : { word: "off", tone: "idle" };
  return endpoint.failingSince ? { word: "failing", tone: "warn" } : { word: "on", tone: "ok" };
}

/** Return the host of an address, the address itself when it has none. @param {string} url */
export function hostOf(url) {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** Return the events with one of them chosen or not, in the order of `all`. @param {string[]} all @param {string[]} chosen @param {string} name @param {boolean} on */
export const choosing = (all, chosen, name, on) => all.filter((each) => (each === name ? on : chosen.includes(each)));

/** Return the messages of a problem for the events, whichever of them they are about. @param {any} problem */
export function eventMessages(problem) {
  const found = (problem?.errors ?? []).filter((/** @type {any} */ each) => /^\/events(\/|$)/.test(each.pointer));
  return found.map((/** @type {any} */ each) => each.detail).join(" ");
}

/** Return what a form sends. @param {any} told @returns {Order} */
export const orderOf = ({ url, events }) => ({ url, events });

/** Tell whether two endpoints are alike as far as a form changes them. @param {Order} one @param {Order} other */
export const isSame = (one, other) => one.url === other.url && one.events.length === other.events.length && one.events.every((each) => other.events.includes(each));

/** Return the attempts of a delivery, the latest first, each with its number. @param {Attempt[]} attempts */
export const latestFirst = (attempts) => attempts.map((each, index) => ({ ...each, number: index + 1 })).reverse();
