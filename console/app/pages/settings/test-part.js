// @ts-check
/** A test of the connection, whenever somebody wants one. */
import { refresh } from "../../integrations.js";
import { Card, Section } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t } from "../../words.js";
import { Checks, TestButton, useTrial } from "../connect/checks.js";

/** @param {{integration: any, reload: () => void}} props */
export function TestPart({ integration, reload }) {
  const trial = useTrial(integration, () => {
    reload();
    refresh();
  });
  const hrefOf = (/** @type {string} */ member) => href(["integrations", integration.id, "settings", "connection"], { field: member });
  const asked = trial.report || trial.busy || trial.problem;
  return html`<${Section} title=${t("settings.part_test")} lead=${t("settings.lead_test")} actions=${html`<${TestButton} trial=${trial} />`}>
    ${asked && html`<${Card}><${Checks} integration=${integration} trial=${trial} hrefOf=${hrefOf} consent=${href(["integrations", integration.id, "settings"])} /></${Card}>`}
  </${Section}>`;
}
