// @ts-check
/** A test of the connection, whenever somebody wants one. */
import { refresh } from "../../integrations.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { Checks, TestButton, useTrial } from "../connect/checks.js";

/** @param {{integration: any, reload: () => void}} props */
export function TestPart({ integration, reload }) {
  const trial = useTrial(integration, () => {
    reload();
    refresh();
  });
  const hrefOf = (/** @type {string} */ member) => href(["integrations", integration.id, "settings", member === "/connection/companyId" || member === "/connection/environment" ? "company" : "connection"], { field: member });
  const asked = trial.report || trial.busy || trial.problem;
  const consent = href(["integrations", integration.id, "settings", "consent"]);
  return html`
    ${asked && html`<${Checks} integration=${integration} trial=${trial} hrefOf=${hrefOf} consent=${consent} />`}
    <${TestButton} trial=${trial} />
  `;
}
