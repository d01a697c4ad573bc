// @ts-check
/** A run that would change too much at once: what it would do, and the choice. */
import { post } from "../../api.js";
import { number, plain } from "../../format.js";
import { useSubmit } from "../../hooks.js";
import { Button, Confirm, DataTable, Facts, Section, Time, toast, Value } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { fieldName, t, wordFor } from "../../words.js";
import { otherRun } from "./runs.js";

/** @param {{id: string, run: any, path: (...rest: string[]) => string, again: () => void}} props */
export function Approval({ id, run, path, again }) {
  const [asking, setAsking] = useState(false);
  const { changes, blanks, stored, sample, expiresAt } = run.approval;
  const allow = useSubmit(() => post(path("approve"), {}, { headers: { Prefer: "respond-async" } }).then(() => (setAsking(false), toast(t("history.approved")), again())));
  const verb = t("history.approve", { count: changes });
  return html`<${Section} title=${t("history.wouldChange")} actions=${html`<${Button} kind="primary" onClick=${() => setAsking(true)}>${verb}</${Button}>`} lead=${t("history.wouldChangeLead")}>
    <${Facts} columns facts=${[
      [t("history.changes"), t("history.ofStored", { changes, stored })],
      [t("history.blanks"), number(blanks)],
      [t("history.decideBy"), html`<${Time} coming at=${expiresAt} exact />`],
    ]} />
    <${DataTable} caption=${t("history.sample")} columns=${columns()} rows=${sample} keyOf=${(/** @type {any} */ row) => `${row.externalId} ${row.field}`} />
    ${asking && html`<${Confirm} kind="primary" title=${t("history.approveTitle")} verb=${verb} submit=${allow} onClose=${() => setAsking(false)}>${otherRun(id, allow.problem)}${t("history.approveText", { changes, blanks })}</${Confirm}>`}
  </${Section}>`;
}

/** @returns {any[]} */
function columns() {
  return [
    { name: t("history.record"), main: true, wide: true, show: (/** @type {any} */ row) => html`<span title=${row.externalId}>${wordFor("historyType", row.entityType)} ${row.name || row.externalId}</span>` },
    { name: t("history.field"), show: (/** @type {any} */ row) => fieldName(row.field) },
    { name: t("history.asStored"), wide: true, show: (/** @type {any} */ row) => html`<${Value} value=${row.from} />` },
    { name: t("history.wouldBe"), wide: true, show: (/** @type {any} */ row) => html`<${Value} value=${row.to} mark=${plain(row.to) === plain(row.from) ? "" : "ins"} />` },
  ];
}
