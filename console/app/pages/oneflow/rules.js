// @ts-check
/** What a mapping may be, as the API checks it; pure. */

/**
 * @typedef {{id: string, dynamicsEntity: string, via: string | null, dynamicsField: string, oneflowField: string, direction: string, conflict: string, timeZone: string | null}} Row
 * @typedef {{fields: Row[], templateId: string | null, workspaceId: string | null, products: boolean, keyField: string | null}} Mapping
 * @typedef {{entity: string, via: string | null, label: string, fields: any[]}} Group
 * @typedef {{pointer: string, code: string, detail?: string}} Finding
 */

const FIRST = ["opportunity", "quote"];

/** Return the tables that can be mapped: opportunity and quote first, then mapped ones, then by their labels. @param {any[]} entities @param {string} search */
export function tablesFor(entities, search) {
  const wanted = search.trim().toLowerCase();
  const place = (/** @type {any} */ each) => [FIRST.indexOf(each.logicalName) + 1 || FIRST.length + (each.mappedFields ? 1 : 2), each.label.toLowerCase()];
  return entities
    .filter((each) => !each.virtual && `${each.label} ${each.logicalName}`.toLowerCase().includes(wanted))
    .sort((one, other) => compare(place(one), place(other)));
}

/** Return what is edited of a mapping as the API shows it. @param {any} shown @returns {Mapping} */
export function editable(shown) {
  const { fields, templateId, workspaceId, products, keyField } = shown;
  return { fields: fields.map((/** @type {any} */ row, /** @type {number} */ index) => ({ ...row, id: `row-${index + 1}` })), templateId, workspaceId, products, keyField };
}

/** Return what is sent. @param {Mapping} mapping */
export function bodyOf(mapping) {
  return {
    ...mapping,
    keyField: mapping.keyField || null,
    templateId: mapping.templateId || null,
    workspaceId: mapping.workspaceId || null,
    fields: mapping.fields.map(({ id: _, ...row }) => ({ ...row, timeZone: row.timeZone || null })),
  };
}

/** @param {Mapping} one @param {Mapping} other */
export const isSame = (one, other) => canonical(bodyOf(one)) === canonical(bodyOf(other));

/** Return the table and field of a row, undefined when they are not there any more. @param {Group[]} groups @param {{dynamicsEntity: string, via: string | null, dynamicsField: string}} row */
export function fieldOf(groups, row) {
  const group = groups.find((each) => each.entity === row.dynamicsEntity && each.via === row.via);
  const field = group?.fields.find((each) => each.name === row.dynamicsField);
  return group && field ? { group, field } : undefined;
}

/** Return a new row for a field, with the Oneflow field that is called the same. @param {Mapping} mapping @param {Group} group @param {any} field @param {any} template @returns {Row} */
export function rowFor(mapping, group, field, template) {
  const last = Math.max(0, ...mapping.fields.map((each) => Number(each.id.slice(4))));
  return {
    id: `row-${last + 1}`,
    dynamicsEntity: group.entity,
    via: group.via,
    dynamicsField: field.name,
    oneflowField: suggestion(mapping, field, template),
    direction: "dynamics_to_oneflow",
    conflict: "manual",
    timeZone: null,
  };
}

/** Return the data fields of a template that contracts can fill, null without a template. @param {any} template */
export const fillable = (template) => template?.fields.filter((/** @type {any} */ each) => each.active && !each.system) ?? null;

/** Return everything that the API would refuse, as far as it can be known here. @param {Mapping} mapping @param {Group[]} groups @param {any} template @returns {Finding[]} */
export function check(mapping, groups, template) {
  const rows = mapping.fields.flatMap((row, index) =>
    [...ofName(mapping.fields, row, index), ...ofTemplate(row.oneflowField, "oneflowField", template), ...ofField(mapping.fields, row, index, groups)].map((each) => ({ ...each, pointer: `/fields/${index}/${each.pointer}` })),
  );
  return [...rows, ...ofWhole(mapping, template)];
}

/** Return rows with one of them moved up (-1) or down (1). @param {Row[]} rows @param {number} index @param {-1 | 1} by */
export function moved(rows, index, by) {
  const to = index + by;
  if (to < 0 || to >= rows.length) return rows;
  const next = [...rows];
  [next[index], next[to]] = [next[to], next[index]];
  return next;
}

/**
 * Return what differs between two mappings, by row; a side without the row has null.
 * @param {Mapping} mine @param {Mapping} theirs
 */
