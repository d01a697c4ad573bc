// @ts-check
/** A new contract of a record. */
import { Section, toast } from "../../kit.js";
import { html } from "../../preact.js";
import { go, href } from "../../router.js";
import { useDraft } from "../../hooks.js";
import { t } from "../../words.js";
import { CreateForm, emptyForm } from "./create.js";
import { MappedTables, RecordField } from "./record-field.js";

/** @param {{integration: any, query: Record<string, string>}} props */
export function NewContract({ integration, query }) {
  const asked = { ...emptyForm(), entity: query.entity ?? "", recordId: query.recordId ?? "" };
  const draft = useDraft(`contract.${integration.id}.${asked.recordId}`, asked);
  const done = (/** @type {any} */ contract) => {
    draft.clear(emptyForm());
    toast(t("contracts.made", { name: contract.name }));
    go(href(["integrations", integration.id, "contracts", contract.contractId]));
  };
  return html`<${Section} lands=${t("contracts.create")} title=${t("contracts.create")} lead=${t("contracts.createLead")}>
    <${MappedTables} integration=${integration}>${(/** @type {any[]} */ tables) => {
      const entity = draft.value.entity || tables[0].logicalName;
      const record = (/** @type {any} */ problem) => html`<${RecordField} integration=${integration} tables=${tables} entity=${entity} recordId=${draft.value.recordId} problem=${problem} choose=${(/** @type {string} */ name, /** @type {string} */ recordId) => draft.set((now) => ({ ...now, entity: name, recordId }))} />`;
      return html`<${CreateForm} integration=${integration} draft=${{ ...draft, value: { ...draft.value, entity } }} record=${record} done=${done} />`;
    }}</${MappedTables}>
  </${Section}>`;
}
