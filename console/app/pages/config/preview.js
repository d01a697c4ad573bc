// @ts-check
/** What the mapping makes of some records of Business Central, before it is saved; nothing is written. */
import { post } from "../../api.js";
import { Banner, Diff, ProblemBanner, Section, SelectField, Skeleton, Status } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { t } from "../../words.js";
import { valueAt } from "./model.js";

const SAMPLE = 10;
const PAUSE = 700;
const UNFIT = 422;

/**
 * Try the mapping on some records, a moment after each change. `problem` is what speaks against the mapping; while it holds,
 * `records` are those of the last mapping that could be tried.
 * @param {string} home @param {import("./model.js").Mapping} mapping
 */
export function useTrial(home, mapping) {
  const [state, setState] = useState({ records: /** @type {any[]} */ ([]), problem: /** @type {any} */ (null), failure: /** @type {any} */ (null), busy: true });
  const [chosen, choose] = useState("");
  const first = useRef(true);
  const key = JSON.stringify(mapping);
  useEffect(() => {
    const leaving = new AbortController();
    setState((before) => ({ ...before, busy: true }));
    const timer = setTimeout(
      () => tried(home, mapping, leaving.signal).then((next) => !leaving.signal.aborted && setState((before) => ({ ...before, ...next, busy: false }))),
      first.current ? 0 : PAUSE,
    );
    first.current = false;
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [home, key]);
  const record = state.records.find((each) => each.externalId === chosen) ?? state.records[0];
  return { ...state, record, choose };
}

/** @param {string} home @param {import("./model.js").Mapping} mapping @param {AbortSignal} signal */
async function tried(home, mapping, signal) {
  try {
    const reply = await post(`${home}/preview`, { sample: SAMPLE, mapping }, { signal });
    return { records: reply.data.records, problem: null, failure: null };
  } catch (error) {
    const unfit = /** @type {any} */ (error).status === UNFIT;
    return unfit ? { problem: error, failure: null } : { problem: null, failure: error };
  }
}

/** @param {{trial: ReturnType<typeof useTrial>, mapping: import("./model.js").Mapping}} props */
export function Preview({ trial, mapping }) {
  const { records, record, busy, problem, failure, choose } = trial;
  const changed = records.filter((each) => each.changed.length > 0).length;
  const failed = records.filter((each) => each.error).length;
  return html`<${Section} title=${t("config.preview")} lead=${t("config.previewLead")}>
    <${ProblemBanner} problem=${failure} title=${t("config.previewFailed")} />
    ${problem && html`<${Banner} tone="warn" title=${t("config.previewStopped", { count: problem.errors.length })}>${t("config.previewStoppedDetail")}</${Banner}>`}
    ${!record && busy && html`<${Skeleton} lines=${6} />`}
    ${record && html`
      <p class="config-tally" aria-live="polite">${busy ? t("config.trying") : t("config.tally", { records: records.length, changed, failed })}</p>
      <${SelectField} label=${t("config.record")} value=${record.externalId} set=${choose} options=${records.map((each) => ({ value: each.externalId, name: nameOf(each) }))} />
      <${Outcome} record=${record} mapping=${mapping} />
    `}
  </${Section}>`;
}

/** Return what people know a record by. @param {any} record */
function nameOf(record) {
  const known = record.after ?? record.before ?? { number: record.error?.data?.number, name: record.error?.data?.displayName };
  return [known.number, known.name].filter(Boolean).join(" – ") || record.externalId;
}

/** @param {{record: any, mapping: import("./model.js").Mapping}} props */
function Outcome({ record, mapping }) {
  if (record.error) return html`<${Banner} tone="bad" title=${record.error.error}><p><code>${record.error.code}</code></p></${Banner}>`;
  const targets = [...new Set([...mapping.fields.map((rule) => rule.target), ...record.changed])];
  const rows = targets.map((target) => ({ name: target, before: valueAt(record.before, target), after: valueAt(record.after, target) }));
  return html`
    ${record.before === null && html`<p><${Status} state="info" tone="info" text=${t("config.isNew")} /></p>`}
    <${Diff} caption=${t("config.preview")} rows=${rows} before=${t("config.now")} after=${t("config.then")} />
  `;
}
