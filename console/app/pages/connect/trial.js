// @ts-check
/** The step in which the connection is tested; it begins by itself. */
import { ButtonLink, Card, Section } from "../../kit.js";
import { html, useEffect } from "../../preact.js";
import { href } from "../../router.js";
import { t } from "../../words.js";
import { Checks, TestButton, useTrial } from "./checks.js";
import { stepAfter, stepFor } from "./guide.js";

/** @param {{integration: any}} props */
export default function Trial({ integration }) {
  const trial = useTrial(integration);
  useEffect(() => void trial.run(undefined), []);
  const hrefOf = (/** @type {string} */ member) => href(["connect", integration.id, stepFor(member)], { field: member });
  const onward = href(["connect", integration.id, stepAfter(integration, "test")]);
  return html`<${Section} title=${t("connect.step_test")} lead=${t(`connect.testLead_${integration.kind}`)}>
    <${Card}>
      <${Checks} integration=${integration} trial=${trial} hrefOf=${hrefOf} consent=${href(["connect", integration.id, "authorize"])} />
      <div class="form-actions">
        ${trial.report?.connected && html`<${ButtonLink} kind="primary" href=${onward}>${t("connect.goOn")}</${ButtonLink}>`}
        <${TestButton} trial=${trial} kind=${trial.report && !trial.report.connected ? "primary" : "plain"} />
        ${!trial.report?.connected && html`<${ButtonLink} kind="quiet" href=${onward}>${t("connect.skipTest")}</${ButtonLink}>`}
      </div>
    </${Card}>
  </${Section}>`;
}
