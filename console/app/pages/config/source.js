// @ts-check
/** Where the records come from: page, filter, and pages that are joined to it. */
import { get, pathOf, withQuery } from "../../api.js";
import { useLoad } from "../../hooks.js";
import { Button, Dialog, Facts, Card, Section, TextField } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";
import { useKeptForm } from "./kept.js";
import { messagesAt } from "./model.js";

const STANDARD = "v2.0";

/**
 * Read the columns of the page and of those that are joined to it: `list` for choices, `by` name for what is known of one.
 * A page that cannot be read leaves its columns out; `problem` says why.
 * @param {string} id @param {import("./model.js").Origin} source
 */
export function useColumns(id, source) {
  const pages = [{ route: source.route, entitySet: source.entitySet, prefix: "" }, ...(source.joins ?? []).map((join) => ({ ...join, prefix: `${join.prefix ?? join.entitySet}.` }))];
  const key = JSON.stringify(pages.map(({ route, entitySet, prefix }) => [route, entitySet, prefix]));
  const loaded = useLoad(
    async (signal) => {
      const found = await Promise.all(pages.map((page) => get(withQuery(pathOf(id, "dynamics", "schema"), { entitySet: page.entitySet, route: page.route }), { signal })));
      return found.flatMap((reply, index) => columnsOf(reply.data, pages[index]));
    },
    [id, key],
  );
  const list = loaded.data ?? [];
  return { list, by: new Map(list.map((each) => [each.name, each])), problem: loaded.problem, loading: loaded.loading };
}

/** @param {any} schema @param {{route: string, prefix: string}} page */
function columnsOf(schema, { route, prefix }) {
  return schema.fields.map((/** @type {any} */ field) => ({ ...field, name: prefix + field.name, custom: route !== STANDARD }));
}

/** @param {{place: string, source: import("./model.js").Origin, columns: any, problem: any, set: (source: any) => void}} props `place` names the draft of the dialog */
export function Source({ place, source, columns, problem, set }) {
  const edited = useKeptForm(`${place}.source`);
  const joins = source.joins ?? [];
  const facts = /** @type {Array<[string, any]>} */ ([
    [t("config.page"), html`<code>${source.route}/${source.entitySet}</code>`],
    [t("config.filter"), source.filter ? html`<code>${source.filter}</code>` : t("config.noFilter")],
    [t("config.joins"), joins.length ? html`${joins.map((join) => html`<code class="config-join">${join.route}/${join.entitySet}</code>`)}` : t("config.noJoins")],
  ]);
  const wrong = [...messagesAt(problem, "/source"), ...(columns.problem ? [`${columns.problem.title}. ${columns.problem.detail}`] : [])];
  return html`<${Section} title=${t("config.source")} actions=${html`<${Button} onClick=${() => edited.open({ ...source, joins })}>${t("config.change")}</${Button}>`}>
    <${Card}><${Facts} facts=${facts} columns />${wrong.map((each) => html`<p class="field-error">${each}</p>`)}</${Card}>
    ${edited.value && html`<${SourceDialog} form=${edited.value} change=${edited.change} close=${edited.close} set=${set} />`}
  </${Section}>`;
}

/** @param {{form: any, change: (more: any) => void, close: () => void, set: (source: any) => void}} props */
function SourceDialog({ form, change, close, set }) {
  const apply = (/** @type {Event} */ event) => {
    event.preventDefault();
    const { filter, joins, ...rest } = form;
    set({ ...rest, ...(filter?.trim() && { filter: filter.trim() }), ...(joins.length && { joins }) });
    close();
  };
  const actions = html`<${Button} onClick=${close}>${t("kit.cancel")}</${Button}><${Button} kind="primary" onClick=${apply}>${t("config.apply")}</${Button}>`;
  return html`<${Dialog} title=${t("config.source")} onClose=${close} actions=${actions}>
    <form class="form" onSubmit=${apply}>
      <${TextField} label=${t("config.route")} help=${t("config.routeHelp")} required value=${form.route} set=${(/** @type {string} */ route) => change({ route })} />
      <${TextField} label=${t("config.entitySet")} help=${t("config.entitySetHelp")} required value=${form.entitySet} set=${(/** @type {string} */ entitySet) => change({ entitySet })} />
      <${TextField} label=${t("config.filter")} help=${t("config.filterHelp")} value=${form.filter ?? ""} set=${(/** @type {string} */ filter) => change({ filter })} />
      <fieldset class="config-joins">
        <legend>${t("config.joins")}</legend>
        <p class="field-help">${t("config.joinsHelp")}</p>
        ${form.joins.map((/** @type {any} */ join, /** @type {number} */ index) => html`<${JoinFields} key=${index} join=${join} index=${index} set=${(/** @type {any} */ joins) => change({ joins })} joins=${form.joins} />`)}
        <${Button} small icon="plus" onClick=${() => change({ joins: [...form.joins, { route: "", entitySet: "" }] })}>${t("config.addJoin")}</${Button}>
      </fieldset>
      <button type="submit" hidden></button>
    </form>
  </${Dialog}>`;
}

/** @param {{join: import("./model.js").Joined, joins: import("./model.js").Joined[], index: number, set: (joins: any[]) => void}} props */
function JoinFields({ join, joins, index, set }) {
  const change = (/** @type {any} */ more) => set(joins.map((each, position) => (position === index ? { ...each, ...more } : each)));
  return html`<div class="config-join-fields">
    <${TextField} label=${t("config.route")} required value=${join.route} set=${(/** @type {string} */ route) => change({ route })} />
    <${TextField} label=${t("config.entitySet")} required value=${join.entitySet} set=${(/** @type {string} */ entitySet) => change({ entitySet })} />
    <${TextField} label=${t("config.prefix")} help=${t("config.prefixHelp")} value=${join.prefix ?? ""} set=${(/** @type {string} */ prefix) => change({ prefix: prefix || undefined })} />
    <${TextField} label=${t("config.on")} value=${join.on ?? "id"} set=${(/** @type {string} */ on) => change({ on: on || undefined })} />
    <${Button} small onClick=${() => set(joins.filter((_, position) => position !== index))}>${t("config.removeJoin")}</${Button}>
  </div>`;
}

/** What is known of a source column: its type, whether it is a partner's, and a sample. @param {{column: any}} props */
export function Kind({ column }) {
  if (!column) return null;
  const type = column.type.replace(/^Edm\./, "");
  return html`<span class="field-help">${type}${column.length ? ` ${column.length}` : ""}${column.custom ? ` · ${t("config.custom")}` : ""}${column.sample != null ? html` · ${t("config.sample")} <span class="config-sample">${String(column.sample)}</span>` : ""}</span>`;
}
