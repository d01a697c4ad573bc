// @ts-check
/** The settings of an integration: name, connection, schedule, behaviour, and its removal. */
import { Banner, ButtonLink, Card, Section, toast } from "../kit.js";
import { html, useEffect, useRef } from "../preact.js";
import { href } from "../router.js";
import { t } from "../words.js";
import { awaitsConsent, Companies, Environment, Unauthorized } from "./connect/company.js";
import { ConnectionForm } from "./connect/credentials.js";
import { isUnfinished, needsConsent } from "./connect/guide.js";
import { ScheduleForm } from "./connect/schedule-form.js";
import { Behaviour } from "./settings/behaviour.js";
import { Consent, Forecasts } from "./settings/consent.js";
import { Name } from "./settings/name.js";
import { Removal } from "./settings/removal.js";
import { TestPart } from "./settings/test-part.js";

const PARTS = ["name", "connection", "company", "test", "schedule", "behaviour", "removal"];

/** @param {{integration: any, etag: string, reload: () => void, query: Record<string, string>, params: {rest: string[]}}} props */
export default function Settings({ integration, etag, reload, query, params }) {
  const supply = integration.kind === "business_central";
  const [asked] = params.rest;
  const saved = () => {
    toast(t("settings.saved"));
    reload();
  };
  const tried = () => {
    toast(t("settings.savedTest"));
    reload();
  };
  const given = { integration, etag, reload, done: saved };
  return html`
    ${isUnfinished(integration) && html`<${Banner} tone="warn" title=${t("settings.unfinished")} actions=${html`<${ButtonLink} href=${href(["connect", integration.id])}>${t("settings.goOn")}</${ButtonLink}>`}>${integration.statusReason}</${Banner}>`}
    <${Forecasts} integration=${integration} />
    <${Parts} integration=${integration} asked=${asked} />
    <div class="settings-parts">
    <${Part} id="name" asked=${asked}><${Name} ...${given} /></${Part}>
    ${needsConsent(integration) && html`<${Part} id="consent" asked=${asked}><${Consent} integration=${integration} /></${Part}>`}
    <${Part} id="connection" asked=${asked}><${ConnectionForm} ...${given} done=${tried} field=${query.field} verb=${t("settings.save")} /></${Part}>
    ${supply && html`<${CompanyPart} ...${given} asked=${asked} field=${query.field} />`}
    <${Part} id="test" asked=${asked}><${TestPart} integration=${integration} reload=${reload} /></${Part}>
    ${supply && html`<${Part} id="schedule" asked=${asked}><${ScheduleForm} ...${given} verb=${t("settings.save")} /></${Part}>`}
    <${Part} id="behaviour" asked=${asked}><${Behaviour} ...${given} /></${Part}>
    <${Part} id="removal" asked=${asked} lead=${t(`settings.lead_removal_${integration.kind}`)}><${Removal} integration=${integration} /></${Part}>
    </div>
  `;
}

/** Links to the parts: the page is long. @param {{integration: any, asked?: string}} props */
function Parts({ integration, asked }) {
  const supply = integration.kind === "business_central";
  const ids = PARTS.filter((id) => supply || !["company", "schedule"].includes(id));
  return html`<nav class="settings-nav" aria-label=${t("settings.parts")}>
    <ul>${ids.map((id) => html`<li key=${id}><a href=${href(["integrations", integration.id, "settings", id])} aria-current=${id === asked ? "true" : undefined}>${t(`settings.part_${id}`)}</a></li>`)}</ul>
  </nav>`;
}

/**
 * A part with its form; the one that the address names comes into view, unless one of its fields did.
 * @param {{id: string, asked?: string, lead?: string, bare?: boolean, children?: any}} props `bare`: the part brings its own cards
 */
function Part({ id, asked, lead = t(`settings.lead_${id}`), bare = false, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (id !== asked || box.current?.contains(document.activeElement)) return;
    box.current?.scrollIntoView({ block: "start" });
    box.current?.focus();
  }, [id, asked]);
  return html`<div ref=${box} class="settings-part" tabindex="-1"><${Section} title=${t(`settings.part_${id}`)} lead=${lead}>${bare ? children : html`<${Card}>${children}</${Card}>`}</${Section}></div>`;
}

/** @param {{integration: any, etag: string, reload: () => void, done: () => void, asked?: string, field?: string}} props */
function CompanyPart({ integration, etag, reload, done, asked, field }) {
  const consent = href(["integrations", integration.id, "settings", "consent"]);
  if (awaitsConsent(integration)) return html`<${Part} id="company" asked=${asked} bare><${Unauthorized} href=${consent} /></${Part}>`;
  return html`<${Part} id="company" asked=${asked} bare>
    <div class="connect-stack">
      <${Environment} ...${{ integration, etag, reload: done, field }} />
      <${Companies} key=${integration.connection.environment} ...${{ integration, etag, reload }} onward=${done} verb=${t("settings.save")} />
    </div>
  </${Part}>`;
}
