// @ts-check
/** The step in which the first full sync runs, at once or after a look at its plan. */
import { pathOf, post } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { Banner, Button, ButtonLink, Card, ProblemBanner, RadioField, Section } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { go, href, setQuery } from "../../router.js";
import { t } from "../../words.js";
import { RunWatch } from "./run.js";
import { Plan } from "./plan.js";

const AT_ONCE = { headers: { Prefer: "respond-async" } };
const HELD = new Set(["SETUP_REQUIRED", "REAUTH_REQUIRED", "INTEGRATION_BROKEN"]);
const WAYS = ["sync", "plan", "later"];

/** @param {{integration: any, query: Record<string, string>}} props */
export default function FirstSync({ integration, query }) {
  const onward = href(["connect", integration.id, "schedule"]);
  return html`<${Section} title=${t("connect.step_sync")} lead=${t("connect.syncLead")}>
    <${Card}>${shown(integration, query, onward)}</${Card}>
  </${Section}>`;
}

/** @param {any} integration @param {Record<string, string>} query @param {string} onward */
function shown(integration, query, onward) {
  const back = () => setQuery({});
  if (query.run) return html`<${RunWatch} key=${query.run} integration=${integration} id=${query.run} onward=${onward} back=${back} />`;
  if (query.plan) return html`<${Plan} key=${query.plan} integration=${integration} id=${query.plan} onward=${onward} back=${back} />`;
  return html`<${Ways} integration=${integration} onward=${onward} />`;
}

/** @param {{integration: any, onward: string}} props */
function Ways({ integration, onward }) {
  const [way, setWay] = useState("sync");
  const path = pathOf(integration.id, "dynamics", "sync");
  const start = useSubmit(async () => {
    if (way === "later") return go(onward);
    const { data } = await post(way === "plan" ? `${path}?plan=true` : path, {}, AT_ONCE);
    setQuery({ [way === "plan" ? "plan" : "run"]: data.planId ?? data.id ?? data.runId });
  });
  const running = start.problem?.code === "SYNC_ALREADY_RUNNING" ? start.problem.body.runId : null;
  const watch = running && html`<${Button} small onClick=${() => setQuery({ run: running })}>${t("connect.watch")}</${Button}>`;
  const mend = HELD.has(start.problem?.code ?? "") && html`<${ButtonLink} href=${href(["connect", integration.id, "test"])}>${t("connect.step_test")}</${ButtonLink}>`;
  return html`
    ${integration.lastSyncedAt && html`<${Banner} tone="ok" title=${t("connect.syncedBefore")} actions=${html`<${ButtonLink} href=${onward}>${t("connect.goOn")}</${ButtonLink}>`} />`}
    <${ProblemBanner} problem=${start.problem} actions=${watch || mend} />
    <${RadioField} label=${t("connect.ways")} value=${way} set=${setWay} options=${WAYS.map((value) => ({ value, name: t(`connect.way_${value}`), help: t(`connect.wayHelp_${value}`) }))} />
    <div class="form-actions"><${Button} kind="primary" busy=${start.busy} onClick=${start.run}>${t(`connect.wayVerb_${way}`)}</${Button}></div>
  `;
}
