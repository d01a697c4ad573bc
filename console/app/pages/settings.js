// @ts-check
/** The settings of an integration: name, connection, schedule, behaviour, and its removal. */
import { Banner, ButtonLink, Card, Section, toast } from "../kit.js";
import { html, useEffect, useRef } from "../preact.js";
import { href } from "../router.js";
import { t } from "../words.js";
import { Companies, Environment } from "./connect/company.js";
import { ConnectionForm } from "./connect/credentials.js";
import { isUnfinished } from "./connect/guide.js";
import { ScheduleForm } from "./connect/schedule-form.js";
import { Behaviour } from "./settings/behaviour.js";
import { Consent, Forecasts } from "./settings/consent.js";
import { Name } from "./settings/name.js";
import { Removal } from "./settings/removal.js";
import { TestPart } from "./settings/test-part.js";

/** @param {{integration: any, etag: string, reload: () => void, query: Record<string, string>, params: {rest: string[]}}} props */
export default function Settings({ integration, etag, reload, query, params }) {
  const supply = integration.kind === "business_central";
  const [asked] = params.rest;
  const saved = () => {
    toast(t("settings.saved"));
    reload();
  };
  const given = { integration, etag, reload, done: saved };
  return html`
    ${isUnfinished(integration) && html`<${Banner} tone="warn" title=${t("settings.unfinished")} actions=${html`<${ButtonLink} href=${href(["connect", integration.id])}>${t("settings.goOn")}</${ButtonLink}>`}>${integration.statusReason}</${Banner}>`}
    <${Forecasts} integration=${integration} />
    <${Part} id="name" asked=${asked}><${Name} ...${given} /></${Part}>
    ${supply && html`<${Consent} integration=${integration} />`}
    <${Part} id="connection" asked=${asked}><${ConnectionForm} ...${given} field=${query.field} verb=${t("settings.save")} /></${Part}>
    ${supply && html`<${CompanyPart} ...${given} asked=${asked} field=${query.field} />`}
    <${TestPart} integration=${integration} reload=${reload} />
    ${supply && html`<${Part} id="schedule" asked=${asked}><${ScheduleForm} ...${given} verb=${t("settings.save")} /></${Part}>`}
    <${Part} id="behaviour" asked=${asked}><${Behaviour} ...${given} /></${Part}>
    <${Removal} integration=${integration} />
  `;
}

/** A part with its form; the one that the address names comes into view. @param {{id: string, asked?: string, children?: any}} props */
function Part({ id, asked, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (id === asked) box.current?.scrollIntoView({ block: "start" });
  }, [id, asked]);
  return html`<div ref=${box}><${Section} title=${t(`settings.part_${id}`)} lead=${t(`settings.lead_${id}`)}><${Card}>${children}</${Card}></${Section}></div>`;
}

/** @param {{integration: any, etag: string, reload: () => void, done: () => void, asked?: string, field?: string}} props */
function CompanyPart({ integration, etag, reload, done, field }) {
  return html`<${Section} title=${t("settings.part_company")} lead=${t("settings.lead_company")}>
    <div class="connect-stack">
      <${Environment} ...${{ integration, etag, reload: done, field }} />
      <${Companies} key=${integration.connection.environment} ...${{ integration, etag, reload }} onward=${done} verb=${t("settings.save")} />
    </div>
  </${Section}>`;
}
