// @ts-check
/** Data fields: the mapping of one table, edited as a whole. */
import { get, pathOf, put, withQuery } from "../../api.js";
import { useDraft, useLoad, useSubmit } from "../../hooks.js";
import { Banner, Button, DraftNote, Empty, Loaded, ProblemBanner, Section, toast } from "../../kit.js";
import { html, useEffect, useRef, useState } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { Place, useTemplates } from "./place.js";
import { Rows } from "./rows.js";
import { bodyOf, check, editable, isSame } from "./rules.js";
import { StaleMapping } from "./stale.js";

/** @param {{integration: any, entity: string}} props */
export function MappingPage({ integration, entity }) {
  const loaded = useLoad((signal) => readAll(integration.id, entity, signal), [integration.id, entity]);
  return html`
    <p><a href=${href(["integrations", integration.id, "oneflow"])}>← ${t("oneflow.entities")}</a></p>
    <${Loaded} of=${loaded} lines=${10}>${(/** @type {any} */ found) => html`<${Editor} integration=${integration} entity=${entity} found=${found} />`}</${Loaded}>
  `;
}

/** @param {{integration: any, entity: string, found: {saved: any, groups: any[], label: string}}} props */
function Editor({ integration, entity, found }) {
  const path = pathOf(integration.id, "entities", entity, "mapping");
  const [saved, setSaved] = useState(found.saved);
  const theirs = editable(saved.data);
  const first = { tag: saved.etag, mapping: theirs };
  const draft = useDraft(`oneflow.${integration.id}.${entity}`, first);
  const mapping = draft.value.mapping;
  const dirty = !isSame(mapping, theirs);
  const stale = dirty && draft.value.tag !== saved.etag;
  const place = useTemplates(integration.id, mapping);
  const findings = check(mapping, found.groups, place.template);
  const refused = useRefusal();
  const [old, setOld] = useState(draft.restored);
  const form = useRef(/** @type {HTMLElement | null} */ (null));
  const edit = (/** @type {any} */ facts) => draft.set((now) => ({ tag: dirty ? now.tag : saved.etag, mapping: { ...now.mapping, ...facts } }));
  const submit = useSubmit(async (/** @type {string} */ tag) => {
    refused.forget();
    try {
      const reply = await put(path, bodyOf(mapping), tag);
      setSaved(reply);
      draft.clear({ tag: reply.etag, mapping: editable(reply.data) });
      setOld(false);
      toast(t("oneflow.saved", { count: reply.data.fields.length }));
    } catch (/** @type {any} */ problem) {
      if (problem.status === 412) return void setSaved(await get(path));
      refused.note(problem, mapping);
      throw problem;
    }
  });
  useGuard(dirty);
  const told = (/** @type {string} */ id, /** @type {number} */ index, /** @type {string} */ member) =>
    findings.filter((each) => each.pointer === `/fields/${index}/${member}`).map(words)[0] || refused.at(mapping, id, member);
  const whole = (/** @type {string} */ pointer) => findings.filter((each) => each.pointer === pointer).map(words)[0] ?? submit.problem?.at(pointer) ?? "";
  const save = (/** @type {string} */ tag) => (findings.length > 0 ? focusWrong(form.current) : submit.run(tag));
  return html`<div ref=${form} class="oneflow-editor">
    <${Section} lands=${found.label} title=${t("oneflow.mappingOf", { table: found.label })} lead=${t("oneflow.mappingLead", { table: found.label })}>
      ${stale ? html`<${StaleMapping} mine=${mapping} theirs=${theirs} groups=${found.groups} keep=${() => save(saved.etag)} busy=${submit.busy} take=${() => draft.clear(first)} />` : dirty && html`<${DraftNote} draft=${{ restored: old, clear: () => draft.clear(first) }} />`}
      ${submit.problem && html`<${Refused} problem=${submit.problem} />`}
      <${Place} place=${place} mapping=${mapping} edit=${edit} told=${whole} />
    </${Section}>
    <${Section} title=${t("oneflow.dataFields")}>
      <${Legend} open=${mapping.fields.length === 0} />
      ${mapping.fields.length === 0 && html`<${Empty} title=${t("oneflow.noRows")}>${t("oneflow.noRowsDetail")}</${Empty}>`}
      <${Rows} mapping=${mapping} change=${(/** @type {any} */ fields) => edit({ fields })} groups=${found.groups} template=${place.template} told=${told} />
    </${Section}>
    <div class=${`oneflow-save ${dirty ? "oneflow-unsaved" : ""}`}>
      <p role="status">${standing(dirty, findings.length)}</p>
      ${dirty && html`<${Button} onClick=${() => draft.clear(first)}>${t("oneflow.discard")}</${Button}>`}
      <${Button} kind="primary" busy=${submit.busy} disabled=${!dirty || stale} onClick=${() => save(draft.value.tag)}>${t("oneflow.save")}</${Button}>
    </div>
  </div>`;
}

