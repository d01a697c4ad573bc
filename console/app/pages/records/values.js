// @ts-check
/** Both sides of a record, field by field, and its pins. */
import { patch } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { Button, Confirm, DataTable, Facts, Section, Status, toast, Value } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { fieldName, t } from "../../words.js";
import { FIELDS, sidesOf, togglePin } from "./facts.js";

/** @type {Record<string, import("../../kit/status.js").Tone>} */
const NOTES = { pinned: "idle", kept: "info", waiting: "warn", coming: "info", edited: "idle" };

/** @param {{entity: import("./facts.js").Entity, path: string, reply: any, explained: any, reload: () => void}} props */
export function Values({ entity, path, reply, explained, reload }) {
  const [pinning, setPinning] = useState(/** @type {any} */ (null));
  const record = reply.data;
  const rows = sidesOf(entity, record, explained.data);
  if (!record && !explained.data?.source?.values) return null;
  const made = record && !record.externalSystem;
  const columns = [
    { name: t("records.field"), main: true, show: (/** @type {any} */ row) => fieldName(row.name) },
    ...(made ? [] : [{ name: t("records.source"), wide: true, show: (/** @type {any} */ row) => html`<${SourceValue} row=${row} loading=${explained.loading && !explained.data} />` }]),
    ...(record ? [{ name: t("records.platform"), wide: true, show: (/** @type {any} */ row) => html`<${Stored} row=${row} />` }] : []),
    ...(record && !made ? [{ name: t("records.pin"), show: (/** @type {any} */ row) => FIELDS[entity].includes(row.name) && html`<${PinButton} row=${row} onClick=${() => setPinning(row)} />` }] : []),
  ];
  return html`<${Section} title=${t("records.values")} lead=${made ? t("records.valuesOwnLead") : t("records.valuesLead")}>
    <${DataTable} caption=${t("records.values")} columns=${columns} rows=${rows} keyOf=${(/** @type {any} */ row) => row.name} />
    ${pinning && html`<${Pinning} path=${path} reply=${reply} row=${pinning} close=${() => setPinning(null)} reload=${reload} />`}
  </${Section}>`;
}

/** @param {{row: any, loading: boolean}} props */
function SourceValue({ row, loading }) {
  if (row.own) return html`<span class="muted">${t("records.ownField")}</span>`;
  if (row.source === undefined) return html`<span class="muted">${t(loading ? "records.asking" : "records.unknown")}</span>`;
  return html`<span class=${row.differs ? "records-other" : ""}><${Value} value=${row.source} /></span>`;
}

/** @param {{row: any}} props */
function Stored({ row }) {
  return html`<div class="records-stored"><${Value} value=${row.stored} />${row.note && html`<${Status} state=${row.note} tone=${NOTES[row.note]} text=${t(`records.note_${row.note}`)} />`}</div>`;
}

/** @param {{row: any, onClick: () => void}} props */
function PinButton({ row, onClick }) {
  const label = t(row.pinned ? "records.unpinField" : "records.pinField", { field: fieldName(row.name) });
  return html`<${Button} small kind="quiet" label=${label} onClick=${onClick}>${t(row.pinned ? "records.unpin" : "records.pinVerb")}</${Button}>`;
}

/** Say what a pin means, then set it or take it off. @param {{path: string, reply: any, row: any, close: () => void, reload: () => void}} props */
function Pinning({ path, reply, row, close, reload }) {
  const words = row.pinned ? "unpin" : "pin";
  const save = useSubmit(async () => {
    await patch(path, { pinned: togglePin(reply.data.pinned, row.name) }, reply.etag);
    toast(t(`records.${words}Done`, { field: fieldName(row.name) }));
    close();
    reload();
  });
  const left = () => {
    close();
    if (save.problem) reload();
  };
  return html`<${Confirm} kind="primary" title=${t(`records.${words}Field`, { field: fieldName(row.name) })} verb=${t(row.pinned ? "records.unpin" : "records.pinVerb")} onClose=${left} submit=${save}>
    <p class="records-note">${t(`records.${words}Meaning`)}</p>
    <${Facts} facts=${[[t("records.platform"), html`<${Value} value=${row.stored} />`], [t("records.source"), row.source === undefined ? undefined : html`<${Value} value=${row.source} />`]]} />
  </${Confirm}>`;
}
