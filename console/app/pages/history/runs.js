// @ts-check
/** The runs of an integration, newest first; the one that runs is watched. */
import { get, pathOf, post, withQuery } from "../../api.js";
import { absolute, duration, number, secondsBetween } from "../../format.js";
import { useList, usePoll, useSubmit } from "../../hooks.js";
import { announce, Button, Card, Empty, Filters, kindOf, ListTable, LiveRun, ProblemBanner, Section, SelectField, Status, TextField, Time, toast, useNow } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { go, href, setQuery } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { countsOf, added, isHeld, isOver, momentOf } from "./wording.js";

const PAGE = 25;
const [SOON, LATER] = [1_000, 5_000];
const NAMES = ["status", "kind", "from", "to"];
const STATES = ["queued", "running", "succeeded", "partial", "failed", "cancelled"];
const KINDS = ["full", "delta", "retry"];

/** @param {{integration: any, query: Record<string, string>}} props */
export function RunsView({ integration, query }) {
  const { id } = integration;
  const asked = { limit: PAGE, status: query.status, kind: query.kind, from: momentOf(query.from, "first"), to: momentOf(query.to, "last") };
  const list = useList(withQuery(pathOf(id, "runs"), asked));
  const newest = useLatest(id, list.reload);
  const filtered = NAMES.some((name) => query[name]);
  return html`<${Section} lands title=${t("history.runs")} actions=${html`<${Start} id=${id} busy=${newest !== undefined && !isOver(newest)} />`}>
    ${newest && !isOver(newest) && html`<${Card} class="history-live"><${LiveRun} run=${newest} address=${href(["integrations", id, "history", newest.id])} /></${Card}>`}
    <${RunFilters} query=${query} filtered=${filtered} />
    <${ListTable} list=${list} caption=${t("history.runs")} columns=${columns(id)} empty=${nothing(filtered)} />
    ${list.items && html`<${Totals} runs=${list.items.filter((run) => !run.planOnly)} />`}
  </${Section}>`;
}

/** Watch the newest run; when it ends or another begins, the list is read again. @param {string} id @param {() => void} reload */
function useLatest(id, reload) {
  const [every, setEvery] = useState(LATER);
  const loaded = usePoll((signal) => get(withQuery(pathOf(id, "runs"), { limit: 1 }), { signal }), [id], { every });
  const run = loaded.data?.data[0];
  useEffect(() => setEvery(run && !isOver(run) ? SOON : LATER), [run?.endedAt]);
  const state = run && `${run.id} ${run.status}`;
  const known = useRef(/** @type {string | undefined} */ (undefined));
  useEffect(() => {
    if (known.current !== undefined && state !== known.current) {
      reload();
      if (run && isOver(run)) announce(t("history.ended", { status: wordFor("status", run.status) }));
    }
    known.current = state ?? known.current;
  }, [state]);
  return run;
}

/** @param {{id: string, busy: boolean}} props */
function Start({ id, busy }) {
  const begin = (/** @type {any} */ body) =>
    post(pathOf(id, "dynamics", "sync"), body, { headers: { Prefer: "respond-async" } }).then((reply) => {
      toast(t("history.began"));
      go(href(["integrations", id, "history", reply.data.id ?? reply.data.runId]));
    });
  const sync = useSubmit(begin);
  return html`
    <${Button} disabled=${busy} busy=${sync.busy} onClick=${() => sync.run({})}>${t("history.syncFull")}</${Button}>
    <${Button} kind="primary" icon="refresh" disabled=${busy} busy=${sync.busy} onClick=${() => sync.run({ mode: "delta" })}>${t("history.syncNow")}</${Button}>
    <div class="history-wide"><${ProblemBanner} problem=${sync.problem} actions=${otherRun(id, sync.problem)} /></div>
  `;
}

/** A link to the run that is in the way, when the problem names one. @param {string} id @param {any} problem */
export function otherRun(id, problem) {
  const runId = problem?.body.runId;
  return runId && html`<a href=${href(["integrations", id, "history", runId])}>${t("history.toRun")}</a>`;
}

/** @param {{query: Record<string, string>, filtered: boolean}} props */
function RunFilters({ query, filtered }) {
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => setQuery({ ...query, [name]: value });
  const any = { value: "", name: t("history.any") };
  const options = (/** @type {string} */ group, /** @type {string[]} */ values) => [any, ...values.map((value) => ({ value, name: wordFor(group, value) }))];
  return html`<${Filters} onClear=${filtered ? () => setQuery({ view: query.view }) : undefined}>
    <${SelectField} label=${t("history.status")} value=${query.status ?? ""} set=${set("status")} options=${options("status", STATES)} />
    <${SelectField} label=${t("history.kind")} value=${query.kind ?? ""} set=${set("kind")} options=${options("kinds", KINDS)} />
    <${TextField} label=${t("history.from")} type="date" value=${query.from ?? ""} set=${set("from")} />
    <${TextField} label=${t("history.to")} type="date" value=${query.to ?? ""} set=${set("to")} />
  </${Filters}>`;
}

/** @param {string} id */
function columns(id) {
  const count = (/** @type {string} */ name) => ({ name: t(`history.${name}`), align: /** @type {"end"} */ ("end"), show: (/** @type {any} */ run) => number(countsOf(run)[name]) });
  return [
    { name: t("history.started"), main: true, show: (/** @type {any} */ run) => html`<a href=${href(["integrations", id, "history", run.id])}><${Time} at=${run.startedAt} /></a><span class="history-sub">${absolute(run.startedAt)}</span>` },
    { name: t("history.status"), show: (/** @type {any} */ run) => html`<div>${state(run)}<span class="history-sub">${t("history.took")} <${Took} run=${run} /></span></div>` },
    { name: t("history.kind"), show: (/** @type {any} */ run) => html`<div>${kindOf(run)}<span class="history-sub">${wordFor("kinds", run.trigger)}</span></div>` },
    ...["created", "updated", "unchanged", "conflicts"].map(count),
    { name: t("history.errors"), align: /** @type {"end"} */ ("end"), show: (/** @type {any} */ run) => failed(run) },
  ];
}

/** @param {any} run */
export function state(run) {
  return isHeld(run) ? html`<${Status} state="partial" text=${t("history.waits")} />` : html`<${Status} state=${run.status} />`;
}

/** @param {any} run */
function failed(run) {
  const { errors } = countsOf(run);
  return errors > 0 ? html`<strong class="history-bad">${number(errors)}</strong>` : number(errors);
}

/** @param {{run: any}} props */
export function Took({ run }) {
  const now = useNow(!isOver(run));
  return duration(secondsBetween(run.startedAt, run.endedAt, now));
}

/** @param {{runs: any[]}} props */
function Totals({ runs }) {
  if (runs.length === 0) return null;
  const sums = added(runs.map(countsOf));
  return html`<p class="small muted">${t("history.totals", { count: runs.length, ...sums })}</p>`;
}

/** @param {boolean} filtered */
function nothing(filtered) {
  if (filtered) return html`<${Empty} title=${t("history.noneFound")}>${t("history.noneFoundText")}</${Empty}>`;
  return html`<${Empty} title=${t("history.noRuns")}>${t("history.noRunsText")}</${Empty}>`;
}
