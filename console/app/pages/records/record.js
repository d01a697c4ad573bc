// @ts-check
/** One record: where it stands and why, both sides, its story. */
import { get, pathOf } from "../../api.js";
import { useLoad } from "../../hooks.js";
import { Banner, Button, Facts, Loaded, Status, Time, useLanding } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { href } from "../../router.js";
import { fieldName, t } from "../../words.js";
import { EditRecord } from "./edit.js";
import { askable } from "./facts.js";
import { ALL, lastQuery } from "./list.js";
import { RawSource } from "./raw.js";
import { Timeline } from "./timeline.js";
import { Values } from "./values.js";
import { Why } from "./why.js";

const ABSENT = { data: null, etag: "" };

/** @param {{integration: any, entity: import("./facts.js").Entity, id: string}} props */
export function RecordPage({ integration, entity, id }) {
  const path = pathOf(integration.id, entity, id);
  const stored = useLoad((signal) => get(path, { signal }).catch(orAbsent), [path]);
  const explained = useLoad(async (signal) => (await get(`${path}/explain`, { signal })).data, [path]);
  const [turn, setTurn] = useState(0);
  const reload = () => {
    stored.reload();
    explained.reload();
    setTurn(turn + 1);
  };
  const given = { integration, entity, id, path, explained, reload };
  return html`<article class="records-page">
    <p><a href=${href(["integrations", integration.id, "records"], backTo(entity))}>${t(`records.back_${entity}`)}</a></p>
    <${Loaded} of=${stored} lines=${8}>${(/** @type {any} */ reply) => html`<${Body} ...${given} reply=${reply} />`}</${Loaded}>
    <${Timeline} key=${turn} integration=${integration} path=${path} />
    ${askable(id) && html`<${RawSource} path=${path} />`}
  </article>`;
}

/** @param {{integration: any, entity: import("./facts.js").Entity, id: string, path: string, explained: any, reload: () => void, reply: any}} props */
function Body({ integration, entity, id, path, explained, reload, reply }) {
  const [editing, setEditing] = useState(false);
  const record = reply.data;
  const done = () => {
    setEditing(false);
    reload();
  };
  const title = record?.name ?? explained.data?.source?.values?.name ?? id;
  const heading = useLanding(title);
  return html`
    <header class="records-head">
      <h2 tabindex="-1" ref=${heading}>${title}</h2>
      ${record && html`<${Status} state=${record.syncStatus} />`}
      ${record && !record.externalSystem && html`<${Status} state="draft" text=${t("records.madeHere")} />`}
      ${record && html`<${Button} onClick=${() => setEditing(true)}>${t("records.edit")}</${Button}>`}
    </header>
    ${!record && !explained.problem && html`<${Banner} title=${t("records.notStored")}>${t("records.notStoredDetail")}</${Banner}>`}
    ${record && html`<${Facts} columns facts=${factsOf(record)} />`}
    <${Why} integration=${integration} entity=${entity} id=${id} path=${path} explained=${explained} record=${record} reload=${reload} />
    <${Values} entity=${entity} path=${path} reply=${reply} explained=${explained} reload=${reload} />
    ${editing && html`<${EditRecord} path=${path} entity=${entity} reply=${reply} values=${explained.data?.source?.values ?? null} onClose=${() => setEditing(false)} done=${done} />`}
  `;
}

/** Return the query of the list that somebody came from. @param {string} entity */
function backTo(entity) {
  const last = lastQuery.get();
  return { ...last, type: last.type === ALL ? ALL : entity };
}

/** @param {any} record @returns {Array<[string, any]>} */
function factsOf(record) {
  const made = !record.externalSystem;
  return [
    [t("recordFields.number"), record.number ?? t("kit.none")],
    [t(made ? "records.ownId" : "records.externalId"), html`<code>${record.externalId ?? record.recordId}</code>`],
    [t("records.lastSynced"), made ? undefined : html`<${Time} at=${record.lastSyncedAt} />`],
    [t("records.sourceModified"), made ? undefined : html`<${Time} at=${record.sourceModifiedAt} />`],
    [t("records.inSource"), made ? undefined : t(record.presentInSource ? "kit.yes" : "kit.no")],
    [t("records.pinnedFields"), record.pinned.length ? record.pinned.map(fieldName).join(", ") : undefined],
  ];
}

/** @param {any} problem */
function orAbsent(problem) {
  if (problem.status === 404) return ABSENT;
  throw problem;
}
