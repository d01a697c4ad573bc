// @ts-check
/** What is known about a record, arranged for people; pure. */
import { CUSTOM } from "../../words.js";

/** @typedef {"suppliers" | "products"} Entity */

/** The platform's fields, in their order. @type {Record<Entity, string[]>} */
export const FIELDS = {
  suppliers: ["name", "number", "address", "city", "state", "country", "postalCode", "email", "phone", "website", "taxId", "blocked"],
  products: ["name", "number", "hsCode", "type", "category", "unit", "gtin", "countryOfOrigin", "blocked"],
};
/** The name of an entity type in logs and conflicts. */
export const LOG_NAMES = { suppliers: "SUPPLIER", products: "PRODUCT" };
/** How the state of an explanation looks. @type {Record<string, import("../../kit/status.js").Tone>} */
export const TONES = {
  in_sync: "ok",
  pending: "info",
  failed: "bad",
  held: "warn",
  conflict: "warn",
  pinned: "info",
  excluded: "idle",
  gone: "idle",
  platform_made: "idle",
  unknown: "warn",
};

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const COMING = new Set(["SOURCE_CHANGED", "MAPPING_CHANGED", "RETURNED", "MENDED"]);

/** Return an entity type that exists. @param {string | undefined} text @returns {Entity} */
export const entityOf = (text) => (text === "products" ? "products" : "suppliers");

/** Return the entity type of a log name. @param {string} name @returns {Entity} */
export const entityNamed = (name) => (name === "PRODUCT" ? "products" : "suppliers");

/** Return the id by which the API knows a record. @param {any} record @returns {string} */
export const idOf = (record) => record.externalId ?? record.recordId;

/** Return whether Business Central can be asked for a record by its id. @param {string} id */
export const askable = (id) => GUID.test(id);

/** Return the value of a field, custom fields by `custom.<name>`. @param {any} record @param {string} name */
export function valueOf(record, name) {
  return (name.startsWith(CUSTOM) ? record?.custom?.[name.slice(CUSTOM.length)] : record?.[name]) ?? null;
}

/** Return all fields of a record: the platform's own, then custom ones. @param {Entity} entity @param {any} record @param {Record<string, any> | null} values of the source */
export function namesOf(entity, record, values) {
  const custom = Object.keys(record?.custom ?? {}).map((name) => CUSTOM + name);
  const mapped = Object.keys(values ?? {}).filter((name) => name.startsWith(CUSTOM));
  return [...new Set([...FIELDS[entity], ...custom, ...mapped])];
}

/**
 * Return both sides of each field; `source` is undefined when it is not known, or when the field is the platform's `own`.
 * @param {Entity} entity @param {any} record @param {any} explained the answer of `explain`, null as long as it is not there
 */
export function sidesOf(entity, record, explained) {
  const values = explained?.source?.values ?? null;
  return namesOf(entity, record, values).map((name) => {
    const stored = valueOf(record, name);
    const source = values && name in values ? values[name] : undefined;
    const own = values !== null && name.startsWith(CUSTOM) && source === undefined;
    const pinned = Boolean(record?.pinned?.includes(name));
    const differs = source !== undefined && record !== null && source !== stored;
    return { name, stored, source, own, pinned, differs, note: noteOf(differs, pinned, explained?.because?.code) };
  });
}

/** Return why both sides of a field differ, "" when they do not. @param {boolean} differs @param {boolean} pinned @param {string} [code] */
export function noteOf(differs, pinned, code = "") {
  if (!differs) return pinned ? "pinned" : "";
  if (code === "IN_CONFLICT") return "waiting";
  if (pinned) return "kept";
  return COMING.has(code) ? "coming" : "edited";
}

/** Return what was typed as the API takes it; a custom field keeps the type that it had. @param {string} text @param {any} before @param {boolean} [flag] */
export function typed(text, before, flag = false) {
  if (text === "") return null;
  if (flag || typeof before === "boolean") return text === "true" ? true : text === "false" ? false : text;
  return typeof before === "number" && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Return the body that changes what was typed, null when nothing is different. @param {Entity} entity @param {any} record @param {Record<string, string>} changes */
export function patchOf(entity, record, changes) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const [name, text] of Object.entries(changes)) {
    const before = valueOf(record, name);
    const value = typed(text, before, entity === "products" && name === "blocked");
    if (value === before) continue;
    if (name.startsWith(CUSTOM)) body.custom = { ...body.custom, [name.slice(CUSTOM.length)]: value };
    else body[name] = value;
  }
  return Object.keys(body).length > 0 ? body : null;
}

/** Return the pins after one of them was set or taken off. @param {string[]} pins @param {string} name */
export function togglePin(pins, name) {
  return pins.includes(name) ? pins.filter((each) => each !== name) : [...pins, name];
}

/** Return the fields that somebody else changed between two readings of a record. @param {Entity} entity @param {any} before @param {any} after */
export function movedBetween(entity, before, after) {
  const names = [...new Set([...namesOf(entity, before, null), ...namesOf(entity, after, null)])];
  const rows = names.map((name) => ({ name, before: valueOf(before, name), after: valueOf(after, name) }));
  const pins = { name: "pinned", before: [...(before.pinned ?? [])].sort().join(", "), after: [...(after.pinned ?? [])].sort().join(", ") };
  return [...rows, pins].filter((row) => row.before !== row.after);
}

/** Return in one word what reading a record again came to. @param {any} counts of the entity type */
export function outcomeOf(counts) {
  const found = ["errors", "conflicts", "created", "updated", "unchanged"].find((name) => counts?.[name] > 0);
  return found ?? "absent";
}
