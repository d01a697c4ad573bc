// @ts-check
/** The beginning of the guide: what is to be connected, and set-ups that were left before their end. */
import { refresh } from "../../integrations.js";
import { useLoad } from "../../hooks.js";
import { ButtonLink, Card, Page, Section, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { isUnfinished, KINDS, nextStep } from "./guide.js";

export default function Choice() {
  const loaded = useLoad((signal) => refresh(signal), []);
  const left = (loaded.data ?? []).filter(isUnfinished);
  return html`<${Page} title=${t("connect.title")} lead=${t("connect.lead")}>
    <ul class="connect-kinds">${KINDS.map((kind) => html`<li key=${kind}><${KindCard} kind=${kind} /></li>`)}</ul>
    ${left.length > 0 && html`<${Section} title=${t("connect.unfinished")} lead=${t("connect.unfinishedLead")}>
      <ul class="connect-left">${left.map((each) => html`<li key=${each.id}><${Left} integration=${each} /></li>`)}</ul>
    </${Section}>`}
  </${Page}>`;
}

/** @param {{kind: string}} props */
function KindCard({ kind }) {
  return html`<${Card} as="section" class="connect-kind">
    <h2>${wordFor("kinds", kind)}</h2>
    <p>${t(`connect.about_${kind}`)}</p>
    <p class="small muted">${t("connect.youNeed")}</p>
    <ul class="connect-needs">${t(`connect.needs_${kind}`).split("|").map((need) => html`<li>${need}</li>`)}</ul>
    <${ButtonLink} kind="primary" href=${href(["connect", kind])} aria-label=${t(`connect.begin_${kind}`)}>${t("connect.begin")}</${ButtonLink}>
  </${Card}>`;
}

/** @param {{integration: any}} props */
function Left({ integration }) {
  return html`<${Card} class="connect-row">
    <div>
      <p><strong>${integration.name}</strong></p>
      <p class="small muted">${wordFor("kinds", integration.kind)} · ${t("connect.begun")} <${Time} at=${integration.createdAt} /></p>
      <p class="small">${t("connect.nextStep")} <strong>${t(`connect.step_${nextStep(integration, false)}`)}</strong></p>
    </div>
    <${ButtonLink} href=${href(["connect", integration.id])} aria-label=${t("connect.goOnWith", { name: integration.name })}>${t("connect.goOn")}</${ButtonLink}>
  </${Card}>`;
}
