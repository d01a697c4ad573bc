// @ts-check
/** What will end soon, and the sign-in that lets the hub read. */
import { Banner, Card, Section, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t } from "../../words.js";
import { Authorizing } from "../connect/authorize.js";
import { needsConsent } from "../connect/guide.js";

/** What ends soon, or has ended. @param {{integration: any}} props */
export function Forecasts({ integration }) {
  return integration.health.warnings.map(
    (/** @type {any} */ each) => html`<${Banner} key=${each.code} tone=${each.daysLeft > 0 ? "warn" : "bad"} title=${each.detail}><${Time} at=${each.expiresAt} exact /></${Banner}>`,
  );
}

/** @param {{integration: any}} props */
export function Consent({ integration }) {
  if (!needsConsent(integration)) return null;
  const { authorizedAt } = integration.connection;
  const dead = integration.status === "reauth_required";
  return html`<${Section} title=${t("settings.part_consent")} lead=${t("settings.lead_consent")}>
    <${Card}>
      ${dead && html`<${Banner} tone="bad" title=${t("settings.consentDead")}>${integration.statusReason}</${Banner}>`}
      <p>${t(authorizedAt ? "settings.consentSince" : "settings.consentNone")} ${authorizedAt && html`<${Time} at=${authorizedAt} exact />`}</p>
      <${Authorizing} integration=${integration} again=${Boolean(authorizedAt) && !dead} back=${href(["integrations", integration.id, "settings"])} />
    </${Card}>
  </${Section}>`;
}
