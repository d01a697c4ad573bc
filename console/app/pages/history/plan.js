// @ts-check
/** A plan: what a run would do, row by row, and the button that does it. */
import { get, pathOf, post, withQuery } from "../../api.js";
import { number } from "../../format.js";
import { useList, useLoad, useSubmit } from "../../hooks.js";
import { Banner, Button, Confirm, Empty, Facts, Filters, ListTable, Loaded, ProblemBanner, Section, SelectField, Time, toast, Value } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { fieldName, t, wordFor } from "../../words.js";

const PAGE = 25;
const EFFECTS = ["create", "update", "error", "conflict", "gone"];

/** @param {{integration: any, run: any, again: () => void}} props */
export function PlanSection({ integration, run, again }) {
  const path = (/** @type {string[]} */ ...rest) => pathOf(integration.id, "plans", run.id, ...rest);
  const loaded = useLoad((signal) => get(path(), { signal }), [run.id, run.endedAt]);
  return html`<${Section} title=${t("history.plan")}>
    <${Loaded} of=${loaded} lines=${5}>${(/** @type {any} */ reply) => html`<${Shown} plan=${reply.data} path=${path} again=${again} />`}</${Loaded}>
  </${Section}>`;
}

/** @param {{plan: any, path: (...rest: string[]) => string, again: () => void}} props */
function Shown({ plan, path, again }) {
  const kept = plan.changes !== undefined;
  const state = plan.appliedAt ? "planApplied" : "planExpired";
  return html`
    ${kept ? html`<${Apply} plan=${plan} path=${path} again=${again} />` : html`<${Banner} title=${t(`history.${state}`)}>${plan.appliedAt && html`<${Time} at=${plan.appliedAt} exact />`}</${Banner}>`}
    ${kept && html`<${Rows} path=${path} />`}
  `;
}

/** @param {{plan: any, path: (...rest: string[]) => string, again: () => void}} props */
function Apply({ plan, path, again }) {
  const [asking, setAsking] = useState(false);
  const apply = useSubmit(() => post(path("apply"), {}, { headers: { Prefer: "respond-async" } }).then(() => (setAsking(false), toast(t("history.began")), again())));
  const counted = Object.values(plan.entities).reduce((sum, each) => sum + each.created + each.updated + each.gone, 0);
  return html`
    <div class="history-plan">
      <${Facts} columns facts=${[[t("history.wouldWrite"), number(counted)], [t("history.goodUntil"), html`<${Time} coming at=${plan.expiresAt} exact />`]]} />
      <${Button} kind="primary" disabled=${counted === 0} onClick=${() => setAsking(true)}>${t("history.apply")}</${Button}>
    </div>
    ${asking && html`<${Confirm} kind="primary" title=${t("history.applyTitle")} verb=${t("history.apply")} submit=${apply} onClose=${() => setAsking(false)}>${t("history.applyText", { count: counted })}</${Confirm}>`}
    <${ProblemBanner} problem=${asking ? null : apply.problem} />
  `;
}

/** @param {{path: (...rest: string[]) => string}} props */
function Rows({ path }) {
  const [entity, setEntity] = useState("");
  const [action, setAction] = useState("");
  const list = useList(withQuery(path("changes"), { limit: PAGE, entity, action }));
  const any = { value: "", name: t("history.any") };
  return html`
    <${Filters}>
      <${SelectField} label=${t("history.what")} value=${entity} set=${setEntity} options=${[any, ...["suppliers", "products"].map((value) => ({ value, name: wordFor("kinds", value) }))]} />
      <${SelectField} label=${t("history.action")} value=${action} set=${setAction} options=${[any, ...EFFECTS.map((value) => ({ value, name: wordFor("historyEffect", value) }))]} />
    </${Filters}>
    <${ListTable} list=${list} caption=${t("history.plan")} columns=${columns()} keyOf=${(/** @type {any} */ row) => `${row.entityType} ${row.externalId}`} empty=${html`<${Empty} title=${t("history.planEmpty")}>${t("history.planEmptyText")}</${Empty}>`} />
  `;
}

/** @returns {any[]} */
function columns() {
  return [
    { name: t("history.record"), main: true, wide: true, show: (/** @type {any} */ row) => row.fields.name?.to ?? row.fields.name?.from ?? row.externalId },
    { name: t("history.what"), show: (/** @type {any} */ row) => wordFor("historyType", row.entityType) },
    { name: t("history.action"), show: (/** @type {any} */ row) => wordFor("historyEffect", row.action) },
    { name: t("history.fields"), wide: true, show: (/** @type {any} */ row) => fields(row) },
  ];
}

/** @param {any} row */
function fields(row) {
  if (row.error) return row.error.error;
  const changes = Object.entries(row.fields);
  return html`<ul class="diff">${changes.map(([name, change]) => html`<li key=${name}>${fieldName(name)}: ${row.action === "update" && html`<${Value} value=${change.from} mark="del" /> `}<${Value} value=${change.to} mark=${row.action === "update" ? "ins" : ""} /></li>`)}</ul>`;
}
