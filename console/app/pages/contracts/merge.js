// @ts-check
/** Push and fetch: what would happen, then what did, field by field. */
import { pathOf, post, withQuery } from "../../api.js";
import { useLoad, useSubmit } from "../../hooks.js";
import { Banner, Button, CheckField, Dialog, Diff, Loaded, ProblemBanner } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";
import { attempt } from "./attempt.js";

/**
 * @param {{integration: {id: string}, contractId: string, way: "push" | "fetch", labels?: Record<string, string>, onClose: () => void, done: () => void}} props
 *   `done` is called when something was written
 */
export function MergeDialog({ integration, contractId, way, labels, onClose, done }) {
  const [overwrite, setOverwrite] = useState(false);
  const [report, setReport] = useState(/** @type {any} */ (null));
  const path = pathOf(integration.id, "oneflow", "contracts", contractId, way);
  const ask = (/** @type {any} */ more) => attempt(() => post(withQuery(path, { ...(overwrite ? { overwrite } : {}), ...more })));
  const plan = useLoad(() => ask({ dryRun: true }), [path, overwrite]);
  const submit = useSubmit(async () => {
    setReport((await ask({})).data);
    done();
  });
  const nothing = !plan.data || plan.data.data.updated.length === 0;
  const actions = report
    ? html`<${Button} kind="primary" onClick=${onClose}>${t("kit.close")}</${Button}>`
    : html`<${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
        <${Button} kind="primary" busy=${submit.busy} disabled=${nothing || plan.loading} onClick=${() => submit.run(undefined)}>${t(way === "push" ? "contracts.pushNow" : "contracts.fetchNow")}</${Button}>`;
  return html`<${Dialog} wide title=${t(way === "push" ? "contracts.push" : "contracts.fetch")} onClose=${onClose} actions=${actions}>
    <${ProblemBanner} problem=${submit.problem} />
    ${report
      ? html`<${Report} report=${report} way=${way} labels=${labels} />`
      : html`
          <p class="muted">${t(way === "push" ? "contracts.pushLead" : "contracts.fetchLead")}</p>
          ${way === "push" && html`<${CheckField} label=${t("contracts.overwrite")} help=${t("contracts.overwriteHelp")} value=${overwrite} set=${setOverwrite} disabled=${submit.busy} />`}
          <${Loaded} of=${plan} lines=${4}>${(/** @type {any} */ reply) => html`<${Plan} plan=${reply.data} way=${way} labels=${labels} />`}</${Loaded}>
        `}
  </${Dialog}>`;
}

/** @param {{plan: any, way: string, labels?: Record<string, string>}} props */
function Plan({ plan, way, labels }) {
  const words = { push: t("contracts.inOneflow"), fetch: t("contracts.inDynamics") };
  return html`<div class="contracts-plan">
    <h3>${t("contracts.planned", { count: plan.updated.length })}</h3>
    ${plan.updated.length === 0 && html`<p class="muted">${t("contracts.nothing")}</p>`}
    <${Changes} changes=${plan.updated} labels=${labels} caption=${/** @type {any} */ (words)[way]} />
    <${Rest} report=${plan} labels=${labels} />
  </div>`;
}

/** @param {{report: any, way: string, labels?: Record<string, string>}} props */
function Report({ report, way, labels }) {
  const troubled = report.conflicts.length > 0;
  const title = t(way === "push" ? "contracts.pushed" : "contracts.fetched", { count: report.updated.length });
  return html`<div class="contracts-plan">
    <${Banner} tone=${troubled ? "warn" : "ok"} alert title=${title}>${report.unchanged > 0 && t("contracts.unchanged", { count: report.unchanged })}</${Banner}>
    <${Changes} changes=${report.updated} labels=${labels} caption=${title} />
    <${Rest} report=${report} labels=${labels} />
  </div>`;
}

/** @param {{changes: any[], labels?: Record<string, string>, caption: string}} props */
function Changes({ changes, labels, caption }) {
  if (changes.length === 0) return null;
  return html`<${Diff} caption=${caption} rows=${changes.map((each) => ({ name: named(each, labels), before: each.from, after: each.to }))} />`;
}

/** @param {{report: any, labels?: Record<string, string>}} props */
function Rest({ report, labels }) {
  return html`
    ${report.conflicts.length > 0 && html`<h3>${t("contracts.inConflict", { count: report.conflicts.length })}</h3><ul class="contracts-rest">${report.conflicts.map((/** @type {any} */ each) => html`<li key=${each.id}><strong>${named(each, labels)}</strong> ${t("contracts.waits")}</li>`)}</ul>`}
    ${report.skipped.length > 0 && html`<h3>${t("contracts.skipped", { count: report.skipped.length })}</h3><ul class="contracts-rest">${report.skipped.map((/** @type {any} */ each) => html`<li><strong>${named(each, labels)}</strong> ${each.reason} <code class="small muted">${each.code}</code></li>`)}</ul>`}
  `;
}

/** @param {any} each @param {Record<string, string>} [labels] */
function named(each, labels = {}) {
  const own = Object.entries(labels).find(([key]) => key.endsWith(`||${each.field}`));
  return own ? own[1] : html`<code>${each.field}</code>`;
}

