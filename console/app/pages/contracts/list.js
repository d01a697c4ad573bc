// @ts-check
/** The contracts of an integration, the newest first; or those of one record. */
import { pathOf, withQuery } from "../../api.js";
import { useList } from "../../hooks.js";
import { Button, ButtonLink, Empty, ListTable, Section, Status, Time } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { href, setQuery } from "../../router.js";
import { t } from "../../words.js";
import { isLocked, recordAddress } from "./links.js";
import { MappedTables, RecordField } from "./record-field.js";

const PAGE = 25;

/** @param {{integration: any, query: Record<string, string>}} props */
export function ContractList({ integration, query }) {
  const { entity = "", recordId = "" } = query;
  const filtered = Boolean(entity && recordId);
  const list = useList(withQuery(pathOf(integration.id, "oneflow", "contracts"), { limit: PAGE, ...(filtered ? { entity, recordId } : {}) }));
  const fresh = href(["integrations", integration.id, "contracts", "new"], filtered ? { entity, recordId } : {});
  const make = html`<${ButtonLink} kind="primary" icon="plus" href=${fresh}>${t("contracts.create")}</${ButtonLink}>`;
  return html`<${Section} lands title=${t("contracts.title")} lead=${t("contracts.lead")} actions=${make}>
    <${ByRecord} integration=${integration} entity=${entity} recordId=${recordId} />
    <${ListTable} list=${list} caption=${t("contracts.title")} columns=${columns(integration)} keyOf=${(/** @type {any} */ each) => each.contractId} empty=${empty(integration, filtered, make)} />
  </${Section}>`;
}

/** @param {{integration: any, entity: string, recordId: string}} props */
function ByRecord({ integration, entity, recordId }) {
  const [open, setOpen] = useState(Boolean(recordId));
  if (!open) return html`<p class="contracts-filter"><${Button} small onClick=${() => setOpen(true)}>${t("contracts.filter")}</${Button}></p>`;
  const clear = () => {
    setQuery({});
    setOpen(false);
  };
  return html`<div class="contracts-filter contracts-form" role="search" aria-label=${t("kit.filter")}>
    <${MappedTables} integration=${integration}>${(/** @type {any[]} */ tables) => html`<${RecordField} integration=${integration} tables=${tables} entity=${entity || tables[0]?.logicalName || ""} recordId=${recordId} choose=${(/** @type {string} */ chosen, /** @type {string} */ id) => setQuery({ entity: chosen, recordId: id })} />`}</${MappedTables}>
    <p><${Button} kind="quiet" small onClick=${clear}>${t("kit.clear")}</${Button}></p>
  </div>`;
}

/** @param {any} integration */
function columns(integration) {
  return [
    { name: t("contracts.contract"), main: true, wide: true, show: (/** @type {any} */ each) => html`<a href=${href(["integrations", integration.id, "contracts", each.contractId])}>${each.name}</a><span class="field-help">${each.contractId}</span>` },
    { name: t("contracts.state"), show: (/** @type {any} */ each) => html`<${Status} state=${each.state} />` },
    { name: t("contracts.record"), show: (/** @type {any} */ each) => html`<a href=${recordAddress(integration, each.entity, each.recordId)} target="_blank" rel="noreferrer">${each.entity}<span class="visually-hidden"> ${t("contracts.inNewTab")}</span></a>` },
    { name: t("contracts.lastPushed"), show: (/** @type {any} */ each) => html`<${Time} at=${each.lastPushedAt} />` },
    { name: t("contracts.lastFetched"), show: (/** @type {any} */ each) => html`<${Time} at=${each.lastFetchedAt} />` },
    { name: t("contracts.conflicts"), show: (/** @type {any} */ each) => (each.conflicts ? html`<${Status} state="conflict" text=${t("contracts.openConflicts", { count: each.conflicts })} />` : html`<span class="muted">${isLocked(each.state) ? t("kit.none") : t("contracts.noConflict")}</span>`) },
  ];
}

/** @param {any} integration @param {boolean} filtered @param {any} make */
function empty(integration, filtered, make) {
  if (filtered) return html`<${Empty} title=${t("contracts.noneOfRecord")} actions=${make}>${t("contracts.noneOfRecordDetail")}</${Empty}>`;
  const settings = html`<${ButtonLink} href=${href(["integrations", integration.id, "oneflow"])}>${t("contracts.toSettings")}</${ButtonLink}>`;
  return html`<${Empty} title=${t("contracts.none")} actions=${settings}>${t("contracts.noneDetail")}</${Empty}>`;
}
