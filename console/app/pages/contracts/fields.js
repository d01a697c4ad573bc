// @ts-check
/** The mapped fields of a contract: what both sides hold, and how that stands. */
import { DataTable, Empty, Status, Value } from "../../kit.js";
import { html } from "../../preact.js";
import { t, wordFor } from "../../words.js";

/** @param {{fields: any[], labels?: Record<string, string>, empty?: any}} props `labels` by table, lookup and column: see labelKey */
export function FieldTable({ fields, labels = {}, empty }) {
  const none = empty ?? html`<${Empty} title=${t("contracts.noFields")}>${t("contracts.noFieldsDetail")}</${Empty}>`;
  const columns = [
    { name: t("contracts.field"), main: true, wide: true, show: (/** @type {any} */ each) => name(each, labels) },
    { name: t("contracts.standing"), show: standing },
    { name: t("contracts.base"), show: (/** @type {any} */ each) => html`<${Value} value=${each.base} />`, wide: true },
    { name: t("contracts.dynamics"), show: (/** @type {any} */ each) => side(each, "dynamics"), wide: true },
    { name: t("contracts.oneflow"), show: (/** @type {any} */ each) => side(each, "oneflow"), wide: true },
  ];
  return html`<div class="contracts-fields"><${DataTable} caption=${t("contracts.fields")} columns=${columns} rows=${fields} keyOf=${labelKey} empty=${none} /></div>`;
}

/** Return what a field is found by. @param {{dynamicsEntity: string, via: string | null, field: string}} each */
export const labelKey = (each) => `${each.dynamicsEntity}|${each.via ?? ""}|${each.field}`;

/** Return the labels of fields as `entities/…/fields?expand=related` tells them. @param {string} entity @param {any} body */
export function labelsOf(entity, body) {
  const own = body.data.map((/** @type {any} */ each) => [labelKey({ dynamicsEntity: entity, via: null, field: each.name }), each.label]);
  const related = (body.related ?? []).flatMap((/** @type {any} */ group) =>
    group.fields.map((/** @type {any} */ each) => [labelKey({ dynamicsEntity: group.entity, via: group.via, field: each.name }), `${group.label}: ${each.label}`]),
  );
  return Object.fromEntries([...own, ...related]);
}

/** Return the label of a field that a push or fetch tells of, by its data field: each is filled once. @param {{oneflowField: string}} told @param {any[]} fields of the contract @param {Record<string, string>} labels */
export function labelOf(told, fields, labels) {
  const mapped = fields.find((each) => each.oneflowField === told.oneflowField);
  return mapped && labels[labelKey(mapped)];
}

/** @param {any} each @param {Record<string, string>} labels */
export function name(each, labels = {}) {
  return html`${labels[labelKey(each)] ?? each.field}<span class="field-help"><code>${each.field}</code> → <code>${each.oneflowField}</code> · ${wordFor("directions", each.direction)}</span>`;
}

/** @param {any} each @param {"dynamics" | "oneflow"} one */
function side(each, one) {
  const changed = each.status === "conflict" || each.status === `${one}_changed`;
  return html`<${Value} value=${each[one]} mark=${changed ? "ins" : ""} />`;
}

/** @param {any} each */
function standing(each) {
  return html`<${Status} state=${each.status} />${each.problem && html`<span class="field-help contracts-reason">${each.problem.reason}</span>`}`;
}
