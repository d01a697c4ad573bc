// @ts-check
/** What a first sync would do, before it does it. */
import { get, pathOf, post } from "../../api.js";
import { useLoad, usePoll, useSubmit } from "../../hooks.js";
import { absolute } from "../../format.js";
import { Banner, Button, ButtonLink, DataTable, LiveRun, Loaded, ProblemBanner } from "../../kit.js";
import { html } from "../../preact.js";
import { setQuery } from "../../router.js";
import { t } from "../../words.js";
import { Counts, RunWatch } from "./run.js";

const EVERY = 1_000;
const SHOWN = 10;
const COUNTS = ["created", "updated", "unchanged", "gone", "errors"];

/** @param {{integration: any, id: string, onward: string, back: () => void}} props */
export function Plan({ integration, id, onward, back }) {
  const loaded = usePoll((signal) => get(pathOf(integration.id, "runs", id), { signal }), [id], { every: EVERY, again: (reply) => reply.data.endedAt === null });
  return html`<${Loaded} of=${loaded} lines=${5}>${(/** @type {any} */ reply) => {
    const run = reply.data;
    if (!run.endedAt) return html`<p class="muted">${t("connect.planning")}</p><${LiveRun} run=${run} />`;
    if (!["succeeded", "partial"].includes(run.status)) return html`<${RunWatch} ...${{ integration, id, onward, back }} />`;
    return html`<${Made} ...${{ integration, id, onward, back }} />`;
  }}</${Loaded}>`;
}

/** @param {{integration: any, id: string, onward: string, back: () => void}} props */
function Made({ integration, id, onward, back }) {
  const path = pathOf(integration.id, "plans", id);
  const loaded = useLoad((signal) => get(path, { signal }), [path]);
  const apply = useSubmit(async () => {
    await post(`${path}/apply`, {}, { headers: { Prefer: "respond-async" } });
    setQuery({ run: id });
  });
  return html`<${Loaded} of=${loaded} lines=${5}>${({ data: plan }) => html`
    <${Banner} title=${t("connect.planned")}>${t("connect.plannedDetail", { until: absolute(plan.expiresAt) })}</${Banner}>
    <${ProblemBanner} problem=${apply.problem} />
    <${Counts} entities=${plan.entities} counts=${COUNTS} />
    <${Sample} changes=${plan.changes ?? []} />
    <div class="form-actions">
      <${Button} kind="primary" busy=${apply.busy} onClick=${apply.run}>${t("connect.apply")}</${Button}>
      <${ButtonLink} href=${onward}>${t("connect.goOnWithout")}</${ButtonLink}>
      <${Button} kind="quiet" onClick=${back}>${t("connect.otherWay")}</${Button}>
    </div>
  `}</${Loaded}>`;
}

/** The first rows of a plan. @param {{changes: any[]}} props */
function Sample({ changes }) {
  if (changes.length === 0) return null;
  const columns = [
    { name: t("connect.record"), main: true, wide: true, show: (/** @type {any} */ row) => nameOf(row) },
    { name: t("connect.entity"), show: (/** @type {any} */ row) => t(`connect.type_${row.entityType}`) },
    { name: t("connect.effect"), show: (/** @type {any} */ row) => t(`connect.effect_${row.action}`) },
  ];
  return html`<h3 class="connect-sample">${t("connect.sample", { count: Math.min(SHOWN, changes.length) })}</h3>
    <${DataTable} caption=${t("connect.sample", { count: Math.min(SHOWN, changes.length) })} columns=${columns} rows=${changes.slice(0, SHOWN)} keyOf=${(/** @type {any} */ row) => `${row.entityType} ${row.externalId}`} />`;
}

/** @param {any} row */
function nameOf(row) {
  return row.fields.name?.to ?? row.error?.error ?? row.externalId;
}
