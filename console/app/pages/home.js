// @ts-check
/** The first tab of an integration: what happens now, how it stands, what can be done. */
import { get, patch, pathOf, post } from "../api.js";
import { absolute, number } from "../format.js";
import { useLoad, usePoll, useSubmit } from "../hooks.js";
import { refresh } from "../integrations.js";
import { Banner, Button, Card, Confirm, DataTable, Facts, Figure, Help, LiveRun, Loaded, ProblemBanner, Section, Status, Time, toast, useHelp } from "../kit.js";
import { html, useEffect, useState } from "../preact.js";
import { href } from "../router.js";
import { t, wordFor } from "../words.js";
import { ActivityChart, OpenIssues } from "./overview/parts.js";

const HELD = /** @type {Record<string, string>} */ ({ broken: "INTEGRATION_BROKEN", setup_required: "SETUP_REQUIRED", reauth_required: "REAUTH_REQUIRED" });
const STALE = "PRECONDITION_FAILED";
const QUICK = 1_000;
const SLOW = 10_000;

/** @param {{integration: any, etag: string, reload: () => void}} props */
export default function Home({ integration, etag, reload }) {
  const [running, setRunning] = useState(false);
  const summary = usePoll((signal) => get(pathOf(integration.id, "summary"), { signal }), [integration.id], { every: running ? QUICK : SLOW });
  const active = summary.data ? summary.data.data.activeRun !== null : running;
  useEffect(() => {
    if (running && !active) {
      reload();
      refresh().catch(() => undefined);
    }
    setRunning(active);
  }, [active]);
  const supply = integration.kind === "business_central";
  return html`
    <${Held} integration=${integration} />
    ${integration.health.warnings.map((/** @type {any} */ each) => html`<${Banner} tone="warn" title=${each.detail} />`)}
    <${Actions} integration=${integration} etag=${etag} reload=${reload} again=${summary.reload} />
    <${Loaded} of=${summary} lines=${8}>${(/** @type {any} */ reply) => html`
      ${reply.data.activeRun && html`<${Card} class="home-live"><${LiveRun} run=${reply.data.activeRun} address=${href(["integrations", integration.id, "history", reply.data.activeRun.id])} /></${Card}>`}
      <${Numbers} integration=${integration} summary=${reply.data} />
      <${Latest} id=${integration.id} activity=${reply.data.activity} supply=${supply} />
    `}</${Loaded}>
    <${About} integration=${integration} />
  `;
}

/** Why schedules are held, and what mends it. @param {{integration: any}} props */
function Held({ integration }) {
  const help = useHelp(HELD[integration.status]);
  if (integration.status === "active" || integration.status === "paused") return null;
  return html`<${Banner} tone="bad" title=${integration.statusReason ?? wordFor("status", integration.status)}>${help && html`<${Help} ...${help} />`}</${Banner}>`;
}

/** @param {{integration: any, etag: string, reload: () => void, again: () => void}} props */
function Actions({ integration, etag, reload, again }) {
  const [asking, setAsking] = useState(false);
  const changed = async () => {
    setAsking(false);
    reload();
    await refresh();
  };
  const moved = (/** @type {any} */ problem) => {
    if (problem.code !== STALE) throw problem;
    reload();
    throw Object.assign(problem, { title: t("trouble.moved"), detail: t("trouble.movedDetail") });
  };
  const sync = useSubmit(async (/** @type {any} */ body) => {
    await post(pathOf(integration.id, "dynamics", "sync"), body, { headers: { Prefer: "respond-async" } });
    toast(t("home.started"));
    again();
  });
  const status = useSubmit((/** @type {string} */ next) => patch(pathOf(integration.id), { status: next }, etag).then(changed, moved));
  const paused = integration.status === "paused";
  return html`
    <${ProblemBanner} problem=${sync.problem ?? status.problem} />
    <div class="home-actions">
      ${integration.kind === "business_central" && html`
        <${Button} kind="primary" busy=${sync.busy} onClick=${() => sync.run({ mode: "delta" })}>${t("home.delta")}</${Button}>
        <${Button} busy=${sync.busy} onClick=${() => sync.run({})}>${t("home.full")}</${Button}>
      `}
      ${paused && html`<${Button} busy=${status.busy} onClick=${() => status.run("active")}>${t("home.resume")}</${Button}>`}
      ${integration.status === "active" && html`<${Button} busy=${status.busy} onClick=${() => setAsking(true)}>${t("home.pause")}</${Button}>`}
    </div>
    ${asking && integration.status === "active" && html`<${Confirm} title=${t("home.pauseTitle", { name: integration.name })} verb=${t("home.pause")} kind="primary" onClose=${() => setAsking(false)} submit=${{ ...status, run: () => status.run("paused") }}><p>${t("home.pauseDetail")}</p></${Confirm}>`}
  `;
}

