// @ts-check
/** A run that is under way: what it does, how far it is, when it will be done. */
import { duration, secondsBetween, secondsLeft } from "../format.js";
import { html } from "../preact.js";
import { t, wordFor } from "../words.js";
import { Icon } from "./icons.js";
import { Progress } from "./progress.js";
import { useNow } from "./time.js";

/** A run with its kind, what it does and how far it is; `address` leads to it. @param {{run: any, address?: string}} props */
export function LiveRun({ run, address }) {
  const title = t("run.title", { kind: kindOf(run), phase: phaseOf(run).toLowerCase() });
  return html`<div class="live">
    <p class="live-title"><${Icon} name="busy" />${address ? html`<a href=${address}>${title}</a>` : title} <span class="muted small">${wordFor("kinds", run.trigger)}</span></p>
    <${RunProgress} run=${run} />
  </div>`;
}

/** How far a run is. @param {{run: any}} props */
export function RunProgress({ run }) {
  const now = useNow();
  return html`<${Progress} label=${t("run.progress")} value=${run.progress.records} of=${run.progress.expected || null} text=${progressText(run, now)} />`;
}

/** Return what kind a run is of, such as "Delta" or "Full (plan)". @param {any} run */
export function kindOf(run) {
  const kind = wordFor("kinds", run.kind);
  return run.planOnly ? t("run.plan", { kind }) : kind;
}

/** Return what a run is doing. @param {any} run */
export const phaseOf = (run) => t(`run.phase_${run.status === "queued" ? "queued" : run.progress.phase}`);

/** Return how far a run is: records, rate, time so far, expected end. @param {any} run @param {number} now milliseconds */
export function progressText({ startedAt, progress }, now) {
  const { records, expected, ratePerSecond } = progress;
  const left = secondsLeft(progress);
  const parts = [
    expected ? t("run.of", { records, expected }) : t("run.soFar", { count: records }),
    ratePerSecond > 0 ? t("run.rate", { rate: Math.round(ratePerSecond) }) : "",
    startedAt ? t("run.since", { time: duration(secondsBetween(startedAt, null, now)) }) : "",
    left === null ? "" : t("run.left", { time: duration(left) }),
  ];
  return parts.filter(Boolean).join(" · ");
}
