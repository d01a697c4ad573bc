// @ts-check
/** Why a conflict is one, and what it is about. */
import { integrations, refresh } from "../../integrations.js";
import { Card, CopyButton, Facts } from "../../kit.js";
import { html, useEffect } from "../../preact.js";
import { href } from "../../router.js";
import { useStore } from "../../store.js";
import { t, wordFor } from "../../words.js";
import { entityNamed } from "../records/facts.js";
import { reasonOf } from "./facts.js";

/** @param {{integration: any, conflict: any}} props */
export function Circumstances({ integration, conflict }) {
  const reason = reasonOf(conflict);
  return html`<${Card} class="conflicts-why">
    <p><strong>${wordFor("conflictKinds", reason)}.</strong> ${wordFor("conflictReasons", reason)}</p>
    <${Facts} columns facts=${reason === "field" ? ofContract(integration, conflict) : ofRecord(integration, conflict)} />
  </${Card}>`;
}

/** @param {any} integration @param {any} conflict @returns {Array<[string, any]>} */
function ofRecord(integration, conflict) {
  const entity = entityNamed(conflict.entityType);
  const { recordId, integrationId } = conflict.other;
  const place = (/** @type {string} */ home, /** @type {string} */ id) => href(["integrations", home, "records", entity, id]);
  return [
    [t("recordFields.number"), conflict.number ?? t("kit.none")],
    [t("records.record"), html`<a href=${place(integration.id, conflict.externalId)}>${t("conflicts.toRecord")}</a>`],
    [t("conflicts.twin"), recordId ? html`<a href=${place(integrationId ?? integration.id, recordId)}>${conflict.other.name ?? recordId}</a>` : undefined],
    [t("conflicts.rival"), conflict.reason === "key" ? html`<${Rival} id=${integrationId} />` : undefined],
    [t("conflicts.metBy"), conflict.runId ? html`<a href=${href(["integrations", conflict.integrationId, "history", conflict.runId])}>${t("records.run")}</a>` : undefined],
  ];
}

/** @param {any} integration @param {any} conflict @returns {Array<[string, any]>} */
function ofContract(integration, conflict) {
  return [
    [t("conflicts.contract"), html`<a href=${href(["integrations", integration.id, "contracts", conflict.contractId])}>${conflict.contractName || conflict.contractId}</a>`],
    [t("conflicts.dynamicsRecord"), html`${conflict.entity} <${CopyButton} text=${conflict.recordId} label=${t("conflicts.copyId")} />`],
    [t("conflicts.columns"), `${conflict.field} ↔ ${conflict.oneflowField}`],
  ];
}

/** The integration that has the other record. @param {{id: string | null}} props */
function Rival({ id }) {
  const known = useStore(integrations);
  useEffect(() => void (known ?? refresh().catch(() => undefined)), []);
  const name = known?.find((each) => each.id === id)?.name;
  return id ? html`<a href=${href(["integrations", id])}>${name ?? id}</a>` : t("kit.none");
}