/** What the API refused: which rows, as they were sent; a row that was changed since is not judged by it. */
function useRefusal() {
  const [known, setKnown] = useState(/** @type {{problem: any, rows: Record<string, {index: number, text: string}>} | null} */ (null));
  const text = (/** @type {any} */ row) => JSON.stringify(row);
  return {
    forget: () => setKnown(null),
    note: (/** @type {any} */ problem, /** @type {any} */ mapping) =>
      setKnown({ problem, rows: Object.fromEntries(mapping.fields.map((/** @type {any} */ row, /** @type {number} */ index) => [row.id, { index, text: text(row) }])) }),
    at(/** @type {any} */ mapping, /** @type {string} */ id, /** @type {string} */ member) {
      const sent = known?.rows[id];
      const now = mapping.fields.find((/** @type {any} */ row) => row.id === id);
      return known && sent && sent.text === text(now) ? known.problem.at(`/fields/${sent.index}/${member}`) : "";
    },
  };
}

/** @param {boolean} dirty */
function useGuard(dirty) {
  const now = useRef(dirty);
  now.current = dirty;
  useEffect(() => {
    const ask = (/** @type {Event} */ event) => now.current && event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => {
      removeEventListener("beforeunload", ask);
      if (now.current) toast(t("oneflow.kept"), "info");
    };
  }, []);
}

/** @param {{problem: any}} props */
function Refused({ problem }) {
  const rows = problem.errors.filter((/** @type {any} */ each) => each.pointer.startsWith("/fields/"));
  if (rows.length === 0 || rows.length < problem.errors.length) return html`<${ProblemBanner} problem=${problem} />`;
  return html`<${Banner} tone="bad" alert title=${t("oneflow.refused")}>${t("oneflow.refusedDetail", { count: rows.length })}</${Banner}>`;
}

/** What the directions mean; open where nothing is mapped yet. @param {{open: boolean}} props */
function Legend({ open }) {
  const ways = ["once", "dynamics_to_oneflow", "two_way"];
  return html`<details class="oneflow-legend" open=${open}><summary>${t("oneflow.legend")}</summary>
    <dl>${ways.map((each) => html`<div><dt>${wordFor("directions", each)}</dt><dd>${wordFor("directionMeanings", each)}</dd></div>`)}</dl>
  </details>`;
}

/** @param {boolean} dirty @param {number} wrong */
function standing(dirty, wrong) {
  if (wrong > 0) return html`<span class="field-error">${t("oneflow.wrong", { count: wrong })}</span>`;
  return html`<span class="muted">${t(dirty ? "oneflow.unsaved" : "oneflow.allSaved")}</span>`;
}

/** @param {any} finding */
const words = (finding) => wordFor("mappingProblems", finding.code) + (finding.detail ? ` ${finding.detail}.` : "");

/** @param {HTMLElement | null} form */
function focusWrong(form) {
  const field = form?.querySelector(".field-wrong");
  /** @type {any} */ (field?.querySelector("input, select, button"))?.focus();
}

/** @param {string} id @param {string} entity @param {AbortSignal} signal */
async function readAll(id, entity, signal) {
  const at = (/** @type {string} */ name, /** @type {string} */ rest) => pathOf(id, "entities", name, rest);
  const [saved, own, participant, party, entities] = await Promise.all([
    get(at(entity, "mapping"), { signal }),
    get(withQuery(at(entity, "fields"), { expand: "related" }), { signal }),
    get(at("participant", "fields"), { signal }),
    get(at("party", "fields"), { signal }),
    get(pathOf(id, "entities"), { signal }),
  ]);
  const label = (/** @type {string} */ name) => entities.data.find((/** @type {any} */ each) => each.logicalName === name)?.label ?? name;
  const group = (/** @type {string} */ name, /** @type {any[]} */ fields) => ({ entity: name, via: null, label: label(name), fields });
  return { saved, label: label(entity), groups: [group(entity, own.data), group("participant", participant.data), group("party", party.data), ...own.body.related] };
}
