// @ts-check
/** The end of the guide: what is connected, and what happens next. */
import { Banner, ButtonLink, Card, Facts, Section, Status, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t } from "../../words.js";
import { nextStep } from "./guide.js";
import { presetOf } from "./schedules.js";

/** @param {{integration: any, tested: boolean}} props */
export default function Done({ integration, tested }) {
  const supply = integration.kind === "business_central";
  const left = nextStep(integration, tested);
  const open = left === "done" || left === "schedule" ? null : left;
  return html`<${Section} title=${t(open ? "connect.almost" : "connect.ready")}>
    ${open && html`<${Banner} tone="warn" title=${t("connect.leftOpen")} actions=${html`<${ButtonLink} href=${href(["connect", integration.id, open])}>${t(`connect.step_${open}`)}</${ButtonLink}>`} />`}
    <${Card}>
      ${supply ? html`<${Supply} integration=${integration} />` : html`<${Bridge} integration=${integration} />`}
    </${Card}>
  </${Section}>`;
}

/** @param {{integration: any}} props */
function Supply({ integration }) {
  const { id, schedule, nextRunAt, lastSyncedAt, connection } = integration;
  const rhythm = presetOf(schedule);
  const facts = [
    [t("connect.company"), connection.companyName ?? connection.companyId ?? undefined],
    [t("connect.state"), html`<${Status} state=${integration.status} />`],
    [t("connect.lastSync"), html`<${Time} at=${lastSyncedAt} />`],
    [t("connect.rhythm"), rhythm === "custom" ? html`<code>${schedule}</code>` : t(`connect.preset_${rhythm}`)],
    [t("connect.nextRun"), schedule ? html`<${Time} coming at=${nextRunAt} />` : undefined],
  ];
  return html`
    <${Facts} columns facts=${facts} />
    <h3 class="connect-sample">${t("connect.next")}</h3>
    <ul class="connect-needs">${t(schedule ? "connect.nextSupply" : "connect.nextByHand").split("|").map((each) => html`<li>${each}</li>`)}</ul>
    <div class="form-actions">
      <${ButtonLink} kind="primary" href=${href(["integrations", id])}>${t("connect.toIntegration")}</${ButtonLink}>
      <${ButtonLink} href=${href(["integrations", id, "settings"])}>${t("connect.toSettings")}</${ButtonLink}>
      <${ButtonLink} kind="quiet" href=${href(["connect"])}>${t("connect.another")}</${ButtonLink}>
    </div>
  `;
}

/** @param {{integration: any}} props */
function Bridge({ integration }) {
  const { id, connection } = integration;
  const facts = [
    [t("connect.orgUrl"), connection.dynamics.orgUrl],
    [t("connect.userEmail"), connection.oneflow.userEmail],
    [t("connect.state"), html`<${Status} state=${integration.status} />`],
  ];
  return html`
    <${Facts} columns facts=${facts} />
    <h3 class="connect-sample">${t("connect.next")}</h3>
    <ul class="connect-needs">${t("connect.nextBridge").split("|").map((each) => html`<li>${each}</li>`)}</ul>
    <div class="form-actions">
      <${ButtonLink} kind="primary" href=${href(["integrations", id, "oneflow"])}>${t("connect.toMapping")}</${ButtonLink}>
      <${ButtonLink} href=${href(["integrations", id, "settings"])}>${t("connect.toSettings")}</${ButtonLink}>
      <${ButtonLink} kind="quiet" href=${href(["connect"])}>${t("connect.another")}</${ButtonLink}>
    </div>
  `;
}
