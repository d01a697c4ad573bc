// @ts-check
/** Parts that the overview and an integration's first tab share. */
import { absolute, number } from "../../format.js";
import { BarChart, Icon, toneOf } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";

/** Which part of the settings mends a connection, by the status that holds it. @type {Record<string, string>} */
const MENDED_IN = { broken: "company", setup_required: "connection", reauth_required: "consent" };
const ENTITIES = ["suppliers", "products"];

/** How many records are in step, as the last full run found it. @param {{integration: any, records: Record<string, any>}} props */
export function StandLine({ integration, records }) {
  const told = ENTITIES.map((entity) => records[entity]).filter(Boolean);
  if (told.length === 0) return html`<span class="muted">${t("overview.noFull")}</span>`;
  const sum = (/** @type {string} */ name) => told.reduce((total, each) => total + each[name], 0);
  const since = sum("createdSince");
  const when = told[0].at ? absolute(told[0].at) : "";
  return html`<span title=${t("overview.asOf", { when })}><a href=${href(["integrations", integration.id, "records"])}>${t("overview.of", { records: sum("inStep"), expected: sum("read") })}</a>${since > 0 && html` <span class="muted small">${t("overview.new", { since })}</span>`}</span>`;
}

/** What waits for somebody, each with the way to it. @param {{integration: any, summary: any}} props */
export function OpenIssues({ integration, summary }) {
  const found = waitingFor(integration, summary);
  if (found.length === 0) return html`<span class="issue status-ok"><${Icon} name="ok" />${t("overview.nothingOpen")}</span>`;
  return found.map(({ text, tone, address }) => html`<a key=${address} class=${`issue status-${tone}`} href=${address}><${Icon} name=${tone} />${text}</a>`);
}

/**
 * Return what waits for somebody: the connection, runs to approve, failures, conflicts; `address` shows exactly those.
 * @param {any} integration @param {any} summary @returns {Array<{text: string, tone: "warn" | "bad", address: string}>}
 */
export function waitingFor(integration, summary) {
  const at = (/** @type {string[]} */ ...parts) => ["integrations", integration.id, ...parts];
  const amount = (/** @type {string} */ word, /** @type {any} */ told) => t(word, { count: told.count, more: told.more ? "+" : "" });
  const part = MENDED_IN[integration.status];
  /** @type {Array<{text: string, tone: "warn" | "bad", address: string}>} */
  const found = [];
  if (part) found.push({ text: t("overview.connection"), tone: "warn", address: href(at("settings", part)) });
  for (const id of summary.heldRuns ?? []) found.push({ text: t("waits.run"), tone: "warn", address: href(at("history", id)) });
  if (summary.failures?.count > 0) found.push({ text: amount("overview.failures", summary.failures), tone: "bad", address: href(at("records"), { status: "failures", type: "all" }) });
  if (summary.conflicts.count > 0) found.push({ text: amount("overview.conflicts", summary.conflicts), tone: "warn", address: href(at("conflicts")) });
  return found;
}

/** The latest runs, or log entries of a bridge, as bars; the newest is on the right. @param {{activity: any[]}} props */
export function ActivityChart({ activity }) {
  if (activity.length === 0) return null;
  const bars = [...activity].reverse().map((each) => ({ value: each.read ?? each.records, tone: toneOf(each.status), title: titleOf(each) }));
  const good = bars.filter((bar) => bar.tone === "ok").length;
  const label = t("overview.chart", { count: bars.length, good });
  return html`<figure class="chart"><${BarChart} label=${label} bars=${bars} /><figcaption class="small muted">${label}</figcaption></figure>`;
}

/** @param {any} each */
function titleOf(each) {
  const facts = [wordFor("kinds", each.kind), wordFor("status", each.status), t("overview.changed", { count: each.records })];
  return `${absolute(each.at)}: ${facts.join(", ")}${each.errors ? `, ${t("overview.errors", { errors: number(each.errors) })}` : ""}`;
}
