// @ts-check
/** Fields that changed on both sides: a person decides, field by field, with what both last agreed on beside it. */
import { get, pathOf, post } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { Banner, Button, Card, Loaded, ProblemBanner, Time, toast, Value } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";
import { attempt, useAttempt } from "./attempt.js";
import { labelKey } from "./fields.js";

/** @param {{integration: {id: string}, fields: any[], labels?: Record<string, string>, done: () => void}} props `fields` of the contract, all of them */
export function Disputes({ integration, fields, labels = {}, done }) {
  const open = fields.filter((each) => each.conflictId);
  return html`<ul class="contracts-disputes">${open.map((each) => html`<li key=${each.conflictId}><${Dispute} integration=${integration} field=${each} label=${labels[labelKey(each)] ?? each.field} done=${done} /></li>`)}</ul>`;
}

/** @param {{integration: {id: string}, field: any, label: string, done: () => void}} props */
function Dispute({ integration, field, label, done }) {
  const path = pathOf(integration.id, "conflicts", field.conflictId);
  const loaded = useAttempt((signal) => get(path, { signal }), [path]);
  const [moved, setMoved] = useState(false);
  const submit = useSubmit(async (/** @type {"dynamics" | "oneflow"} */ choice) => {
    setMoved(false);
    try {
      await attempt(() => post(`${path}/resolve`, { choice }, { etag: loaded.data?.etag }));
    } catch (/** @type {any} */ problem) {
      if (problem.code === "CONFLICT_RESOLVED") return done();
      if (problem.status !== 412) throw problem;
      setMoved(true);
      return loaded.reload();
    }
    toast(t(choice === "dynamics" ? "contracts.tookDynamics" : "contracts.tookOneflow", { field: label }));
    return done();
  });
  return html`<${Card} class="contracts-dispute">
    <h3>${label} <code class="muted small">${field.oneflowField}</code></h3>
    <${ProblemBanner} problem=${submit.problem} />
    ${moved && html`<${Banner} tone="warn" alert title=${t("contracts.movedOn")}>${t("contracts.movedOnDetail")}</${Banner}>`}
    <${Loaded} of=${loaded} lines=${3}>${(/** @type {any} */ reply) => sides(reply.data, submit)}</${Loaded}>
  </${Card}>`;
}

/** @param {any} conflict @param {any} submit */
function sides(conflict, submit) {
  const take = (/** @type {"dynamics" | "oneflow"} */ choice, /** @type {string} */ words) =>
    html`<${Button} small busy=${submit.busy} onClick=${() => submit.run(choice)}>${words}</${Button}>`;
  return html`
    <p class="muted small">${t("contracts.since")} <${Time} at=${conflict.detectedAt} /> · ${t("contracts.base")}: <${Value} value=${conflict.base} /></p>
    <div class="contracts-sides">
      <div><p class="muted small">${t("contracts.dynamics")}</p><p class="contracts-value"><${Value} value=${conflict.dynamics} /></p>${take("dynamics", t("contracts.useDynamics"))}</div>
      <div><p class="muted small">${t("contracts.oneflow")}</p><p class="contracts-value"><${Value} value=${conflict.oneflow} /></p>${take("oneflow", t("contracts.useOneflow"))}</div>
    </div>
  `;
}
