// @ts-check
/** Setup Entities: the tables of Dynamics that contracts can be made from. */
import { get, pathOf } from "../../api.js";
import { useLoad } from "../../hooks.js";
import { DataTable, Empty, Filters, Loaded, Section, Status, TextField } from "../../kit.js";
import { html } from "../../preact.js";
import { href, setQuery } from "../../router.js";
import { t } from "../../words.js";
import { tablesFor } from "./rules.js";

const MOST = 25;

/** @param {{integration: any, query: Record<string, string>}} props */
export function Entities({ integration, query }) {
  const loaded = useLoad((signal) => get(pathOf(integration.id, "entities"), { signal }), [integration.id]);
  return html`<${Section} lands title=${t("oneflow.entities")} lead=${t("oneflow.entitiesLead")}>
    <${Filters}>
      <${TextField} label=${t("oneflow.search")} type="search" value=${query.search ?? ""} set=${(/** @type {string} */ search) => setQuery({ search })} />
    </${Filters}>
    <${Loaded} of=${loaded} lines=${8}>${(/** @type {any} */ reply) => tables(integration, reply.data, query.search ?? "")}</${Loaded}>
  </${Section}>`;
}

/** @param {any} integration @param {any[]} entities @param {string} search */
function tables(integration, entities, search) {
  const found = tablesFor(entities, search);
  const rest = found.length - MOST;
  const columns = [
    { name: t("oneflow.table"), main: true, show: (/** @type {any} */ each) => name(integration, each) },
    { name: t("oneflow.dataFields"), show: (/** @type {any} */ each) => mapped(each.mappedFields) },
  ];
  const empty = html`<${Empty} title=${t("oneflow.noTable")}>${t("oneflow.noTableDetail")}</${Empty}>`;
  return html`
    <${DataTable} caption=${t("oneflow.entities")} columns=${columns} rows=${found.slice(0, MOST)} keyOf=${(/** @type {any} */ each) => each.logicalName} empty=${empty} />
    ${rest > 0 && html`<p class="muted small oneflow-rest">${t("oneflow.moreTables", { count: rest })}</p>`}
  `;
}

/** @param {any} integration @param {any} each */
function name(integration, each) {
  return html`<a href=${href(["integrations", integration.id, "oneflow", each.logicalName])}>${each.label}</a> <code class="muted">${each.logicalName}</code>`;
}

/** @param {number} count */
function mapped(count) {
  if (!count) return html`<span class="muted">${t("oneflow.notMapped")}</span>`;
  return html`<${Status} state="active" text=${t("oneflow.mapped", { count })} />`;
}
