// @ts-check
/** The guide that connects a system: choose what, then step by step; every step has an address. */
import { get, pathOf, withQuery } from "../api.js";
import { useLoad } from "../hooks.js";
import { Loaded, Page } from "../kit.js";
import { html, useEffect } from "../preact.js";
import { href } from "../router.js";
import { t } from "../words.js";
import Authorize from "./connect/authorize.js";
import Choice from "./connect/choice.js";
import Company from "./connect/company.js";
import { Credentials, NewCredentials } from "./connect/credentials.js";
import Done from "./connect/done.js";
import FirstSync from "./connect/first-sync.js";
import { KINDS, nextStep, progressOf, stepsOf } from "./connect/guide.js";
import Rhythm from "./connect/rhythm.js";
import { Steps } from "./connect/steps.js";
import Trial from "./connect/trial.js";

/** @type {Record<string, any>} */
const STEPS = { credentials: Credentials, authorize: Authorize, company: Company, test: Trial, sync: FirstSync, schedule: Rhythm, done: Done };

/** @param {{params: {at?: string, step?: string}, query: Record<string, string>}} props */
export default function Connect({ params: { at, step }, query }) {
  if (!at) return html`<${Choice} />`;
  if (KINDS.includes(at)) return html`<${Beginning} kind=${at} query=${query} />`;
  return html`<${Guide} id=${at} step=${step} query=${query} />`;
}

/** @param {{kind: string, query: Record<string, string>}} props */
function Beginning({ kind, query }) {
  const steps = stepsOf(kind, false).map((id) => ({ id, done: false }));
  return html`<${Page} title=${t(`connect.new_${kind}`)} lead=${t(`connect.newLead_${kind}`)}>
    <${Steps} steps=${steps} current="credentials" hrefOf=${() => undefined} />
    <${NewCredentials} kind=${kind} query=${query} />
  </${Page}>`;
}

/** @param {{id: string, step?: string, query: Record<string, string>}} props */
function Guide({ id, step, query }) {
  const loaded = useLoad(async (signal) => {
    const logs = withQuery(pathOf(id, "sync-logs"), { action: "TEST", limit: 1 });
    const [reply, tests] = await Promise.all([get(pathOf(id), { signal }), get(logs, { signal })]);
    return { integration: reply.data, etag: reply.etag, tested: tests.data[0]?.status === "SUCCESS" };
  }, [id]);
  if (loaded.problem && !loaded.data) return html`<${Page} title=${t("connect.title")}><${Loaded} of=${loaded}>${() => null}</${Loaded}></${Page}>`;
  return html`<${Loaded} of=${loaded} lines=${8}>${(/** @type {any} */ known) => html`<${Known} ...${known} step=${step} query=${query} reload=${loaded.reload} />`}</${Loaded}>`;
}

/** @param {{integration: any, etag: string, tested: boolean, step?: string, query: Record<string, string>, reload: () => void}} props */
function Known({ integration, etag, tested, step, query, reload }) {
  const current = step && STEPS[step] ? step : nextStep(integration, tested);
  const hrefOf = (/** @type {string} */ id) => href(["connect", integration.id, id]);
  useEffect(() => {
    if (!step) history.replaceState(null, "", hrefOf(current));
  }, [step, current]);
  return html`<${Page} title=${t("connect.going", { name: integration.name })} part=${t(`connect.step_${current}`)} lead=${t(`connect.newLead_${integration.kind}`)}>
    <${Steps} steps=${progressOf(integration, tested)} current=${current} hrefOf=${hrefOf} />
    <${STEPS[current]} key=${current} ...${{ integration, etag, tested, query, reload }} />
  </${Page}>`;
}
