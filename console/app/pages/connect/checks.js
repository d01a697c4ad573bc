// @ts-check
/** A test of the connection, check by check: what is wrong, why, what mends it, and the way to where it is mended. */
import { pathOf, post } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { number } from "../../format.js";
import { announce, Banner, Button, ButtonLink, Help, Icon, ProblemBanner, useHelp } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { t } from "../../words.js";

/** @type {Record<string, string[]>} */
const CHECKS = {
  business_central: ["credentials", "reachable", "companies", "permissions"],
  oneflow: ["dynamics_credentials", "dynamics_reachable", "dynamics_metadata", "dynamics_privileges", "oneflow_token", "oneflow_workspace"],
};
const TYPED = "input, select, textarea";
const CONSENT = new Set(["REAUTH_REQUIRED", "CONSENT_DECLINED", "SETUP_REQUIRED"]);

/** Run tests and keep the last report. @param {any} integration @param {(report: any) => any} [after] */
export function useTrial(integration, after) {
  const [report, setReport] = useState(/** @type {any} */ (null));
  const trial = useSubmit(async () => {
    const { data } = await post(pathOf(integration.id, "dynamics", "test"));
    setReport(data);
    announce(t(data.connected ? "connect.testPassed" : "connect.testFailed"));
    await after?.(data);
  });
  return { ...trial, report };
}

/**
 * A check that fails gets the focus, unless somebody is typing.
 * @param {{integration: any, trial: ReturnType<typeof useTrial>, hrefOf: (member: string) => string, consent: string}} props
 *   `hrefOf` leads to the field of a member, `consent` to where somebody signs in
 */
export function Checks({ integration, trial, hrefOf, consent }) {
  const { report, busy, problem } = trial;
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (busy || !report || report.connected || document.activeElement?.matches(TYPED)) return;
    /** @type {HTMLElement | null | undefined} */ (list.current?.querySelector(".is-failed"))?.focus();
  }, [report, busy]);
  const shown = busy || !report ? CHECKS[integration.kind].map((name) => ({ name, ok: null })) : report.checks;
  return html`
    <${ProblemBanner} problem=${problem} />
    ${report && !busy && html`<${Verdict} report=${report} />`}
    <ol class="connect-checks" ref=${list} aria-label=${t("connect.checks")} aria-busy=${busy ? "true" : undefined}>
      ${shown.map((/** @type {any} */ check) => html`<${Check} key=${check.name} ...${{ check, busy, hrefOf, consent, integration }} />`)}
    </ol>
  `;
}

/** @param {{report: any}} props */
function Verdict({ report }) {
  if (!report.connected) return html`<${Banner} tone="bad" title=${t("connect.testFailed")}>${t("connect.testFailedDetail")}</${Banner}>`;
  const counts = report.company && html`<p>${t("connect.found", { company: report.company, vendors: number(report.vendorCount), items: number(report.itemCount) })}</p>`;
  return html`<${Banner} tone="ok" title=${t("connect.testPassed")}>${counts}</${Banner}>`;
}

/** @param {{check: any, busy: boolean, hrefOf: (member: string) => string, consent: string, integration: any}} props */
function Check({ check, busy, hrefOf, consent, integration }) {
  const help = useHelp(check.ok === false ? check.code : undefined);
  const [tone, state] = stateOf(check.ok, busy);
  return html`<li class="connect-check ${check.ok === false ? "is-failed" : ""}" tabindex=${check.ok === false ? "-1" : undefined}>
    <span class="status-${tone}">${busy ? html`<span class="spinner" aria-hidden="true"></span>` : html`<${Icon} name=${tone} />`}</span>
    <div>
      <p><strong>${t(`connect.check_${check.name}`)}</strong> <span class="small status-${tone}">${t(`connect.check${state}`)}</span></p>
      <p class="small muted">${check.detail ?? t(`connect.checkWhat_${check.name}`)}</p>
      ${check.fix && html`<p class="connect-fix"><strong>${t("problem.fix")}</strong> ${check.fix}.</p>`}
      ${help && html`<details class="connect-more"><summary>${t("connect.moreAbout")} <code>${check.code}</code></summary><${Help} ...${help} /></details>`}
      ${check.ok === false && html`<div class="connect-ways"><${Ways} ...${{ check, hrefOf, consent, integration }} /></div>`}
    </div>
  </li>`;
}

/** The ways to what is to be mended. @param {{check: any, hrefOf: (member: string) => string, consent: string, integration: any}} props */
function Ways({ check, hrefOf, consent, integration }) {
  const signIn = CONSENT.has(check.code) && integration.connection.grant === "authorization_code";
  return html`
    ${signIn && html`<${ButtonLink} kind="primary" href=${consent}>${t("connect.toConsent")}</${ButtonLink}>`}
    ${(check.members ?? []).map((/** @type {string} */ member) => html`<${ButtonLink} key=${member} href=${hrefOf(member)}>${t("connect.change", { what: t(`connect.${memberName(member)}`) })}</${ButtonLink}>`)}
  `;
}

/** A button that tests. @param {{trial: ReturnType<typeof useTrial>, kind?: "primary" | "plain"}} props */
export function TestButton({ trial, kind = "plain" }) {
  return html`<${Button} kind=${kind} icon="refresh" busy=${trial.busy} onClick=${() => trial.run(undefined)}>${t(trial.report ? "connect.testAgain" : "connect.testNow")}</${Button}>`;
}

/** @param {boolean | null} ok @param {boolean} busy */
function stateOf(ok, busy) {
  if (busy) return ["info", "Running"];
  if (ok === null) return ["idle", "Untried"];
  return ok ? ["ok", "Ok"] : ["bad", "Failed"];
}

/** @param {string} member a JSON pointer */
function memberName(member) {
  return member.slice(member.lastIndexOf("/") + 1);
}
