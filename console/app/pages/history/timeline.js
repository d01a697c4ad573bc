// @ts-check
/** Runs or contracts, and changes of the configuration, in one line of time. */
import { pathOf, withQuery } from "../../api.js";
import { absolute } from "../../format.js";
import { useList } from "../../hooks.js";
import { Empty, Icon, Listed, Section, Status, Time, Value } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { whatOf } from "./log.js";
import { countsOf, memberOf, titleOf, verdictOf } from "./wording.js";
import { state } from "./runs.js";

const PAGE = 25;
const FEW = 5;
const ICONS = /** @type {Record<string, any>} */ ({ run: "refresh", change: "info", entry: "right" });

/** @param {{integration: any}} props */
export function TimelineView({ integration }) {
  const list = useList(withQuery(pathOf(integration.id, "timeline"), { limit: PAGE }));
  const empty = html`<${Empty} title=${t("history.noEvents")}>${t("history.noEventsText")}</${Empty}>`;
  return html`<${Section} lands title=${t("history.timeline")} lead=${t("history.timelineLead")}>
    <${Listed} list=${list} empty=${empty}>${(/** @type {any[]} */ events) => line(events, integration)}</${Listed}>
  </${Section}>`;
}

/** @param {any[]} events @param {any} integration */
function line(events, integration) {
  return html`<ol class="history-line">
      ${events.map((event) => html`<li key=${event.run?.id ?? event.change?.id ?? event.entry.id} class=${`history-event history-${event.type}`}>
        <${Icon} name=${ICONS[event.type]} />
        <div class="history-event-body">${told(event, integration)}</div>
        <p class="small muted history-at" title=${absolute(event.at)}><${Time} at=${event.at} /></p>
      </li>`)}
    </ol>`;
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
    <p class="history-event-title"><a href=${href(["integrations", id, "history", run.id])}>${titleOf(run)}</a> ${state(run)}</p>
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
  const { changes, event, entity, actor, reason } = change;
  const title = t(`history.${event === "created" ? "made" : event}`, { entity: wordFor("kinds", entity ?? "") });
  const members = html`<ul class="diff history-members">${changes.map((/** @type {any} */ each) => html`<li key=${each.field}><${Member} change=${each} /></li>`)}</ul>`;
  return html`
    <p class="history-event-title">${title} <span class="muted">${t(actor.kind === "hub" ? "history.byHub" : "history.byYou")}</span></p>
    ${reason && html`<p class="small">${reason}</p>`}
    ${actor.runId && html`<p class="small"><a href=${href(["integrations", id, "history", actor.runId])}>${t("history.toRun")}</a></p>`}
    ${changes.length > FEW ? html`<details><summary>${t("history.membersChanged", { count: changes.length })}</summary>${members}</details>` : members}
  `;
}

/** @param {{change: any}} props */
function Member({ change }) {
  const name = html`<span class="history-member">${memberOf(change.field)}</span>`;
  if (change.secret) return html`${name} <ins>${t("history.secretNew")}</ins>`;
  const [from, to] = [change.from, change.to].map((value) => (change.field === "status" ? wordFor("status", value) : value));
  const before = from === null ? "" : html`<${Value} value=${from} mark="del" /> <span class="muted">${t("history.became")}</span> `;
  return html`${name} ${before}<${Value} value=${to} mark="ins" />`;
}
