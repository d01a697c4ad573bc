// @ts-check
/** One contract: its state, its fields on both sides, what waits for a person, and what happened to it. */
import { get, pathOf, withQuery } from "../../api.js";
import { useList, useLoad } from "../../hooks.js";
import { Banner, Button, ButtonLink, Card, Empty, Facts, ListTable, Loaded, Section, Status, Time } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { Disputes } from "./disputes.js";
import { FieldTable } from "./fields.js";
import { useLabels } from "./labels.js";
import { contractAddress, isLocked, recordAddress, standingOf } from "./links.js";
import { MergeDialog } from "./merge.js";

/** @param {{integration: any, id: string}} props */
export function ContractPage({ integration, id }) {
  const loaded = useLoad((signal) => get(pathOf(integration.id, "oneflow", "contracts", id), { signal }), [integration.id, id]);
  return html`<${Loaded} of=${loaded} lines=${8}>${(/** @type {any} */ reply) => html`<${Contract} integration=${integration} contract=${reply.data} reload=${loaded.reload} />`}</${Loaded}>`;
}

/** @param {{integration: any, contract: any, reload: () => void}} props */
function Contract({ integration, contract, reload }) {
  const [way, setWay] = useState(/** @type {"push" | "fetch" | null} */ (null));
  const labels = useLabels(integration, contract.entity);
  const log = useList(withQuery(pathOf(integration.id, "sync-logs"), { entityType: "CONTRACT", contractId: contract.contractId, limit: 10 }));
  const changed = () => {
    reload();
    log.reload();
  };
  const gone = contract.state === "deleted";
  const actions = html`
    <${Button} disabled=${gone} onClick=${() => setWay("fetch")}>${t("contracts.fetch")}</${Button}>
    <${Button} kind="primary" disabled=${isLocked(contract.state)} onClick=${() => setWay("push")}>${t("contracts.push")}</${Button}>
  `;
  return html`
    <${Section} lands=${contract.name} title=${contract.name} actions=${actions}>
      <${Standing} contract=${contract} />
      <${Card}>
        <${Facts} columns facts=${facts(contract)} />
        <p class="contracts-links">
          <${ButtonLink} href=${recordAddress(integration, contract.entity, contract.recordId)} target="_blank" rel="noreferrer" icon="right">${t("contracts.openDynamics")}</${ButtonLink}>
          ${!gone && html`<${ButtonLink} href=${contractAddress(contract.contractId)} target="_blank" rel="noreferrer" icon="right">${t("contracts.openOneflow")}</${ButtonLink}>`}
        </p>
      </${Card}>
    </${Section}>
    ${contract.fields.some((/** @type {any} */ each) => each.conflictId) && html`<${Section} title=${t("contracts.conflicts")} lead=${t("contracts.conflictsLead")}><${Disputes} integration=${integration} fields=${contract.fields} labels=${labels} done=${changed} /></${Section}>`}
    <${Section} title=${t("contracts.fields")} lead=${t("contracts.fieldsLead")} actions=${html`<${Button} small icon="refresh" onClick=${reload}>${t("kit.refresh")}</${Button}>`}>
      <${FieldTable} fields=${contract.fields} labels=${labels} />
    </${Section}>
    <${Section} title=${t("contracts.log")}>
      <${ListTable} list=${log} caption=${t("contracts.log")} columns=${LOG} empty=${html`<${Empty} title=${t("contracts.noLog")} />`} />
    </${Section}>
    ${way && html`<${MergeDialog} integration=${integration} contractId=${contract.contractId} way=${way} fields=${contract.fields} labels=${labels} onClose=${() => setWay(null)} done=${changed} />`}
  `;
}

/** What to do next, in a sentence. @param {{contract: any}} props */
function Standing({ contract }) {
  const { toPush, toFetch, conflicts, problems } = standingOf(contract.fields);
  if (contract.state === "deleted") return html`<${Banner} tone="warn" title=${t("contracts.gone")}>${t("contracts.goneDetail")}</${Banner}>`;
  if (isLocked(contract.state)) return html`<${Banner} title=${t("contracts.locked", { state: wordFor("status", contract.state) })}>${t("contracts.lockedDetail")}</${Banner}>`;
  if (conflicts) return html`<${Banner} tone="warn" title=${t("contracts.hasConflicts", { count: conflicts })}>${t(contract.fields.some((/** @type {any} */ each) => each.status === "conflict" && !each.conflictId) ? "contracts.unlisted" : "contracts.hasConflictsDetail")}</${Banner}>`;
  if (problems) return html`<${Banner} tone="bad" title=${t("contracts.hasProblems", { count: problems })}>${t("contracts.hasProblemsDetail")}</${Banner}>`;
  const waits = [toPush && t("contracts.toPush", { count: toPush }), toFetch && t("contracts.toFetch", { count: toFetch })].filter(Boolean);
  return waits.length > 0 && html`<${Banner} title=${waits.join(" ")}>${t("contracts.waitsDetail")}</${Banner}>`;
}

/** @param {any} contract @returns {Array<[string, any]>} */
function facts(contract) {
  const row = contract.contractRow;
  return [
    [t("contracts.state"), html`<${Status} state=${contract.state} />`],
    [t("contracts.lifecycle"), contract.lifecycleState ? wordFor("lifecycles", contract.lifecycleState) : undefined],
    [t("contracts.record"), html`<code>${contract.entity}</code>`],
    [t("contracts.number"), contract.contractId],
    [t("contracts.created"), html`<${Time} at=${contract.createdAt} />`],
    [t("contracts.lastPushed"), html`<${Time} at=${contract.lastPushedAt} />`],
    [t("contracts.lastFetched"), html`<${Time} at=${contract.lastFetchedAt} />`],
    [t("contracts.row"), row ? (row.trouble ? html`<${Status} state="problem" text=${row.trouble} />` : row.table) : undefined],
  ];
}

const LOG = [
  { name: t("contracts.when"), main: true, show: (/** @type {any} */ each) => html`<${Time} at=${each.createdAt} />` },
  { name: t("contracts.action"), show: (/** @type {any} */ each) => wordFor("contractActions", each.action) },
  { name: t("contracts.result"), show: (/** @type {any} */ each) => html`<${Status} state=${each.status} />` },
  { name: t("contracts.trigger"), show: (/** @type {any} */ each) => wordFor("kinds", each.metadata.trigger ?? "manual") },
  { name: t("contracts.what"), wide: true, show: happened },
];

/** @param {any} entry */
function happened({ action, metadata }) {
  const fields = (metadata.fields ?? []).map((/** @type {any} */ each) => t("contracts.change", { field: each.field, from: each.from ?? t("kit.blank"), to: each.to ?? t("kit.blank") }));
  const errors = (metadata.errors ?? []).map((/** @type {any} */ each) => [each.field, each.error].filter(Boolean).join(": "));
  const settled = metadata.choice ? [t(metadata.choice === "dynamics" ? "contracts.tookDynamics" : "contracts.tookOneflow", { field: metadata.field })] : [];
  const waiting = metadata.conflicts > 0 ? [t("contracts.inConflict", { count: metadata.conflicts })] : [];
  const begun = action === "CREATE" && metadata.contractId ? [t("contracts.transferred")] : [];
  const told = [...begun, ...settled, ...fields, ...waiting, ...errors];
  return told.length > 0 ? html`<ul>${told.map((each) => html`<li>${each}</li>`)}</ul>` : html`<span class="muted">${t("contracts.noChange")}</span>`;
}

