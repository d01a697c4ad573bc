// @ts-check
/** When a schedule starts the next runs. */
import { get, withQuery } from "../../api.js";
import { useLoad } from "../../hooks.js";
import { Loaded } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";
import { clockTime } from "./schedules.js";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The next five times of a schedule, in UTC and where the browser is. @param {{schedule: string}} props */
export function NextTimes({ schedule }) {
  const loaded = useTimes(schedule);
  return html`<div class="connect-times">
    <h3>${t("connect.nextTimes")}</h3>
    <${Loaded} of=${loaded} lines=${5}>${(/** @type {any} */ reply) => html`<${Times} times=${reply.data.times} />`}</${Loaded}>
  </div>`;
}

/** Ask for the next times of a schedule. @param {string} schedule */
export function useTimes(schedule) {
  return useLoad((signal) => get(withQuery("/api/schedules/preview", { schedule }), { signal }), [schedule]);
}

/** Moments, one below the other. @param {{times: string[]}} props */
export function Times({ times }) {
  return html`<ol>${times.map((time) => html`<li key=${time}><${Moment} time=${time} /></li>`)}</ol>`;
}

/** @param {{time: string}} props */
function Moment({ time }) {
  const here = HERE !== "UTC" && html` <span class="muted">(${t("connect.here", { time: clockTime(time, undefined) })})</span>`;
  return html`<time datetime=${time}>${t("connect.utc", { time: clockTime(time, "UTC") })}</time>${here}`;
}
