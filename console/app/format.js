// @ts-check
/** Numbers and times as people read them; pure, `now` is an argument. */
import { t } from "./words.js";

const UNITS = /** @type {Array<[Intl.RelativeTimeFormatUnit, number]>} */ ([
  ["second", 1],
  ["minute", 60],
  ["hour", 3_600],
  ["day", 86_400],
  ["month", 2_629_800],
  ["year", 31_557_600],
]);
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const ABSOLUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
const MOMENT = 5;

/** Return "3 minutes ago" or "in 2 hours". @param {string} time RFC 3339 @param {number} now milliseconds */
export function ago(time, now) {
  const seconds = (Date.parse(time) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < MOMENT) return seconds > 0 ? t("time.soon") : t("time.now");
  const [unit, length] = UNITS.findLast(([, each]) => size >= each) ?? UNITS[0];
  return RELATIVE.format(Math.trunc(seconds / length), unit);
}

/** Return how long ago something happened, whatever the clock that told it. @param {string} time RFC 3339 @param {number} now milliseconds */
export function since(time, now) {
  return ago(time, Math.max(now, Date.parse(time)));
}

/** Return a time in UTC, to the second. @param {string} time */
export function absolute(time) {
  return `${ABSOLUTE.format(new Date(time))} UTC`;
}

/** Return "1 h 5 min", "42 s", "0.4 s". @param {number} seconds */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Return the seconds between two times; the second may be missing. @param {string | null} from @param {string | null} to @param {number} now */
export function secondsBetween(from, to, now) {
  return from ? Math.max(0, ((to ? Date.parse(to) : now) - Date.parse(from)) / 1000) : 0;
}

/** Return the seconds until a run has read everything at its present rate, null when nobody knows. @param {{records: number, expected: number | null, ratePerSecond: number}} progress */
export function secondsLeft({ records, expected, ratePerSecond }) {
  return expected && ratePerSecond > 0 && expected > records ? (expected - records) / ratePerSecond : null;
}

/** Return a count with separators. @param {number | null | undefined} count */
export function number(count) {
  return count == null ? t("kit.none") : count.toLocaleString("en");
}

/** Return any value of a record as text. @param {any} value */
export function plain(value) {
  if (value === null || value === undefined || value === "") return t("kit.blank");
  if (typeof value === "boolean") return t(value ? "kit.yes" : "kit.no");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
