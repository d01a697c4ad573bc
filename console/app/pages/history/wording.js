// @ts-check
/** What a run's facts mean, in words; pure. */
import { absolute } from "../../format.js";
import { t, wordFor } from "../../words.js";

export const COUNTS = ["read", "created", "updated", "unchanged", "conflicts", "errors"];

const GOOD = new Set(["succeeded", "partial"]);
const ENDS = new Map([["succeeded", "ok"], ["partial", "warn"], ["failed", "bad"], ["cancelled", "info"]]);

/** @param {any} run */
export const isOver = (run) => run.endedAt !== null;

/** Whether somebody has to approve the run. @param {any} run */
export const isHeld = (run) => run.approval?.required === true;

/** Add up counts over entity types, or over runs. @param {any[]} parts */
export function added(parts) {
  return Object.fromEntries(COUNTS.map((name) => [name, parts.reduce((sum, part) => sum + (part[name] ?? 0), 0)]));
}

/** Return the counts of a whole run. @param {any} run */
export const countsOf = (run) => added(Object.values(run.entities));

/** Return what a run is called, such as "Delta sync" or "Plan of a full sync". @param {any} run */
export function titleOf(run) {
  const kind = wordFor("kinds", run.kind);
  return run.planOnly ? t("history.planTitle", { kind: kind.toLowerCase() }) : t("history.runTitle", { kind });
}

/** Return which changes a run covers. @param {any} run */
export function spanOf(run) {
  const { from, to } = run.watermark;
  if (run.kind === "retry") return t("history.spanRetry");
  if (from && to) return t("history.span", { from: absolute(from), to: absolute(to) });
  if (from) return t("history.spanSince", { from: absolute(from) });
  return to ? t("history.spanAll", { to: absolute(to) }) : t("history.spanNone");
}

/** Return what a run came to and what happens next: `{tone, title, text}`. @param {any} run */
export function verdictOf(run) {
  const errors = countsOf(run).errors;
  const told = run.error?.message;
  if (isHeld(run)) return say("warn", "held", told);
  if (!isOver(run)) return run.cancelRequested ? say("info", "stopping") : say("info", run.status === "queued" ? "queued" : "running");
  if (run.planOnly && !run.error && GOOD.has(run.status)) return say("info", errors > 0 ? "plannedSome" : "planned");
  if (run.status === "partial" && run.error) return say("warn", "partial", told);
  if (errors > 0) return { ...say("warn", "someFailed"), title: t("history.someFailed", { count: errors }) };
  const tone = ENDS.get(run.status);
  return tone ? say(tone, run.status, told) : { tone: "warn", title: wordFor("status", run.status), text: told ?? "" };
}

/** @param {string} tone @param {string} key @param {string} [text] */
function say(tone, key, text) {
  return { tone: /** @type {any} */ (tone), title: t(`history.${key}Title`), text: text ?? t(`history.${key}Text`) };
}

/** Return what a certificate's or run's verdict means. @param {any} found */
export function completenessText(found) {
  if (!found) return t("history.notJudged");
  const missing = Array.isArray(found.missing) ? found.missing.length + (found.more?.missing ?? 0) + (found.unnamed ?? 0) : found.missing;
  if (found.verdict === "short") return t("history.shortText", { count: missing });
  return t(found.verdict === "complete" ? "history.completeText" : "history.unprovenText");
}

/** Return the first moment of a day, or its last, in UTC; nothing for nothing. @param {string | undefined} day @param {"first" | "last"} which */
export function momentOf(day, which) {
  if (!day) return "";
  return `${day}T${which === "first" ? "00:00:00" : "23:59:59.999999"}Z`;
}

/** Return the name of a member of a configuration, such as "Schedule" or "Settings: pageSize". @param {string} field */
export function memberOf(field) {
  const known = wordFor("historyMember", field);
  if (known !== field) return known;
  const [head, ...rest] = field.split(".");
  const group = wordFor("historyMember", head);
  return rest.length > 0 && group !== head ? `${group}: ${rest.join(".")}` : field;
}
