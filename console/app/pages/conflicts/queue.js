// @ts-check
/** The conflicts that wait for a decision, and those that were decided. */
import { pathOf, withQuery } from "../../api.js";
import { plain } from "../../format.js";
import { useList } from "../../hooks.js";
import { Empty, Filters, ListTable, Section, SelectField, Status, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href, setQuery } from "../../router.js";
import { fieldName, t, wordFor } from "../../words.js";
import { contestedOf, reasonOf } from "./facts.js";

const LIMIT = 25;
const ALL = "all";

/** @param {{integration: any, query: Record<string, string>}} props */
export function Queue({ integration, query }) {
  const bridge = integration.kind === "oneflow";
  const list = useList(withQuery(pathOf(integration.id, "conflicts"), { limit: LIMIT, status: query.status, entityType: query.type }));
  const change = (/** @type {Record<string, string>} */ changes) => setQuery({ ...query, ...changes });
  const status = ["", "resolved", ALL].map((value) => ({ value, name: t(`conflicts.status_${value || "open"}`) }));
  const types = ["", "suppliers", "products"].map((value) => ({ value, name: value ? wordFor("kinds", value) : t("records.all") }));
  const empty = query.status || query.type ? "noMatch" : "empty";
  return html`<div class="records-list"><${Section} lands title=${t("conflicts.title")} lead=${t(bridge ? "conflicts.leadOneflow" : "conflicts.lead")}>
    ${!bridge && html`<${Filters} onClear=${empty === "noMatch" ? () => setQuery({}) : undefined}>
      <${SelectField} label=${t("records.status")} value=${query.status ?? ""} set=${(/** @type {string} */ value) => change({ status: value })} options=${status} />
      <${SelectField} label=${t("conflicts.type")} value=${query.type ?? ""} set=${(/** @type {string} */ value) => change({ type: value })} options=${types} />
    </${Filters}>`}
    <${ListTable}
      list=${list}
      caption=${t("conflicts.title")}
      columns=${bridge ? contractColumns(integration) : recordColumns(integration, query)}
      empty=${html`<${Empty} title=${t(`conflicts.${empty}`)}>${t(`conflicts.${empty}Detail`)}</${Empty}>`}
    />
  </${Section}></div>`;
}

/** @param {any} integration @param {any} row @param {any} text */
const link = (integration, row, text) => html`<a href=${href(["integrations", integration.id, "conflicts", row.id])}>${text}</a>`;

/** @param {any} integration @param {Record<string, string>} query */
function recordColumns(integration, query) {
  const shown = query.status ? [{ name: t("records.status"), show: (/** @type {any} */ row) => html`<${Status} state=${row.status} />` }] : [];
  return [
    { name: t("records.record"), main: true, wide: true, show: (/** @type {any} */ row) => html`${link(integration, row, row.name ?? row.externalId)}${row.number && html` <span class="muted">${row.number}</span>`}` },
    { name: t("conflicts.kind"), wide: true, show: (/** @type {any} */ row) => wordFor("conflictKinds", reasonOf(row)) },
    { name: t("conflicts.fields"), wide: true, show: (/** @type {any} */ row) => contestedOf(row).map(({ name }) => fieldName(name)).join(", ") },
    ...shown,
    { name: t("conflicts.since"), show: (/** @type {any} */ row) => html`<${Time} at=${row.detectedAt} />` },
  ];
}

/** @param {any} integration */
function contractColumns(integration) {
  return [
    { name: t("conflicts.contract"), main: true, wide: true, show: (/** @type {any} */ row) => link(integration, row, row.contractName || row.contractId) },
    { name: t("records.field"), show: (/** @type {any} */ row) => row.field },
    { name: t("conflicts.dynamics"), wide: true, show: (/** @type {any} */ row) => plain(row.dynamics) },
    { name: t("conflicts.oneflow"), wide: true, show: (/** @type {any} */ row) => plain(row.oneflow) },
    { name: t("conflicts.since"), show: (/** @type {any} */ row) => html`<${Time} at=${row.detectedAt} />` },
  ];
}