/** @param {{integration: any, summary: any}} props */
function Numbers({ integration, summary }) {
  const supply = integration.kind === "business_central";
  const stands = Object.entries(summary.records ?? {}).map(([entity, stand]) => [entity, stand]);
  const states = Object.entries(summary.contracts?.states ?? {});
  const at = (/** @type {string} */ tab, query = {}) => href(["integrations", integration.id, tab], query);
  return html`<${Card}>
    <dl class="figures">
      ${supply && stands.map(([entity, stand]) => html`<${Figure} key=${entity} name=${wordFor("kinds", entity)} value=${stand ? html`<a href=${at("records", { type: entity })}>${t("overview.of", { records: stand.inStep, expected: stand.read })}</a>` : t("kit.none")} note=${stand?.createdSince > 0 ? t("overview.new", { since: stand.createdSince }) : undefined} />`)}
      ${!supply && (states.length ? states : [["draft", 0]]).map(([state, count]) => html`<${Figure} key=${state} name=${`${t("kinds.contracts")}: ${wordFor("status", state)}`} value=${count > 0 ? html`<a href=${at("contracts")}>${number(count)}</a>` : count} />`)}
      <div class="figure"><dt>${t("overview.open")}</dt><dd class="home-issues"><${OpenIssues} integration=${integration} summary=${summary} /></dd></div>
    </dl>
    ${supply && html`<p class="small muted">${t("home.inStepNote")}</p>`}
  </${Card}>`;
}

/** @param {{id: string, activity: any[], supply: boolean}} props */
function Latest({ id, activity, supply }) {
  const columns = [
    { name: t("home.when"), main: true, show: (/** @type {any} */ each) => (each.runId ? html`<a href=${href(["integrations", id, "history", each.runId])}><${Time} at=${each.at} /></a>` : html`<${Time} at=${each.at} />`) },
    { name: t("home.what"), show: (/** @type {any} */ each) => wordFor("kinds", each.kind) },
    { name: t("home.how"), show: (/** @type {any} */ each) => html`<${Status} state=${each.status} />` },
    { name: t("home.records"), align: /** @type {const} */ ("end"), show: (/** @type {any} */ each) => each.records.toLocaleString("en") },
    ...(supply ? [{ name: t("home.failed"), align: /** @type {const} */ ("end"), show: (/** @type {any} */ each) => each.errors.toLocaleString("en") }] : []),
  ];
  const keyOf = (/** @type {any} */ each) => each.runId ?? each.at + each.kind;
  return html`<${Section} title=${t(supply ? "home.runs" : "home.log")}>
    <${ActivityChart} activity=${activity} />
    <${DataTable} caption=${t("home.runs")} columns=${columns} rows=${activity.slice(0, 5)} keyOf=${keyOf} />
  </${Section}>`;
}

/** @param {{integration: any}} props */
function About({ integration }) {
  const facts = [
    [t("home.schedule"), integration.schedule ? html`<code>${integration.schedule}</code>` : t("overview.byHand")],
    [t("overview.nextRun"), html`<${Time} coming at=${integration.nextRunAt} none=${t("kit.none")} exact />`],
    [t("overview.lastSuccess"), html`<${Time} at=${integration.lastSyncedAt} exact />`],
    [t("home.company"), integration.connection.companyName ?? undefined],
    [t("home.environment"), integration.connection.environment],
    [t("home.organization"), integration.connection.dynamics?.orgUrl],
    [t("home.made"), absolute(integration.createdAt)],
    [t("home.id"), html`<code>${integration.id}</code>`],
  ];
  return html`<${Section} title=${t("home.about")}><${Card}><${Facts} facts=${facts} columns /></${Card}></${Section}>`;
}
