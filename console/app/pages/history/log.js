// @ts-check
/** The sync log: one entry for each thing that was done, with everything that was noted about it. */
import { pathOf, withQuery } from "../../api.js";
import { absolute, number } from "../../format.js";
import { useList } from "../../hooks.js";
import { CopyButton, Empty, Filters, ListTable, Section, SelectField, Status, TextField, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href, setQuery } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { momentOf } from "./wording.js";

const PAGE = 25;
const ACTIONS = /** @type {Record<string, string[]>} */ ({
  business_central: ["UPSERT", "TEST", "AUTHORIZE", "NOTICE", "RESOLVE"],
  oneflow: ["CREATE", "PUSH", "FETCH", "RESOLVE", "TEST", "NOTICE"],
});
const TYPES = /** @type {Record<string, string[]>} */ ({ business_central: ["SUPPLIER", "PRODUCT"], oneflow: ["CONTRACT"] });
const NAMES = ["entityType", "action", "status", "from", "to", "runId"];
const FACTS = ["created", "updated", "unchanged", "conflicts", "errorCount"];

/** @param {{integration: any, query: Record<string, string>}} props */
export function LogView({ integration, query }) {
  const asked = Object.fromEntries(NAMES.map((name) => [name, query[name]]));
  const times = { from: momentOf(query.from, "first"), to: momentOf(query.to, "last") };
  const list = useList(withQuery(pathOf(integration.id, "sync-logs"), { limit: PAGE, ...asked, ...times }));
  const filtered = NAMES.some((name) => query[name]);
  return html`<${Section} lands title=${t("history.log")} lead=${t("history.logLead")}>
    <${LogFilters} kind=${integration.kind} query=${query} filtered=${filtered} />
    <${ListTable} list=${list} caption=${t("history.log")} columns=${columns(integration.id)} empty=${nothing(filtered)} />
  </${Section}>`;
}

/** @param {{kind: string, query: Record<string, string>, filtered: boolean}} props */
function LogFilters({ kind, query, filtered }) {
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setQuery({ ...query, [name]: value });
  const options = (/** @type {string} */ group, /** @type {string[]} */ values) => [
    { value: "", name: t("history.any") },
    ...values.map((value) => ({ value, name: wordFor(group, value) })),
  ];
  return html`<${Filters} onClear=${filtered ? () => setQuery({ view: query.view }) : undefined}>
    <${SelectField} label=${t("history.what")} value=${query.entityType ?? ""} set=${set("entityType")} options=${options("historyType", TYPES[kind])} />
    <${SelectField} label=${t("history.action")} value=${query.action ?? ""} set=${set("action")} options=${options("historyAction", ACTIONS[kind])} />
    <${SelectField} label=${t("history.status")} value=${query.status ?? ""} set=${set("status")} options=${options("status", ["SUCCESS", "PARTIAL", "ERROR"])} />
    <${TextField} label=${t("history.from")} type="date" value=${query.from ?? ""} set=${set("from")} />
    <${TextField} label=${t("history.to")} type="date" value=${query.to ?? ""} set=${set("to")} />
  </${Filters}>`;
}

/** @param {string} id */
function columns(id) {
  return [
    { name: t("history.when"), main: true, show: (/** @type {any} */ entry) => html`<${Time} at=${entry.createdAt} /><span class="history-sub">${absolute(entry.createdAt)}</span>` },
    { name: t("history.action"), show: (/** @type {any} */ entry) => wordFor("historyAction", entry.action) },
    { name: t("history.what"), show: (/** @type {any} */ entry) => whatOf(id, entry) },
    { name: t("history.status"), show: (/** @type {any} */ entry) => html`<${Status} state=${entry.status} />` },
    { name: t("history.affected"), align: /** @type {"end"} */ ("end"), show: (/** @type {any} */ entry) => number(entry.recordsAffected) },
    { name: t("history.details"), wide: true, show: (/** @type {any} */ entry) => html`<${Details} id=${id} entry=${entry} />` },
  ];
}

/** What an entry is about: a contract by its link, an entity type by its name. @param {string} id @param {any} entry */
export function whatOf(id, entry) {
  const { contractId, contractName } = entry.metadata;
  if (contractId) return html`<a href=${href(["integrations", id, "contracts", contractId])}>${contractName ?? t("history.contract", { id: contractId })}</a>`;
  return entry.entityType ? wordFor("historyType", entry.entityType) : t("history.connection");
}

/** @param {{id: string, entry: any}} props */
export function Details({ id, entry }) {
  const { metadata } = entry;
  const told = metadata.message ?? metadata.error?.message ?? countsLine(metadata);
  const json = JSON.stringify(metadata, null, 2);
  return html`<div class="history-details">
    ${told && html`<p>${told}</p>`}
    ${metadata.runId && html`<p><a href=${href(["integrations", id, "history", metadata.runId])}>${t("history.toRun")}</a></p>`}
    <details>
      <summary>${t("history.metadata")}</summary>
      <pre class="history-data" tabindex="0" aria-label=${t("history.metadata")}>${json}</pre>
      <${CopyButton} text=${json} />
    </details>
  </div>`;
}

/** @param {any} metadata */
function countsLine(metadata) {
  const known = FACTS.filter((name) => typeof metadata[name] === "number" && metadata[name] > 0);
  return known.map((name) => `${t(`history.${name}`)} ${number(metadata[name])}`).join(" · ");
}

/** @param {boolean} filtered */
function nothing(filtered) {
  if (filtered) return html`<${Empty} title=${t("history.noneFound")}>${t("history.noneFoundText")}</${Empty}>`;
  return html`<${Empty} title=${t("history.noEntries")}>${t("history.noEntriesText")}</${Empty}>`;
}
