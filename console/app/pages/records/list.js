// @ts-check
/** Records of one type: searched, filtered, a page at a time. */
import { pathOf, withQuery } from "../../api.js";
import { useList, useSettled } from "../../hooks.js";
import { Button, Empty, Filters, ListTable, Section, SelectField, Status, Tabs, TextField, Time } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { href, setQuery } from "../../router.js";
import { store } from "../../store.js";
import { t, wordFor } from "../../words.js";
import { NewRecord } from "./create.js";
import { entityNamed, entityOf, idOf, LOG_NAMES } from "./facts.js";

const LIMIT = 25;
const FAILURES = "failures";
/** Stands for both types in the list of failures. */
export const ALL = "all";
const STATUSES = ["", "synced", "pending", "error", "conflict", FAILURES];

/** The filters of the list that was shown last, for the way back to it. */
export const lastQuery = store(/** @type {Record<string, string>} */ ({}));

/** @param {{integration: any, query: Record<string, string>}} props */
export function RecordList({ integration, query }) {
  const entity = entityOf(query.type);
  const [making, setMaking] = useState(false);
  const list = useList(pathFor(integration, entity, query));
  useEffect(() => lastQuery.set(query), [query]);
  const change = (/** @type {Record<string, string>} */ changes) => setQuery({ ...query, ...changes });
  const kinds = ["suppliers", "products"].map((id) => ({
    id,
    name: wordFor("kinds", id),
    href: href(["integrations", integration.id, "records"], { ...query, type: id }),
  }));
  const failing = query.status === FAILURES;
  const every = failing && query.type === ALL;
  if (failing) kinds.unshift({ id: ALL, name: t("records.all"), href: href(["integrations", integration.id, "records"], { ...query, type: ALL }) });
  const add = html`<${Button} icon="plus" onClick=${() => setMaking(true)}>${t(`records.new_${entity}`)}</${Button}>`;
  const filtered = Boolean(query.q || query.status || query.since);
  return html`<div class="records-list"><${Section} lands title=${t("records.title")} actions=${add}>
    <${Tabs} label=${t("records.kinds")} tabs=${kinds} current=${every ? ALL : entity} />
    <${Filters} onClear=${filtered ? () => setQuery({ type: query.type }) : undefined}>
      ${!failing && html`<${Search} value=${query.q ?? ""} set=${(/** @type {string} */ q) => change({ q })} />`}
      <${SelectField} label=${t("records.status")} value=${query.status ?? ""} set=${(/** @type {string} */ status) => change({ status })} options=${STATUSES.map((value) => ({ value, name: value === FAILURES || value === "" ? t(value ? "records.failures" : "records.all") : wordFor("status", value) }))} />
      ${!failing && html`<${TextField} label=${t("records.since")} type="date" value=${query.since ?? ""} set=${(/** @type {string} */ since) => change({ since })} />`}
    </${Filters}>
    ${failing && html`<p class="muted records-note">${t("records.failuresLead")}</p>`}
    <${ListTable}
      list=${list}
      caption=${every ? t("records.failures") : wordFor("kinds", entity)}
      keyOf=${idOf}
      columns=${failing ? failureColumns(integration, every) : columns(integration, entity)}
      empty=${filtered ? html`<${Empty} title=${t(failing ? "records.noFailures" : "records.noMatch")}>${t(failing ? "records.noFailuresDetail" : "records.noMatchDetail")}</${Empty}>` : html`<${Empty} title=${t("records.empty")}>${t("records.emptyDetail")}</${Empty}>`}
    />
    ${making && html`<${NewRecord} integration=${integration} entity=${entity} onClose=${() => setMaking(false)} />`}
  </${Section}></div>`;
}

/** A field that searches when somebody stops typing. @param {{value: string, set: (text: string) => void}} props */
function Search({ value, set }) {
  const [text, setText] = useState(value);
  const settled = useSettled(text);
  const told = useRef(value);
  const tell = (/** @type {string} */ next, /** @type {(next: string) => void} */ to) => {
    if (next === told.current) return;
    told.current = next;
    to(next);
  };
  useEffect(() => tell(value, setText), [value]);
  useEffect(() => tell(settled, set), [settled]);
  return html`<${TextField} label=${t("records.search")} type="search" placeholder=${t("records.searchHint")} value=${text} set=${setText} />`;
}

/** @param {any} integration @param {import("./facts.js").Entity} entity @param {Record<string, string>} query */
function pathFor(integration, entity, query) {
  if (query.status === FAILURES) return withQuery(pathOf(integration.id, "failures"), { limit: LIMIT, entityType: query.type === ALL ? "" : LOG_NAMES[entity] });
  const since = query.since ? `${query.since}T00:00:00Z` : "";
  return withQuery(pathOf(integration.id, entity), { limit: LIMIT, q: query.q, syncStatus: query.status, updatedSince: since });
}

/** @param {any} integration @param {string} entity @param {string} id */
const placeOf = (integration, entity, id) => href(["integrations", integration.id, "records", entity, id]);

/** @param {any} integration @param {import("./facts.js").Entity} entity */
function columns(integration, entity) {
  const special = entity === "suppliers" ? "country" : "hsCode";
  return [
    { name: t("recordFields.name"), main: true, wide: true, show: (/** @type {any} */ row) => html`<a href=${placeOf(integration, entity, idOf(row))}>${row.name ?? t("records.nameless")}</a>` },
    { name: t("recordFields.number"), show: (/** @type {any} */ row) => row.number ?? t("kit.none") },
    { name: t(`recordFields.${special}`), show: (/** @type {any} */ row) => row[special] ?? t("kit.none") },
    { name: t("records.status"), show: (/** @type {any} */ row) => html`<${Status} state=${row.syncStatus} ...${row.externalSystem ? {} : { tone: row.syncStatus === "conflict" ? "warn" : "idle", text: t(row.syncStatus === "conflict" ? "records.madeHereConflict" : "records.madeHere") }} />` },
    { name: t("records.lastSynced"), show: (/** @type {any} */ row) => html`<${Time} at=${row.lastSyncedAt} none=${t("kit.none")} />` },
    { name: t("records.inSource"), show: (/** @type {any} */ row) => t(row.presentInSource ? "kit.yes" : "kit.no") },
  ];
}

/** @param {any} integration @param {boolean} every whether suppliers and products stand in one list */
function failureColumns(integration, every) {
  return [
    { name: t("records.record"), main: true, wide: true, show: (/** @type {any} */ row) => html`<a href=${placeOf(integration, entityNamed(row.entityType), row.externalId)}>${row.externalId}</a>` },
    ...(every ? [{ name: t("waits.kind"), show: (/** @type {any} */ row) => wordFor("historyType", row.entityType) }] : []),
    { name: t("records.cause"), wide: true, show: (/** @type {any} */ row) => row.error },
    { name: t("records.mendedBy"), wide: true, show: (/** @type {any} */ row) => wordFor("recordClasses", row.class) },
    { name: t("records.attempts"), align: /** @type {"end"} */ ("end"), show: (/** @type {any} */ row) => row.attempts },
    { name: t("records.failingSince"), show: (/** @type {any} */ row) => html`<${Time} at=${row.firstAt} />` },
    { name: t("records.nextTry"), wide: true, show: (/** @type {any} */ row) => (row.nextTryAt ? html`<${Time} coming at=${row.nextTryAt} />` : wordFor("recordTries", row.nextTry)) },
  ];
}
