// @ts-check
/** Runs or contracts, and changes of the configuration, in one line of time. */
import { pathOf, withQuery } from "../../api.js";
import { absolute, number } from "../../format.js";
import { useList } from "../../hooks.js";
import { Button, Diff, Empty, Icon, Pager, ProblemBanner, Section, Skeleton, Status, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { whatOf } from "./log.js";
import { countsOf, kindOf, memberOf, verdictOf } from "./wording.js";
import { state } from "./runs.js";

const PAGE = 25;
const ICONS = /** @type {Record<string, any>} */ ({ run: "refresh", change: "info", entry: "right" });

/** @param {{integration: any}} props */
export function TimelineView({ integration }) {
  const list = useList(withQuery(pathOf(integration.id, "timeline"), { limit: PAGE }));
  return html`<${Section} title=${t("history.timeline")} lead=${t("history.timelineLead")}>${shown(list, integration)}</${Section}>`;
}

/** @param {ReturnType<typeof useList>} list @param {any} integration */
function shown(list, integration) {
  const retry = html`<${Button} small icon="refresh" onClick=${list.reload}>${t("problem.again")}</${Button}>`;
  if (list.problem) return html`<${ProblemBanner} problem=${list.problem} actions=${retry} />`;
  if (!list.items) return html`<${Skeleton} lines=${8} />`;
  if (list.items.length === 0) return html`<${Empty} title=${t("history.noEvents")}>${t("history.noEventsText")}</${Empty}>`;
  return html`<ol class="history-line">
      ${list.items.map((event) => html`<li key=${event.run?.id ?? event.change?.id ?? event.entry.id} class=${`history-event history-${event.type}`}>
        <${Icon} name=${ICONS[event.type]} />
        <div class="history-event-body">${told(event, integration)}</div>
        <p class="small muted history-at" title=${absolute(event.at)}><${Time} at=${event.at} /></p>
      </li>`)}
    </ol>
    <${Pager} list=${list} />`;
}

/** @param {any} event @param {any} integration */
function told(event, integration) {
  if (event.run) return html`<${RunEvent} run=${event.run} id=${integration.id} />`;
  return event.change ? html`<${Change} change=${event.change} id=${integration.id} />` : html`<${Entry} entry=${event.entry} id=${integration.id} />`;
}

/** @param {{run: any, id: string}} props */
function RunEvent({ run, id }) {
  const { created, updated, errors } = countsOf(run);
  return html`
    <p class="history-event-title"><a href=${href(["integrations", id, "history", run.id])}>${kindOf(run)}</a> ${state(run)}</p>
    <p class="small muted">${wordFor("kinds", run.trigger)} · ${t("history.eventCounts", { created, updated, errors })}</p>
    ${run.error && html`<p class="small">${verdictOf(run).text}</p>`}
  `;
}

/** @param {{entry: any, id: string}} props */
function Entry({ entry, id }) {
  return html`
    <p class="history-event-title">${wordFor("historyAction", entry.action)} <${Status} state=${entry.status} /></p>
    <p class="small muted">${whatOf(id, entry)} · ${t("history.affectedCount", { count: entry.recordsAffected })}</p>
    ${entry.metadata.message && html`<p class="small">${entry.metadata.message}</p>`}
  `;
}

/** @param {{change: any, id: string}} props */
function Change({ change, id }) {
  const rows = change.changes.map((/** @type {any} */ each) => ({
    name: memberOf(each.field),
    before: each.secret ? t("history.secret") : each.from,
    after: each.secret ? t("history.secretNew") : each.to,
  }));
  const title = t(`history.${change.event === "created" ? "made" : change.event}`, { entity: wordFor("kinds", change.entity ?? "") });
  return html`
    <p class="history-event-title">${title} <span class="muted">${t(change.actor.kind === "hub" ? "history.byHub" : "history.byYou")}</span></p>
    ${change.reason && html`<p class="small">${change.reason}</p>`}
    ${change.actor.runId && html`<p class="small"><a href=${href(["integrations", id, "history", change.actor.runId])}>${t("history.toRun")}</a></p>`}
    ${rows.length > 0 && html`<details open=${rows.length < 4}>
      <summary>${t("history.membersChanged", { count: rows.length, number: number(rows.length) })}</summary>
      <${Diff} caption=${title} rows=${rows} />
    </details>`}
  `;
}
