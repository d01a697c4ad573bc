// @ts-check
/** A run that is watched until its end, and what it came to. */
import { get, pathOf } from "../../api.js";
import { usePoll } from "../../hooks.js";
import { number } from "../../format.js";
import { Banner, Button, ButtonLink, DataTable, Help, LiveRun, Loaded, useHelp } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";

const EVERY = 1_000;
const COUNTS = ["created", "updated", "unchanged", "conflicts", "errors"];
const GOOD = new Set(["succeeded", "partial"]);

/** @param {{integration: any, id: string, onward: string, back: () => void}} props */
export function RunWatch({ integration, id, onward, back }) {
  const loaded = usePoll((signal) => get(pathOf(integration.id, "runs", id), { signal }), [id], { every: EVERY, again: (reply) => reply.data.endedAt === null });
  return html`<${Loaded} of=${loaded} lines=${5}>${(/** @type {any} */ reply) => html`
    ${reply.data.endedAt ? html`<${Ended} run=${reply.data} integration=${integration} />` : html`<${LiveRun} run=${reply.data} />`}
    <div class="form-actions">
      <${ButtonLink} kind=${GOOD.has(reply.data.status) || !reply.data.endedAt ? "primary" : "plain"} href=${onward}>${t(reply.data.endedAt ? "connect.goOn" : "connect.goOnMeanwhile")}</${ButtonLink}>
      ${reply.data.endedAt && !GOOD.has(reply.data.status) && html`
        <${Button} onClick=${back}>${t("connect.tryAgain")}</${Button}>
        <${ButtonLink} href=${href(["connect", integration.id, "test"])}>${t("connect.step_test")}</${ButtonLink}>
      `}
    </div>
  `}</${Loaded}>`;
}

/** @param {{run: any, integration: any}} props */
function Ended({ run, integration }) {
  const help = useHelp(run.error?.code);
  const tone = /** @type {any} */ ({ succeeded: "ok", partial: "warn" })[run.status] ?? "bad";
  const more = html`<${ButtonLink} href=${href(["integrations", integration.id, "history", run.id])}>${t("connect.toRun")}</${ButtonLink}>`;
  return html`
    <${Banner} tone=${tone} alert title=${t(`connect.ended_${run.status}`)} actions=${run.status === "succeeded" ? null : more}>
      ${run.error && html`<p>${run.error.message}</p>`}
      ${help && html`<${Help} ...${help} />`}
    </${Banner}>
    <${Counts} entities=${run.entities} />
  `;
}

/** What was done, or would be, to each entity type. @param {{entities: Record<string, any>, counts?: string[]}} props */
export function Counts({ entities, counts = COUNTS }) {
  const rows = Object.entries(entities).map(([id, tally]) => ({ id, ...tally }));
  const columns = counts.map((name) => ({ name: t(`connect.count_${name}`), align: /** @type {"end"} */ ("end"), show: (/** @type {any} */ row) => number(row[name]) }));
  return html`<${DataTable} caption=${t("connect.outcome")} rows=${rows} columns=${[{ name: t("connect.entity"), main: true, show: (/** @type {any} */ row) => wordFor("kinds", row.id) }, ...columns]} />`;
}
