// @ts-check
/** A mapping as the editor holds it: the API's own document, and pure questions about it. */
import { CUSTOM } from "../../words.js";

/**
 * @typedef {{name: string, [option: string]: any}} Step one transform with its options
 * @typedef {{source: string | string[] | null, target: string, transform?: any, default?: any, required?: boolean}} Rule
 * @typedef {{route: string, entitySet: string, prefix?: string, on?: string, modifiedField?: string | null}} Joined
 * @typedef {{route: string, entitySet: string, filter?: string, joins?: Joined[], [more: string]: any}} Origin
 * @typedef {{source: Origin, fields: Rule[]}} Mapping
 * @typedef {{name: string, kind: "text" | "flag" | "scalar", maxLength: number | null, required: boolean}} Target
 * @typedef {{name: string, combines: boolean, options: Array<{name: string, kind: string, required: boolean}>}} Transform
 * @typedef {{target: string, sources: string[], steps: Step[], default: string, required: boolean}} Draft a rule as a form holds it
 */

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const LISTS = new Set(["words"]);
const TABLES = new Set(["codes", "table"]);
const NUMBERS = new Set(["index", "size"]);

/** Return what is saved of an answer of the API. @param {any} told @returns {Mapping} */
export const mappingOf = ({ source, fields }) => ({ source, fields });

/** Return a rule's source expressions. @param {Rule} rule @returns {string[]} */
export const sourcesOf = (rule) => (rule.source === null ? [] : [rule.source].flat());

/** Return a rule's transforms, each with its name. @param {Rule} rule @returns {Step[]} */
export function stepsOf(rule) {
  const told = rule.transform === undefined ? [] : [rule.transform].flat();
  return told.map((each) => (typeof each === "string" ? { name: each } : each));
}

/** Return a rule as a form holds it. @param {Rule} rule @returns {Draft} */
export function draftOf(rule) {
  const text = rule.default === undefined || rule.default === null ? "" : String(rule.default);
  return { target: rule.target, sources: sourcesOf(rule), steps: stepsOf(rule), default: text, required: rule.required ?? false };
}

/** Return what a form holds as a rule; what has its usual value is left out. @param {Draft} draft @param {Target[]} targets @returns {Rule} */
export function ruleOf(draft, targets) {
  const sources = draft.sources.map((each) => each.trim()).filter(Boolean);
  const steps = draft.steps.map((each) => (Object.keys(each).length === 1 ? each.name : each));
  return {
    source: sources.length > 1 ? sources : (sources[0] ?? null),
    target: draft.target.trim(),
    ...(steps.length > 0 && { transform: steps.length === 1 ? steps[0] : steps }),
    ...(draft.default !== "" && { default: scalarOf(draft.default, kindOf(draft.target, targets)) }),
    ...(draft.required && { required: true }),
  };
}

/** Return which values a target holds; fields of one's own hold any. @param {string} name @param {Target[]} targets */
export const kindOf = (name, targets) => targets.find((each) => each.name === name)?.kind ?? "scalar";

/** Return a typed text as the value of a target. @param {string} text @param {string} kind */
export function scalarOf(text, kind) {
  if (kind !== "text" && (text === "true" || text === "false")) return text === "true";
  return kind === "scalar" && NUMBER.test(text) ? Number(text) : text;
}

/** Return an option's value as a form shows it. @param {any} value @param {string} kind */
export function optionText(value, kind) {
  if (value === undefined || value === null) return "";
  if (LISTS.has(kind)) return value.join(", ");
  if (TABLES.has(kind) && typeof value === "object") return Object.entries(value).map(([from, to]) => `${from} = ${to ?? ""}`).join("\n");
  return String(value);
}

/** Return an option's text as it was typed, as long as it means what is held. @param {string} typed @param {any} value @param {string} kind */
export const asTyped = (typed, value, kind) => (JSON.stringify(optionOf(typed, kind)) === JSON.stringify(value) ? typed : optionText(value, kind));

