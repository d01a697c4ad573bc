// @ts-check
/** The settings that the API knows, as fields of a form and back; pure. */

/** @typedef {{name: string, kinds: string[], type: "number" | "percent" | "flag" | "text", fallback: string | boolean, min?: number, max?: number}} Setting */

const SUPPLY = ["business_central"];
const BRIDGE = ["oneflow"];

/** @type {Setting[]} `fallback` is what the hub does without the setting */
export const SETTINGS = [
  { name: "realtime", kinds: [...SUPPLY, ...BRIDGE], type: "flag", fallback: true },
  { name: "automatic", kinds: BRIDGE, type: "flag", fallback: false },
  { name: "overlapSeconds", kinds: SUPPLY, type: "number", fallback: "600", min: 0, max: 86_400 },
  { name: "pageSize", kinds: SUPPLY, type: "number", fallback: "10000", min: 100, max: 20_000 },
  { name: "largestLoss", kinds: SUPPLY, type: "percent", fallback: "50", min: 0, max: 100 },
  { name: "contractTable", kinds: BRIDGE, type: "text", fallback: "" },
  { name: "contractColumn", kinds: BRIDGE, type: "text", fallback: "of_contractid" },
];

/** The breaker's limits: which record they are of, which member, what holds without them. */
export const LIMITS = [
  { name: "changesShare", of: "changes", member: "share", fallback: "50" },
  { name: "changesCount", of: "changes", member: "count", fallback: "100" },
  { name: "blanksShare", of: "blanks", member: "share", fallback: "20" },
  { name: "blanksCount", of: "blanks", member: "count", fallback: "10" },
];

/** Return the settings of a kind. @param {string} kind */
export const settingsOf = (kind) => SETTINGS.filter((each) => each.kinds.includes(kind));

/** Return what the form shows: texts, flags, blank for what is not set. @param {any} integration @returns {Record<string, any>} */
export function readSettings({ kind, settings }) {
  const shown = Object.fromEntries(settingsOf(kind).map((each) => [each.name, shownAs(each, settings[each.name])]));
  if (kind !== "business_central") return shown;
  const { breaker } = settings;
  const limits = LIMITS.map(({ name, of, member }) => [name, limitText(member, breaker?.[of]?.[member])]);
  return { ...shown, breaker: breaker !== false, ...Object.fromEntries(limits) };
}

/** Return the merge patch of what was changed; a blank takes a setting away. @param {any} integration @param {Record<string, any>} changes */
export function writeSettings(integration, changes) {
  const named = settingsOf(integration.kind).filter((each) => each.name in changes).map((each) => [each.name, sentAs(each, changes[each.name])]);
  const settings = Object.fromEntries(named);
  const touched = "breaker" in changes || LIMITS.some(({ name }) => name in changes);
  return { settings: touched ? { ...settings, breaker: breakerOf({ ...readSettings(integration), ...changes }) } : settings };
}

/** Return the JSON pointer of a value of the form. @param {string} name */
export function settingPointer(name) {
  const limit = LIMITS.find((each) => each.name === name);
  return limit ? `/settings/breaker/${limit.of}/${limit.member}` : `/settings/${name}`;
}

/** @param {Record<string, any>} values */
function breakerOf(values) {
  if (!values.breaker) return false;
  /** @type {Record<string, Record<string, any>>} */
  const told = { changes: {}, blanks: {} };
  for (const { name, of, member } of LIMITS) told[of][member] = member === "share" ? shareOf(values[name]) : numberOf(values[name]);
  return told;
}

/** @param {Setting} setting @param {any} value */
function shownAs({ type, fallback }, value) {
  if (type === "flag") return value ?? fallback;
  if (value == null) return "";
  return type === "percent" ? limitText("share", value) : String(value);
}

/** @param {Setting} setting @param {any} value */
function sentAs({ type, fallback }, value) {
  if (type === "flag") return value === fallback ? null : value;
  if (type === "percent") return shareOf(value);
  return type === "number" ? numberOf(value) : value.trim() || null;
}

/** @param {string} member @param {number | null | undefined} value */
function limitText(member, value) {
  if (value == null) return "";
  return String(member === "share" ? Number((value * 100).toFixed(4)) : value);
}

/** A text that is no number is sent as it is: the API says what is wrong with it. @param {string} text */
function numberOf(text) {
  const trimmed = text.trim();
  return trimmed === "" ? null : Number.isFinite(Number(trimmed)) ? Number(trimmed) : trimmed;
}

/** @param {string} text */
function shareOf(text) {
  const percent = numberOf(text);
  return typeof percent === "number" ? percent / 100 : percent;
}
