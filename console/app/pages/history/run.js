// @ts-check
/** One run: what it came to and why, what happens next, and everything that it counted. */
import { get, pathOf, post } from "../../api.js";
import { number } from "../../format.js";
import { usePoll, useSubmit } from "../../hooks.js";
import { announce, Banner, Button, Card, Confirm, CopyButton, DataTable, Facts, Loaded, phaseOf, ProblemBanner, RunProgress, Section, Time, toast, useHelp } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { go, href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { Approval } from "./approval.js";
import { CausesSection } from "./causes.js";
import { CertificateSection } from "./certificate.js";
import { Downloads } from "./download.js";
import { PlanSection } from "./plan.js";
import { otherRun, state, Took } from "./runs.js";
import { completenessText, countsOf, COUNTS, isHeld, isOver, spanOf, titleOf, verdictOf } from "./wording.js";

const EVERY = 1_000;
const ASYNC = { headers: { Prefer: "respond-async" } };

/** @param {{integration: any, runId: string, reload: () => void}} props */
export function RunPage({ integration, runId, reload }) {
  const path = (/** @type {string[]} */ ...rest) => pathOf(integration.id, "runs", runId, ...rest);
  const loaded = usePoll((signal) => get(path(), { signal }), [runId], { every: EVERY, again: (reply) => !isOver(reply.data) });
  useEnd(loaded.data?.data, reload);
  return html`<div class="history">
    <p><a href=${href(["integrations", integration.id, "history"])}>${t("history.back")}</a></p>
    <${Loaded} of=${loaded} lines=${8}>${(/** @type {any} */ reply) => html`<${Shown} integration=${integration} run=${reply.data} path=${path} again=${loaded.reload} />`}</${Loaded}>
  </div>`;
}

/** Say that a watched run has ended. @param {any} run @param {() => void} reload */
function useEnd(run, reload) {
  const was = useRef(/** @type {boolean | undefined} */ (undefined));
  useEffect(() => {
    if (!run) return;
    if (was.current === false && isOver(run)) {
      announce(t("history.ended", { status: wordFor("status", run.status) }));
      reload();
    }
    was.current = isOver(run);
  }, [run?.endedAt]);
}

/** @param {{integration: any, run: any, path: (...rest: string[]) => string, again: () => void}} props */
function Shown({ integration, run, path, again }) {
  const { errors } = countsOf(run);
  const over = isOver(run);
  return html`
    <${Section} lands=${titleOf(run)} title=${titleOf(run)} actions=${html`<${Actions} integration=${integration} run=${run} path=${path} again=${again} />`}>
      <${Verdict} run=${run} />
      ${!over && html`<${RunProgress} run=${run} />`}
      <${Card}><${Facts} columns facts=${facts(integration, run)} /></${Card}>
    </${Section}>
    ${isHeld(run) && html`<${Approval} id=${integration.id} run=${run} path=${path} again=${again} />`}
    <${Section} title=${t("history.counts")}>
      <${DataTable} caption=${t("history.counts")} columns=${columns()} rows=${Object.entries(run.entities).map(([entity, counts]) => ({ id: entity, ...counts }))} />
    </${Section}>
    ${run.plan && over && html`<${PlanSection} integration=${integration} run=${run} again=${again} />`}
    ${over && errors > 0 && !run.planOnly && html`<${CausesSection} key=${run.endedAt} path=${path} integration=${integration} />`}
    ${run.certificate && html`<${CertificateSection} key=${run.endedAt} path=${path} />`}
  `;
}

/** @param {{run: any}} props */
function Verdict({ run }) {
  const { tone, title, text } = verdictOf(run);
  const help = useHelp(isHeld(run) ? undefined : run.error?.code);
  return html`<${Banner} tone=${tone} title=${title}>
    <p>${text}</p>
    ${help && html`<p><strong>${t("problem.fix")}:</strong> ${help.fix}</p>`}
    ${run.error && html`<p class="small"><code>${run.error.code}</code></p>`}
  </${Banner}>`;
}

/** @param {{integration: any, run: any, path: (...rest: string[]) => string, again: () => void}} props */
function Actions({ integration, run, path, again }) {
  const [asking, setAsking] = useState(false);
  const stop = useSubmit(() => post(path("cancel")).then(() => (setAsking(false), toast(t("history.stopAsked"), "info"), again())));
  const retry = useSubmit(() => post(path("retry"), {}, ASYNC).then((reply) => (toast(t("history.began")), go(href(["integrations", integration.id, "history", reply.data.id ?? reply.data.runId])))));
  const failed = countsOf(run).errors > 0 && !run.planOnly;
  return html`
    ${!isOver(run) && !run.cancelRequested && html`<${Button} kind="danger" onClick=${() => setAsking(true)}>${t("history.stop")}</${Button}>`}
    ${isOver(run) && failed && html`<${Button} kind="primary" icon="refresh" busy=${retry.busy} onClick=${() => retry.run(undefined)}>${t("history.retry")}</${Button}>`}
    ${isOver(run) && html`<${Downloads} path=${path} errors=${failed} />`}
    <div class="history-wide"><${ProblemBanner} problem=${retry.problem} actions=${otherRun(integration.id, retry.problem)} /></div>
    ${asking && html`<${Confirm} title=${t("history.stopTitle")} verb=${t("history.stop")} submit=${stop} onClose=${() => setAsking(false)}>${t("history.stopText")}</${Confirm}>`}
  `;
}

/** @param {any} integration @param {any} run @returns {Array<[string, any]>} */
function facts(integration, run) {
  const versions = Object.entries(run.mappingVersions).map(([entity, version]) => t("history.mappingVersion", { entity: wordFor("kinds", entity), version }));
  return [
    [t("history.status"), state(run)],
    [t("history.trigger"), wordFor("kinds", run.trigger)],
    [t("history.started"), html`<${Time} at=${run.startedAt} exact />`],
    [t("history.duration"), html`<${Took} run=${run} />`],
    [t("history.covers"), spanOf(run)],
    [t("history.phase"), isOver(run) ? undefined : phaseOf(run)],
    [t("history.heartbeat"), isOver(run) ? undefined : html`<${Time} at=${run.progress.heartbeatAt} />`],
    [t("history.attempts"), run.attempt > 1 ? number(run.attempt) : undefined],
    [t("history.retryOf"), run.retryOf ? html`<a href=${href(["integrations", integration.id, "history", run.retryOf])}>${t("history.toRun")}</a>` : undefined],
    [t("history.mapping"), versions.length > 0 ? versions.join(", ") : undefined],
    [t("history.pages"), number(run.progress.pages)],
    [t("history.runId"), html`<code class="small">${run.id}</code> <${CopyButton} text=${location.href} label=${t("history.copyLink")} />`],
  ];
}

/** @returns {any[]} */
function columns() {
  const count = (/** @type {string} */ name) => ({ name: t(`history.${name}`), align: "end", show: (/** @type {any} */ row) => number(row[name]) });
  return [
    { name: t("history.what"), main: true, show: (/** @type {any} */ row) => wordFor("kinds", row.id) },
    ...COUNTS.map(count),
    { name: t("history.proof"), wide: true, show: (/** @type {any} */ row) => completenessText(row.completeness) },
  ];
}