/** Return what keeps a held option from being taken: a word for it, and its line in a table; null when nothing does. @param {any} value @param {string} kind */
export function optionTrouble(value, kind) {
  if (value === undefined) return null;
  if (NUMBERS.has(kind)) return Number.isInteger(value) && value >= (kind === "size" ? 1 : 0) ? null : { word: "notWhole", line: 0 };
  return TABLES.has(kind) && typeof value === "string" ? tableTrouble(value) : null;
}

/** Tell whether an option of a step cannot be taken as it was typed. @param {Step[]} steps @param {Transform[]} transforms */
export const isTroubled = (steps, transforms) =>
  steps.some((step) => (transforms.find((each) => each.name === step.name)?.options ?? []).some((option) => optionTrouble(step[option.name], option.kind)));

/** Return a typed option as the API takes it, undefined when nothing is typed, the text itself when it is no such option (yet). @param {string} text @param {string} kind */
export function optionOf(text, kind) {
  if (text.trim() === "" && kind !== "text" && kind !== "word") return undefined;
  if (LISTS.has(kind)) return text.split(",").map((each) => each.trim()).filter(Boolean);
  if (TABLES.has(kind)) return tableTrouble(text) ? text : tableOf(text);
  if (NUMBERS.has(kind)) return NUMBER.test(text.trim()) ? Number(text) : text;
  return kind === "scalar" ? scalarOf(text, kind) : text;
}

/** @param {string} text */
const tableOf = (text) => Object.fromEntries(text.split("\n").filter((line) => line.trim()).map((line) => [keyOf(line), line.split("=").slice(1).join("=").trim()]));

/** Return the first line that is no entry of its own. @param {string} text */
function tableTrouble(text) {
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (!line.trim()) continue;
    if (!line.includes("=")) return { word: "noEntry", line: index + 1 };
    if (lines.slice(0, index).some((each) => each.trim() && keyOf(each) === keyOf(line))) return { word: "sameEntry", line: index + 1 };
  }
  return null;
}

/** @param {string} line */
const keyOf = (line) => line.split("=")[0].trim();

/** Return the fields that no rule fills yet. @param {Mapping} mapping @param {Target[]} targets */
export const unused = (mapping, targets) => targets.filter((each) => !mapping.fields.some((rule) => rule.target === each.name));

/** Tell whether two mappings do the same. @param {Mapping} one @param {Mapping} other */
export const isSame = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Return how many rules were added, removed or changed. @param {Mapping} before @param {Mapping} after */
export function changesOf(before, after) {
  const known = new Map(before.fields.map((rule) => [rule.target, JSON.stringify(sorted(rule))]));
  const kept = new Set(after.fields.map((rule) => rule.target));
  const changed = after.fields.filter((rule) => known.get(rule.target) !== JSON.stringify(sorted(rule))).length;
  const gone = [...known.keys()].filter((target) => !kept.has(target)).length;
  return changed + gone + (JSON.stringify(sorted(before.source)) === JSON.stringify(sorted(after.source)) ? 0 : 1);
}

/** Return the messages of a problem for one place in the mapping, such as `/fields/3`. @param {any} problem @param {string} place */
export function messagesAt(problem, place) {
  const found = (problem?.errors ?? []).filter((/** @type {any} */ each) => within(each.pointer.replace(/^\/mapping\//, "/"), place));
  return found.map((/** @type {any} */ each) => each.detail);
}

/** @param {string} pointer @param {string} place */
const within = (pointer, place) => pointer === place || pointer.startsWith(`${place}/`);

/** Return the name that a platform record shows a target by, and its value. @param {any} record @param {string} target */
export function valueAt(record, target) {
  if (!record) return null;
  return target.startsWith(CUSTOM) ? record.custom?.[target.slice(CUSTOM.length)] : record[target];
}

/** @param {any} value @returns {any} */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
}
