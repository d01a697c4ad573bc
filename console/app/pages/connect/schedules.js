// @ts-check
/** Schedules that people choose from, and times as they read them; pure. */

/** By name; `hand` starts nothing by itself, `custom` is written by hand. @type {Array<{id: string, schedule: string | null}>} */
export const PRESETS = [
  { id: "quarter", schedule: "0 */15 * * * *" },
  { id: "hour", schedule: "0 0 * * * *" },
  { id: "night", schedule: "0 0 2 * * *" },
  { id: "hand", schedule: null },
];

/** Return the name of a schedule. @param {string | null} schedule */
export function presetOf(schedule) {
  return PRESETS.find((each) => each.schedule === schedule)?.id ?? "custom";
}

/** Return a time as "Mon 23 Nov, 02:00". @param {string} time @param {string | undefined} zone undefined: that of the browser */
export function clockTime(time, zone) {
  const parts = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone };
  return new Intl.DateTimeFormat("en-GB", /** @type {any} */ (parts)).format(new Date(time));
}
