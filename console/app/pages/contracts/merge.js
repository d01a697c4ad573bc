// @ts-check
/** Push and fetch: what would happen, then what did, field by field. */
import { pathOf, post, withQuery } from "../../api.js";
import { useLoad, useSubmit } from "../../hooks.js";
import { Banner, Button, CheckField, Dialog, Diff, Loaded, ProblemBanner } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";
import { attempt, useAgain } from "./attempt.js";
import { labelOf } from "./fields.js";

/**
 * @param {{integration: {id: string}, contractId: string, way: "push" | "fetch", fields: any[], labels?: Record<string, string>, onClose: () => void, done: () => void}} props
 *   `fields` of the contract, with their `labels`; `done` is called when something was written
 */
export function MergeDialog({ integration, contractId, way, fields, labels = {}, onClose, done }) {
  const [overwrite, setOverwrite] = useState(false);
  const [report, setReport] = useState(/** @type {any} */ (null));
  const path = pathOf(integration.id, "oneflow", "contracts", contractId, way);
  const ask = (/** @type {any} */ more) => attempt(() => post(withQuery(path, { ...(overwrite ? { overwrite } : {}), ...more })));
  const plan = useLoad(() => ask({ dryRun: true }), [path, overwrite]);
  useAgain(plan.reload);
  const submit = useSubmit(async () => {
    setReport((await ask({})).data);
    done();
  });
  const named = (/** @type {any} */ each) => labelOf(each, fields, labels) ?? html`<code>${each.field}</code>`;
  const nothing = !plan.data || plan.data.data.updated.length === 0;
  const actions = report
    ? html`<${Button} kind="primary" onClick=${onClose}>${t("kit.close")}</${Button}>`
    : html`<${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
        <${Button} kind="primary" busy=${submit.busy} disabled=${nothing || plan.loading} onClick=${() => submit.run(undefined)}>${t(way === "push" ? "contracts.pushNow" : "contracts.fetchNow")}</${Button}>`;
  return html`<${Dialog} wide title=${t(way === "push" ? "contracts.push" : "contracts.fetch")} onClose=${onClose} actions=${actions}>
    <${ProblemBanner} problem=${submit.problem} />
    ${report
      ? html`<${Report} report=${report} way=${way} named=${named} />`
      : html`
          <p class="muted">${t(way === "push" ? "contracts.pushLead" : "contracts.fetchLead")}</p>
          ${way === "push" && html`<${CheckField} label=${t("contracts.overwrite")} help=${t("contracts.overwriteHelp")} value=${overwrite} set=${setOverwrite} disabled=${submit.busy} />`}
          <${Loaded} of=${plan} lines=${4}>${(/** @type {any} */ reply) => html`<${Plan} plan=${reply.data} way=${way} named=${named} />`}</${Loaded}>
        `}
  </${Dialog}>`;
}

/** @param {{plan: any, way: string, named: (each: any) => any}} props */
function Plan({ plan, way, named }) {
  const words = { push: t("contracts.inOneflow"), fetch: t("contracts.inDynamics") };
  return html`<div class="contracts-plan">
    <h3>${t("contracts.planned", { count: plan.updated.length })}</h3>
    ${plan.updated.length === 0 && html`<p class="muted">${t("contracts.nothing")}</p>`}
    <${Changes} changes=${plan.updated} named=${named} caption=${/** @type {any} */ (words)[way]} />
    <${Rest} report=${plan} named=${named} />
  </div>`;
}

/** @param {{report: any, way: string, named: (each: any) => any}} props */
function Report({ report, way, named }) {
  const troubled = report.conflicts.length > 0;
  const title = t(way === "push" ? "contracts.pushed" : "contracts.fetched", { count: report.updated.length });
  return html`<div class="contracts-plan">
    <${Banner} tone=${troubled ? "warn" : "ok"} alert title=${title}>${report.unchanged > 0 && t("contracts.unchanged", { count: report.unchanged })}</${Banner}>
    <${Changes} changes=${report.updated} named=${named} caption=${title} />
    <${Rest} report=${report} named=${named} />
  </div>`;
}

/** @param {{changes: any[], named: (each: any) => any, caption: string}} props */
function Changes({ changes, named, caption }) {
  if (changes.length === 0) return null;
  return html`<${Diff} caption=${caption} rows=${changes.map((each) => ({ name: named(each), before: each.from, after: each.to }))} />`;
}

/** @param {{report: any, named: (each: any) => any}} props */
function Rest({ report, named }) {
  return html`
    ${report.conflicts.length > 0 && html`<h3>${t("contracts.inConflict", { count: report.conflicts.length })}</h3><ul class="contracts-rest">${report.conflicts.map((/** @type {any} */ each) => html`<li key=${each.id}><strong>${named(each)}</strong> ${t("contracts.waits")}</li>`)}</ul>`}
    ${report.skipped.length > 0 && html`<h3>${t("contracts.skipped", { count: report.skipped.length })}</h3><ul class="contracts-rest">${report.skipped.map((/** @type {any} */ each) => html`<li><strong>${named(each)}</strong> ${each.reason} <code class="small muted">${each.code}</code></li>`)}</ul>`}
  `;
}
