// @ts-check
/** A tile for each integration: how it does, and why. */
import { get, pathOf } from "../api.js";
import { integrations, more, readMore, refresh, stateOf } from "../integrations.js";
import { useLoad, usePoll, useSubmit } from "../hooks.js";
import { Button, Card, Empty, Facts, LiveRun, Loaded, Page, ProblemBanner, Status, Time } from "../kit.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { href } from "../router.js";
import { useStore } from "../store.js";
import { t, wordFor } from "../words.js";
import { ActivityChart, OpenIssues, StandLine } from "./overview/parts.js";

const EVERY = 4_000;
const EACH = 200;
const FIRST = 12;

export default function Overview() {
  const known = useStore(integrations);
  const loaded = usePoll((signal) => refresh(signal), [], { every: Math.max(EVERY, (known?.length ?? 0) * EACH) });
  const shown = known ?? loaded.data;
  return html`<${Page} title=${t("overview.title")} lead=${t("overview.lead")}>
    <${Loaded} of=${{ ...loaded, data: shown }} lines=${6}>${(/** @type {any[]} */ found) => html`<${Tiles} found=${found} />`}</${Loaded}>
  </${Page}>`;
}

/** @param {{found: any[]}} props */
function Tiles({ found }) {
  const [count, setCount] = useState(FIRST);
  const longer = useStore(more);
  const further = useSubmit(async () => {
    await readMore();
    setCount((before) => before + FIRST);
  });
  if (found.length === 0) return html`<${Empty} title=${t("overview.empty")}>${t("overview.emptyDetail")}</${Empty}>`;
  return html`
    <ul class="overview-tiles">${found.slice(0, count).map((each) => html`<li key=${each.id}><${Tile} integration=${each} /></li>`)}</ul>
    ${found.length > count && html`<p class="overview-more"><${Button} onClick=${() => setCount(count + FIRST)}>${t("overview.showMore", { count: found.length - count })}</${Button}></p>`}
    ${longer && found.length <= count && html`
      <${ProblemBanner} problem=${further.problem} />
      <p class="overview-more"><${Button} busy=${further.busy} onClick=${further.run}>${t("waits.others")}</${Button}> <span class="muted">${t("overview.others", { count: found.length })}</span></p>
    `}
  `;
}

/** @param {{integration: any}} props */
function Tile({ integration }) {
  const { lastRun } = integration;
  const summary = useLoad((signal) => get(pathOf(integration.id, "summary"), { signal }), [integration.id]);
  const news = [lastRun?.id, lastRun?.status, lastRun?.progress.heartbeatAt, integration.updatedAt].join();
  const shown = useRef(news);
  useEffect(() => {
    if (shown.current !== news) summary.reload();
    shown.current = news;
  }, [news]);
  const address = href(["integrations", integration.id]);
  return html`<${Card} as="article" class="overview-tile">
    <div class="overview-head">
      <h2><a href=${address}>${integration.name}</a></h2>
      <${Status} state=${stateOf(integration)} />
    </div>
    <p class="small muted overview-kind">${wordFor("kinds", integration.kind)}</p>
    <${Why} integration=${integration} />
    <${Loaded} of=${summary} lines=${5}>${(/** @type {any} */ reply) => html`<${Told} integration=${integration} summary=${reply.data} />`}</${Loaded}>
  </${Card}>`;
}

/** @param {{integration: any}} props */
function Why({ integration }) {
  const reason = integration.statusReason ?? integration.health.detail;
  return reason ? html`<p class="overview-why">${reason}</p>` : null;
}

/** @param {{integration: any, summary: any}} props */
function Told({ integration, summary }) {
  const last = html`<${Time} at=${integration.lastSyncedAt} />`;
  const next = html`<${Time} coming at=${integration.nextRunAt} none=${t(integration.status === "paused" ? "overview.held" : "overview.byHand")} />`;
  const supply = integration.kind === "business_central";
  const contracts = Object.entries(summary.contracts?.states ?? {});
  const facts = supply
    ? [[t("overview.lastSuccess"), last], [t("overview.nextRun"), next], [t("overview.inStep"), html`<${StandLine} integration=${integration} records=${summary.records} />`]]
    : [[t("overview.lastActivity"), html`<${Time} at=${summary.activity[0]?.at} />`], [t("overview.contracts"), contractsLine(integration, contracts)]];
  return html`
    ${summary.activeRun && html`<${LiveRun} run=${summary.activeRun} address=${href(["integrations", integration.id, "history", summary.activeRun.id])} />`}
    <${Facts} facts=${[...facts, [t("overview.open"), html`<${OpenIssues} integration=${integration} summary=${summary} />`]]} columns />
    <${ActivityChart} activity=${summary.activity} />
  `;
}

/** @param {any} integration @param {Array<[string, any]>} states */
function contractsLine(integration, states) {
  if (states.length === 0) return t("overview.noContracts");
  const told = states.map(([state, count]) => `${count} ${wordFor("status", state).toLowerCase()}`).join(", ");
  return html`<a href=${href(["integrations", integration.id, "contracts"])}>${told}</a>`;
}
