// @ts-check
/** Who changed what of a record, when, and by which run. */
import { withQuery } from "../../api.js";
import { useList } from "../../hooks.js";
import { Card, Diff, Empty, Facts, Listed, Section, Status, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { fieldName, t, wordFor } from "../../words.js";

const LIMIT = 10;
const FEW = 4;
/** @type {Record<string, import("../../kit/status.js").Tone>} */
const TONES = { created: "ok", updated: "info", healed: "ok", failed: "bad", gone: "warn", returned: "ok", edited: "info", pinned: "idle" };

/** @param {{integration: any, path: string}} props */
export function Timeline({ integration, path }) {
  const list = useList(withQuery(`${path}/timeline`, { limit: LIMIT }));
  const empty = html`<${Empty} title=${t("records.noTimeline")}>${t("records.noTimelineDetail")}</${Empty}>`;
  const entries = (/** @type {any[]} */ items) => html`<ol class="records-timeline">${items.map((entry, index) => html`<li key=${`${list.page}.${index}`}><${Entry} integration=${integration} entry=${entry} /></li>`)}</ol>`;
  return html`<${Section} title=${t("records.timeline")} lead=${t("records.timelineLead")}>
    ${list.problem?.status === 404 ? empty : html`<${Listed} list=${list} empty=${empty} lines=${4}>${entries}</${Listed}>`}
  </${Section}>`;
}

/** @param {{integration: any, entry: any}} props */
function Entry({ integration, entry }) {
  const names = Object.keys(entry.changes);
  return html`<${Card} class="records-entry">
    <p class="records-entry-head">
      <${Status} state=${entry.action} tone=${TONES[entry.action]} text=${wordFor("recordActions", entry.action)} />
      <${Time} at=${entry.at} exact />
      <${Actor} integration=${integration} actor=${entry.actor} />
    </p>
    ${entry.error && html`<p><strong>${entry.error.error}</strong> <code>${entry.error.code}</code></p>`}
    ${entry.note && html`<p class="small muted">${t("records.noBefore")}</p>`}
    ${names.length > 0 && html`<details open=${names.length <= FEW}>
      <summary>${t("records.changes", { count: names.length })}: ${names.map(fieldName).join(", ")}</summary>
      <${Diff} caption=${t("records.timeline")} rows=${names.map((name) => ({ name: fieldName(name), before: listed(entry.changes[name].from), after: listed(entry.changes[name].to) }))} />
    </details>`}
    ${entry.actor.runId && html`<details><summary>${t("records.details")}</summary><${Facts} columns facts=${[
      [t("records.mappingVersion"), entry.mappingVersion ?? undefined],
      [t("records.sourceModified"), entry.sourceModifiedAt ? html`<${Time} at=${entry.sourceModifiedAt} exact />` : undefined],
      [t("records.etag"), entry.sourceEtag ? html`<code>${entry.sourceEtag}</code>` : undefined],
    ]} /></details>`}
  </${Card}>`;
}

/** @param {{integration: any, actor: any}} props */
function Actor({ integration, actor }) {
  if (actor.kind === "user") return html`<span>${t("records.byYou")}</span>`;
  return html`<span>${t("records.byRun", { trigger: wordFor("recordTriggers", actor.trigger) })} <a href=${href(["integrations", integration.id, "history", actor.runId])}>${t("records.run")}</a></span>`;
}

/** Return pins as text. @param {any} value */
const listed = (value) => (Array.isArray(value) ? value.map(fieldName).join(", ") : value);
