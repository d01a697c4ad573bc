// @ts-check
/** The rules as a table: platform field, where it comes from, what is done to it, and what comes of it. */
import { Button, DataTable, Empty, Section, Value } from "../../kit.js";
import { html } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { useKeptForm } from "./kept.js";
import { draftOf, messagesAt, sourcesOf, stepsOf, unused, valueAt } from "./model.js";
import { RuleDialog } from "./rule.js";
import { Kind } from "./source.js";

const NEW = { source: "", target: "" };

/** @param {{place: string, mapping: import("./model.js").Mapping, vocabulary: any, columns: any, problem: any, record: any, set: (fields: any[]) => void}} props `place` names the draft of the rule that is open */
export function Rules({ place, mapping, vocabulary, columns, problem, record, set }) {
  const edited = useKeptForm(`${place}.rule`);
  const edit = (/** @type {any} */ rule) => edited.open({ of: rule.target, form: draftOf(rule) });
  const open = edited.value && mapping.fields.findIndex((rule) => rule.target === edited.value.of);
  const rows = mapping.fields.map((rule, index) => ({ rule, index, wrong: messagesAt(problem, `/fields/${index}`) }));
  const missing = unused(mapping, vocabulary.targets).map((each) => each.name);
  const put = (/** @type {any} */ rule) => set(open < 0 ? [...mapping.fields, rule] : mapping.fields.map((each, index) => (index === open ? rule : each)));
  const table = [
    { name: t("config.target"), main: true, show: (/** @type {any} */ row) => html`<${Target} row=${row} targets=${vocabulary.targets} />` },
    { name: t("config.from"), wide: true, show: (/** @type {any} */ row) => html`<${From} rule=${row.rule} columns=${columns} />` },
    { name: t("config.transform"), wide: true, show: (/** @type {any} */ row) => html`<${Done} rule=${row.rule} />` },
    { name: t("config.result"), wide: true, show: (/** @type {any} */ row) => (record ? html`<${Value} value=${valueAt(record.after, row.rule.target)} />` : html`<span class="muted">${t("kit.none")}</span>`) },
    {
      name: t("kit.actions"),
      align: /** @type {const} */ ("end"),
      show: (/** @type {any} */ row) => html`<span class="config-actions">
        <${Button} small label=${t("config.editRule", { target: row.rule.target })} onClick=${() => edit(row.rule)}>${t("config.edit")}</${Button}>
        <${Button} small kind="quiet" icon="close" label=${t("config.removeRule", { target: row.rule.target })} onClick=${() => set(mapping.fields.filter((_, index) => index !== row.index))} />
      </span>`,
    },
  ];
  const actions = html`<${Button} icon="plus" onClick=${() => edit(NEW)}>${t("config.add")}</${Button}>`;
  return html`<${Section} title=${t("config.fields")} lead=${t("config.fieldsLead")} actions=${actions}>
    ${messagesAt(problem, "/fields").length > 0 && (problem.errors ?? []).filter((/** @type {any} */ each) => each.pointer.endsWith("/fields")).map((/** @type {any} */ each) => html`<p class="field-error">${each.detail}</p>`)}
    <${DataTable} caption=${t("config.fields")} columns=${table} rows=${rows} keyOf=${(/** @type {any} */ row) => `${row.index}`} empty=${html`<${Empty} />`} />
    ${missing.length > 0 && html`<p class="small muted">${t("config.empty", { fields: missing.join(", ") })}</p>`}
    ${open !== null && html`<${RuleDialog} rule=${mapping.fields[open] ?? null} form=${edited.value.form} change=${(/** @type {any} */ more) => edited.change({ form: { ...edited.value.form, ...more } })} taken=${mapping.fields.filter((_, index) => index !== open).map((each) => each.target)} vocabulary=${vocabulary} columns=${columns} put=${put} close=${edited.close} />`}
  </${Section}>`;
}

/** @param {{row: any, targets: any[]}} props */
function Target({ row, targets }) {
  const target = targets.find((each) => each.name === row.rule.target);
  return html`<span>${row.rule.target}</span>${row.rule.required && html` <span class="muted small">(${t("kit.required")})</span>`}
    ${target?.maxLength && html`<span class="field-help">${t("config.upTo", { count: target.maxLength })}</span>`}
    ${row.wrong.map((/** @type {string} */ each) => html`<span class="field-error">${each}</span>`)}`;
}

/** @param {{rule: import("./model.js").Rule}} props */
function Done({ rule }) {
  const steps = stepsOf(rule).map((step) => wordFor("transforms", step.name)).join(", ");
  return html`${steps || html`<span class="muted">${t("kit.none")}</span>`}
    ${rule.default != null && html`<span class="field-help">${t("config.defaultIs", { value: rule.default })}</span>`}`;
}

/** @param {{rule: import("./model.js").Rule, columns: any}} props */
function From({ rule, columns }) {
  const sources = sourcesOf(rule);
  if (sources.length === 0) return html`<span class="muted">${t("config.noSource")}</span>`;
  return html`${sources.map((source) => html`<span class="config-source"><code>${source}</code> <${Kind} column=${columns.by.get(source)} /></span>`)}`;
}