export function differences(mine, theirs) {
  const keys = new Set([...theirs.fields, ...mine.fields].map(keyOf));
  const side = (/** @type {Mapping} */ mapping, /** @type {string} */ key) => mapping.fields.find((each) => keyOf(each) === key) ?? null;
  const rows = [...keys].map((key) => ({ key, theirs: side(theirs, key), mine: side(mine, key) }));
  return rows.filter((each) => canonical(plainRow(each.theirs)) !== canonical(plainRow(each.mine)));
}

/** @param {Row} row */
export const keyOf = (row) => [row.dynamicsEntity, row.via ?? "", row.dynamicsField].join("|");

/** @param {Row | null} row */
const plainRow = (row) => (row ? bodyOf({ fields: [row], templateId: null, workspaceId: null, products: false, keyField: null }).fields[0] : null);

/** @param {Row[]} rows @param {Row} row @param {number} index @returns {Finding[]} */
function ofName(rows, row, index) {
  if (!row.oneflowField.trim()) return [{ pointer: "oneflowField", code: "ONEFLOW_NAME_MISSING" }];
  return rows.slice(0, index).some((each) => each.oneflowField === row.oneflowField) ? [{ pointer: "oneflowField", code: "ONEFLOW_NAME_NOT_UNIQUE" }] : [];
}

/** @param {string} name @param {string} pointer @param {any} template @returns {Finding[]} */
function ofTemplate(name, pointer, template) {
  if (!template || !name.trim()) return [];
  const known = template.fields.find((/** @type {any} */ each) => each.customId === name);
  const code = !known ? "UNKNOWN_ONEFLOW_FIELD" : !known.active ? "INACTIVE_ONEFLOW_FIELD" : known.system ? "ONEFLOW_FIELD_READ_ONLY" : "";
  return code ? [{ pointer, code }] : [];
}

/** @param {Row[]} rows @param {Row} row @param {number} index @param {Group[]} groups @returns {Finding[]} */
function ofField(rows, row, index, groups) {
  const found = fieldOf(groups, row);
  if (!found) return [{ pointer: "dynamicsField", code: "UNKNOWN_FIELD" }];
  const twice = rows.slice(0, index).some((each) => keyOf(each) === keyOf(row));
  const barred = row.direction === "two_way" && !found.field.twoWay;
  return [
    ...(twice ? [{ pointer: "dynamicsField", code: "DYNAMICS_FIELD_TWICE" }] : []),
    ...(barred ? [{ pointer: "direction", code: "TWO_WAY_NOT_AVAILABLE", detail: found.field.reason }] : []),
    ...(row.timeZone && found.field.type !== "DateTime" ? [{ pointer: "timeZone", code: "TIME_ZONE_NOT_NEEDED" }] : []),
  ];
}

/** @param {Mapping} mapping @param {any} template @returns {Finding[]} */
function ofWhole(mapping, template) {
  const key = mapping.keyField ?? "";
  const taken = key && mapping.fields.some((each) => each.oneflowField === key);
  return [
    ...(mapping.workspaceId && !mapping.templateId ? [{ pointer: "/templateId", code: "TEMPLATE_MISSING" }] : []),
    ...(taken ? [{ pointer: "/keyField", code: "KEY_FIELD_MAPPED" }] : ofTemplate(key, "/keyField", template)),
    ...(mapping.products && template && !template.takesProducts ? [{ pointer: "/products", code: "PRODUCTS_NOT_TAKEN" }] : []),
  ];
}

/** @param {Mapping} mapping @param {any} field @param {any} template */
function suggestion(mapping, field, template) {
  const taken = new Set([...mapping.fields.map((each) => each.oneflowField), mapping.keyField]);
  const free = (fillable(template) ?? []).filter((/** @type {any} */ each) => !taken.has(each.customId));
  const names = [field.name, field.label].map(plainName);
  return free.find((/** @type {any} */ each) => names.includes(plainName(each.customId)) || names.includes(plainName(each.name)))?.customId ?? "";
}

/** @param {string} text */
const plainName = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");

/** @param {any} value */
const canonical = (value) => JSON.stringify(value, value && Object.keys(flat(value)).sort());

/** @param {any} value @returns {Record<string, true>} */
function flat(value) {
  if (Array.isArray(value)) return Object.assign({}, ...value.map(flat));
  if (!value || typeof value !== "object") return {};
  return Object.assign(Object.fromEntries(Object.keys(value).map((name) => [name, true])), ...Object.values(value).map(flat));
}

/** @param {any[]} one @param {any[]} other */
const compare = (one, other) => one[0] - other[0] || (one[1] < other[1] ? -1 : 1);
