// @ts-check
/** Times: how long ago, and exactly when beside it. */
import { absolute, ago, since } from "../format.js";
import { html, useEffect, useState } from "../preact.js";
import { t } from "../words.js";

const TICK = 1_000;

/** Return the time now, anew every second while `on`. @param {boolean} [on] */
export function useNow(on = true) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!on) return undefined;
    const timer = setInterval(() => document.hidden || setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, [on]);
  return now;
}

/** Return the whole seconds that are left until a moment. @param {number | null | undefined} moment milliseconds */
export function useLeft(moment) {
  const now = useNow(Boolean(moment));
  return Math.max(0, Math.ceil(((moment ?? 0) - now) / 1_000));
}

/**
 * A moment, in words that move on; `coming` is for what has not happened yet.
 * @param {{at: string | null | undefined, coming?: boolean, exact?: boolean, none?: string}} props `exact` shows the absolute time, too
 */
export function Time({ at, coming = false, exact = false, none = t("kit.never") }) {
  const now = useNow(Boolean(at));
  if (!at) return html`<span class="muted">${none}</span>`;
  const whole = absolute(at);
  const words = coming ? ago(at, now) : since(at, now);
  return html`<time datetime=${at} title=${whole}>${exact ? `${whole} (${words})` : words}</time>`;
}
