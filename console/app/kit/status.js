// @ts-check
/** What state something is in: an icon and a word, coloured besides. */
import { html } from "../preact.js";
import { wordFor } from "../words.js";
import { Icon } from "./icons.js";

/** @typedef {"ok" | "warn" | "bad" | "info" | "idle"} Tone */

const TONES = /** @type {Record<Tone, string[]>} */ ({
  ok: ["active", "ok", "succeeded", "synced", "SUCCESS", "signed", "in_step", "resolved", "complete"],
  warn: ["setup_required", "reauth_required", "degraded", "partial", "conflict", "PARTIAL", "overdue", "short", "open"],
  bad: ["broken", "failing", "failed", "error", "ERROR", "declined", "problem"],
  info: ["running", "queued", "dynamics_changed", "oneflow_changed", "pending"],
  idle: ["paused", "unknown", "cancelled", "draft", "deleted", "unproven"],
});
const ICONS = /** @type {Record<string, any>} */ ({ paused: "paused", running: "busy", queued: "busy" });

/** Return the tone of a state of the API. @param {string} state @returns {Tone} */
export function toneOf(state) {
  return /** @type {Tone} */ (Object.keys(TONES).find((tone) => TONES[/** @type {Tone} */ (tone)].includes(state)) ?? "idle");
}

/** Show a state of the API; `tone` and `text` overrule what it would be. @param {{state: string, tone?: Tone, text?: string}} props */
export function Status({ state, tone = toneOf(state), text = wordFor("status", state) }) {
  return html`<span class="status status-${tone}"><${Icon} name=${ICONS[state] ?? tone} /><span>${text}</span></span>`;
}
