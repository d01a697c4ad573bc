// @ts-check
/** What will end soon, and the sign-in that lets the hub read. */
import { Banner } from "../../kit.js";
import { absolute } from "../../format.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t } from "../../words.js";
import { Authorizing } from "../connect/authorize.js";

/** What ends soon, or has ended. @param {{integration: any}} props */
export function Forecasts({ integration }) {
  return integration.health.warnings.map(
    (/** @type {any} */ each) => html`<${Banner} key=${each.code} tone=${each.daysLeft > 0 ? "warn" : "bad"} title=${each.detail}>${absolute(each.expiresAt)}</${Banner}>`,
  );
}

/** @param {{integration: any}} props */
export function Consent({ integration }) {
  const { authorizedAt } = integration.connection;
  const dead = integration.status === "reauth_required";
  return html`
      ${dead && html`<${Banner} tone="bad" title=${t("settings.consentDead")}>${integration.statusReason}</${Banner}>`}
      <p>${t(authorizedAt ? "settings.consentSince" : "settings.consentNone")} ${authorizedAt && absolute(authorizedAt)}</p>
      <${Authorizing} integration=${integration} again=${Boolean(authorizedAt) && !dead} back=${href(["integrations", integration.id, "settings"])} />
  `;
}
