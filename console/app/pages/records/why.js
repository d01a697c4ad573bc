// @ts-check
/** Where a record stands, why, and what to do next. */
import { post } from "../../api.js";
import { useKey, useSubmit } from "../../hooks.js";
import { Button, ButtonLink, Card, Help, Loaded, ProblemBanner, Status, Time, toast, useHelp } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { askable, outcomeOf, TONES } from "./facts.js";

const BY_PERSON = new Set(["IN_CONFLICT", "SAME_KEY_ELSEWHERE"]);
const WORSE = new Set(["errors", "conflicts", "absent"]);

/** @param {{integration: any, entity: string, id: string, path: string, explained: any, record: any, reload: () => void}} props */
export function Why({ integration, entity, id, path, explained, record, reload }) {
  const once = useKey();
  const retry = useSubmit(async () => {
    try {
      tell(await once((key) => post(`${path}/retry`, {}, { key })), entity);
    } finally {
      reload();
    }
  });
  return html`<${Card} as="section" class="records-why">
    <h3>${t("records.why")}</h3>
    <${Loaded} of=${explained} lines=${2}>
      ${(/** @type {any} */ told) => html`
        <p class="records-state"><${Status} state=${told.state} tone=${TONES[told.state]} text=${wordFor("recordStates", told.state)} /> <span>${wordFor("recordReasons", told.because.code)}</span></p>
        <${Cause} told=${told} record=${record} />
        ${told.source.trouble && html`<p>${t("records.notAsked", { detail: told.source.trouble.detail })}</p>`}
        <p><strong>${t("records.next")}</strong> ${BY_PERSON.has(told.because.code) && told.because.conflict ? t("records.nextConflict") : sentence(told.next.detail)}${told.next.at && html` (<${Time} coming at=${told.next.at} />)`}</p>
        <p class="small muted">${sentence(told.because.detail)}</p>
        <${ProblemBanner} problem=${retry.problem} />
        <div class="form-actions">
          <${Ways} ...${{ integration, entity, told }} />
          ${askable(id) && told.state !== "conflict" && html`<${Button} icon="refresh" kind=${told.state === "pending" || told.state === "failed" ? "primary" : "plain"} busy=${retry.busy} onClick=${retry.run}>${t("records.retry")}</${Button}>`}
        </div>
      `}
    </${Loaded}>
  </${Card}>`;
}

/** The error of a failed record, with its cause and fix. @param {{told: any, record: any}} props */
function Cause({ told, record }) {
  const error = told.because.error;
  const help = useHelp(error?.code);
  if (!error) return told.because.filter ? html`<p>${t("records.filter", { version: told.because.mappingVersion })} <code>${told.because.filter}</code></p>` : null;
  const tries = record?.syncError;
  return html`<div class="records-cause">
    <p><strong>${error.error}</strong> <code>${error.code}</code></p>
    ${help && html`<${Help} ...${help} />`}
    ${tries?.attempts && html`<p class="small muted">${t("records.tried", { count: tries.attempts })} ${t("records.lastTry")} <${Time} at=${tries.lastAt} /></p>`}
  </div>`;
}

/** Where to go on. @param {{integration: any, entity: string, told: any}} props */
function Ways({ integration, entity, told }) {
  const { conflict, runId, code } = told.because;
  const own = (/** @type {string[]} */ ...parts) => href(["integrations", integration.id, ...parts]);
  if (conflict) return html`<${ButtonLink} kind="primary" href=${href(["integrations", conflict.integrationId, "conflicts", conflict.id])}>${t("records.decide")}</${ButtonLink}>`;
  if (runId) return html`<${ButtonLink} kind="primary" href=${own("history", runId)}>${t("records.toRun")}</${ButtonLink}>`;
  if (code === "INTEGRATION_HELD") return html`<${ButtonLink} kind="primary" href=${own("settings")}>${t("records.toConnection")}</${ButtonLink}>`;
  if (code === "FILTER_EXCLUDES") return html`<${ButtonLink} href=${own("config", entity)}>${t("records.toMapping")}</${ButtonLink}>`;
  return null;
}

/** @param {any} reply @param {string} entity */
function tell(reply, entity) {
  const outcome = reply.status === 202 ? "begun" : outcomeOf(reply.data[entity]);
  toast(t(`records.read_${outcome}`), WORSE.has(outcome) ? "warn" : "ok");
}

/** @param {string} text */
const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);
