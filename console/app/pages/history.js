// @ts-check
/** What the hub did for an integration: runs, log entries, and all of it in one line of time with changes of its configuration. */
import { Tabs } from "../kit.js";
import { html } from "../preact.js";
import { href } from "../router.js";
import { t } from "../words.js";
import { LogView } from "./history/log.js";
import { RunPage } from "./history/run.js";
import { RunsView } from "./history/runs.js";
import { TimelineView } from "./history/timeline.js";

const VIEWS = /** @type {Record<string, {kinds: string[], show: any}>} */ ({
  runs: { kinds: ["business_central"], show: RunsView },
  log: { kinds: ["business_central", "oneflow"], show: LogView },
  timeline: { kinds: ["business_central", "oneflow"], show: TimelineView },
});

/** @param {{integration: any, reload: () => void, query: Record<string, string>, params: {rest: string[]}}} props */
export default function History({ integration, reload, query, params }) {
  const [runId] = params.rest;
  if (runId) return html`<${RunPage} key=${runId} integration=${integration} runId=${runId} reload=${reload} />`;
  const offered = Object.keys(VIEWS).filter((view) => VIEWS[view].kinds.includes(integration.kind));
  const view = offered.includes(query.view) ? query.view : offered[0];
  const links = offered.map((id) => ({ id, name: t(`history.${id}`), href: href(["integrations", integration.id, "history"], { view: id }) }));
  return html`<div class="history">
    <${Tabs} label=${t("history.views")} tabs=${links} current=${view} />
    <${VIEWS[view].show} key=${view} integration=${integration} query=${{ ...query, view }} />
  </div>`;
}
