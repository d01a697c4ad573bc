// @ts-check
/** What the page tells by itself: banners, problems, toasts, and words for screen readers. */
import { html, useEffect, useState } from "../preact.js";
import { store, useStore } from "../store.js";
import { t } from "../words.js";
import { Icon } from "./icons.js";
import { useLeft } from "./time.js";

const TOAST = 6_000;
const said = store("");
const toasts = store(/** @type {Array<{id: number, tone: string, text: string}>} */ ([]));
let count = 0;

/** Let screen readers say something that is seen elsewhere. @param {string} text */
export function announce(text) {
  said.set("");
  setTimeout(() => said.set(text));
}

/** Show a short message for some seconds, such as "Saved". @param {string} text @param {"ok" | "info" | "warn"} [tone] */
export function toast(text, tone = "ok") {
  const id = (count += 1);
  toasts.set([...toasts.get(), { id, tone, text }]);
  setTimeout(() => toasts.set(toasts.get().filter((each) => each.id !== id)), TOAST);
}

/** The places where announcements and toasts appear; the shell has one. */
export function Announcer() {
  const words = useStore(said);
  const shown = useStore(toasts);
  return html`
    <div class="visually-hidden" role="status">${words}</div>
    <div class="toasts" role="status">
      ${shown.map((each) => html`<p key=${each.id} class="toast tone-${each.tone}"><${Icon} name=${each.tone} />${each.text}</p>`)}
    </div>
  `;
}

/**
 * A message in the page. `alert` is read out at once.
 * @param {{tone?: "ok" | "warn" | "bad" | "info", title: any, children?: any, actions?: any, alert?: boolean}} props
 */
export function Banner({ tone = "info", title, children, actions, alert = false }) {
  return html`<div class="banner tone-${tone}" role=${alert ? "alert" : undefined}>
    <${Icon} name=${tone} />
    <div class="banner-body">
      <p class="banner-title">${title}</p>
      ${children && html`<div class="banner-text">${children}</div>`}
    </div>
    ${actions && html`<div class="banner-actions">${actions}</div>`}
  </div>`;
}

/**
 * A problem of the API: what happened, why, and what to do. Nothing without one.
 * @param {{problem: import("../problem.js").Problem | null, actions?: any, title?: string, except?: string[], note?: string}} props
 *   `except` are pointers whose messages stand elsewhere
 */
export function ProblemBanner({ problem, actions, title, except = [], note }) {
  const help = useHelp(problem?.code);
  if (!problem || problem.status === 401) return null;
  const errors = problem.errors.filter((each) => !except.includes(each.pointer));
  return html`<${Banner} tone="bad" alert title=${title ?? problem.title} actions=${actions}>
    ${problem.detail && html`<p>${problem.detail}</p>`}
    ${errors.length > 0 && html`<ul>${errors.map((each) => html`<li><code>${each.pointer || "/"}</code> ${each.detail}</li>`)}</ul>`}
    ${help && html`<${Help} ...${help} />`}
    ${problem.readyAt && html`<${Waiting} key=${problem.readyAt} until=${problem.readyAt} />`}
    ${note && html`<p>${note}</p>`}
    <p class="small muted"><code>${problem.code}</code>${problem.traceId && html` · ${t("problem.trace")} <code>${problem.traceId}</code>`}</p>
  </${Banner}>`;
}

/** How long the hub takes nothing; the end is announced, each second is not. @param {{until: number}} props */
function Waiting({ until }) {
  const left = useLeft(until);
  useEffect(() => void (left === 0 && announce(t("again.now"))), [left === 0]);
  return html`<p role="timer">${left > 0 ? t("again.in", { count: left }) : t("again.now")}</p>`;
}

/** Cause and fix of an error code. @param {{cause: string, fix: string}} props */
export function Help({ cause, fix }) {
  return html`<dl class="help"><dt>${t("problem.cause")}</dt><dd>${cause}</dd><dt>${t("problem.fix")}</dt><dd>${fix}</dd></dl>`;
}

/** Return cause and fix of a code, as docs/errors.md has them; null until they are there, or when there are none. @param {string | undefined} code */
export function useHelp(code) {
  const [help, setHelp] = useState(/** @type {{cause: string, fix: string} | null} */ (null));
  useEffect(() => {
    let here = true;
    setHelp(null);
    if (code) import("../errors.js").then(({ errors }) => here && setHelp(/** @type {any} */ (errors)[code] ?? null), () => undefined);
    return () => void (here = false);
  }, [code]);
  return help;
}
