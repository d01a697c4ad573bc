// @ts-check
/** The step in which a user lets the hub read Business Central in their name. */
import { pathOf, post } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { Banner, Button, ButtonLink, Card, ProblemBanner, Section, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { Problem } from "../../problem.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { leaveFor } from "./back.js";

const REASONS = new Set(["CONSENT_DECLINED", "SIGN_IN_LINK_EXPIRED", "SIGN_IN_LINK_UNKNOWN", "CREDENTIALS_REFUSED"]);

/** @param {{integration: any, query: Record<string, string>}} props */
export default function Authorize({ integration, query }) {
  const given = integration.connection.authorizedAt;
  const refused = query.refused ? new Problem({ status: 400, code: query.refused, title: t("connect.refused"), detail: wordFor("connectRefused", REASONS.has(query.refused) ? query.refused : "other") }) : null;
  return html`<${Section} title=${t("connect.step_authorize")} lead=${t("connect.authorizeLead")}>
    <${ProblemBanner} problem=${refused} />
    ${given && html`<${Banner} tone="ok" title=${t("connect.authorized")}><${Time} at=${given} exact /></${Banner}>`}
    <${Card}>
      <ul class="connect-needs">${t("connect.authorizeHow").split("|").map((each) => html`<li>${each}</li>`)}</ul>
      <${Authorizing} integration=${integration} again=${Boolean(given)} back=${href(["connect", integration.id])}>
        ${given && html`<${ButtonLink} kind="primary" href=${href(["connect", integration.id, "company"])}>${t("connect.goOn")}</${ButtonLink}>`}
      </${Authorizing}>
    </${Card}>
  </${Section}>`;
}

/** The button that leads to Microsoft. @param {{integration: any, again: boolean, back: string, children?: any}} props `back` is where to come back to */
export function Authorizing({ integration, again, back, children }) {
  const leave = useSubmit(async () => {
    const reply = await post(pathOf(integration.id, "dynamics", "authorize"));
    leaveFor(integration.id, reply.data.authorizeUrl, back);
  });
  return html`
    <${ProblemBanner} problem=${leave.problem} />
    <div class="form-actions">
      ${children}
      <${Button} kind=${again ? "plain" : "primary"} busy=${leave.busy} onClick=${leave.run}>${t(again ? "connect.authorizeAgain" : "connect.authorize")}</${Button}>
    </div>
  `;
}
