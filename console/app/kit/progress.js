// @ts-check
/** How far something is, and how it went lately. */
import { number } from "../format.js";
import { html } from "../preact.js";

const BAR = 6;
const GAP = 2;
const HEIGHT = 32;
const LEAST = 3;

/** @param {{label: string, value: number, of: number | null, text?: string}} props without `of` nobody knows how much there is */
export function Progress({ label, value, of, text }) {
  const share = of ? Math.min(1, value / of) : null;
  const known = share === null ? {} : { "aria-valuenow": Math.round(share * 100), "aria-valuemin": 0, "aria-valuemax": 100 };
  return html`<div class="progress">
    <div class="progress-bar ${share === null ? "progress-open" : ""}" role="progressbar" aria-label=${label} aria-valuetext=${text} ...${known}>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width=${share === null ? 30 : share * 100} height="4" /></svg>
    </div>
    ${text && html`<p class="small muted">${text}</p>`}
  </div>`;
}

/**
 * Small bars side by side, the newest on the right; the table of the same facts is next to it or a click away.
 * @param {{label: string, bars: Array<{value: number, tone: string, title: string}>, slots?: number}} props
 */
export function BarChart({ label, bars, slots = 20 }) {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  const width = slots * (BAR + GAP) - GAP;
  const first = (slots - bars.length) * (BAR + GAP);
  const tall = (/** @type {number} */ value) => Math.max(LEAST, (value / most) * HEIGHT);
  return html`<svg class="bars" viewBox=${`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="xMinYMax meet" role="img" aria-label=${label}>
    <line class="bars-floor" x1="0" x2=${width} y1=${HEIGHT - 0.5} y2=${HEIGHT - 0.5} />
    ${bars.map(
      (bar, index) => html`<rect key=${index} class=${`bar-${bar.tone}`} x=${first + index * (BAR + GAP)} y=${HEIGHT - tall(bar.value)} width=${BAR} height=${tall(bar.value)} rx="1.5">
        <title>${bar.title}</title>
      </rect>`,
    )}
  </svg>`;
}

/** A count and its share of a whole, as a line of coloured parts. @param {{label: string, parts: Array<{name: string, value: number, tone: string}>}} props */
export function Shares({ label, parts }) {
  const shown = parts.filter((part) => part.value > 0);
  const whole = shown.reduce((sum, part) => sum + part.value, 0) || 1;
  let at = 0;
  return html`<div class="shares">
    <svg viewBox="0 0 100 3" preserveAspectRatio="none" role="img" aria-label=${`${label}: ${shown.map((part) => `${part.name} ${number(part.value)}`).join(", ")}`}>
      ${shown.map((part) => {
        const x = at;
        at += (part.value / whole) * 100;
        return html`<rect class=${`bar-${part.tone}`} x=${x} width=${(part.value / whole) * 100} height="3" />`;
      })}
    </svg>
  </div>`;
}
