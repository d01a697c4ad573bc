// @ts-check
/** Chooses a record of Dynamics: its table, then a search by name. */
import { get, pathOf, withQuery } from "../../api.js";
import { useLoad, useSettled } from "../../hooks.js";
import { onEnter } from "../../keys.js";
import { Button, ButtonLink, Empty, Loaded, ProblemBanner, SelectField, TextField, Time } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { href } from "../../router.js";
import { t } from "../../words.js";

const MOST = 8;

/** The tables that have a mapping, for `children`; says what to do when there is none. @param {{integration: any, children: (tables: any[]) => any}} props */
export function MappedTables({ integration, children }) {
  const loaded = useLoad((signal) => get(pathOf(integration.id, "entities"), { signal }), [integration.id]);
  const settings = html`<${ButtonLink} href=${href(["integrations", integration.id, "oneflow"])}>${t("contracts.toSettings")}</${ButtonLink}>`;
  return html`<${Loaded} of=${loaded}>${(/** @type {any} */ reply) => {
    const mapped = reply.data.filter((/** @type {any} */ each) => each.mappedFields > 0);
    return mapped.length > 0 ? children(mapped) : html`<${Empty} title=${t("contracts.noTable")} actions=${settings}>${t("contracts.noTableDetail")}</${Empty}>`;
  }}</${Loaded}>`;
}

/**
 * @param {{integration: any, tables: any[], entity: string, recordId: string, choose: (entity: string, recordId: string) => void, problem?: any}} props
 */
export function RecordField({ integration, tables, entity, recordId, choose, problem }) {
  const options = tables.map((each) => ({ value: each.logicalName, name: each.label }));
  return html`
    <${SelectField} label=${t("contracts.table")} value=${entity} options=${options} set=${(/** @type {string} */ name) => choose(name, "")} pointer="/entity" problem=${problem} />
    ${recordId ? html`<${Chosen} key=${recordId} integration=${integration} entity=${entity} recordId=${recordId} change=${() => choose(entity, "")} />` : html`<${Search} key=${entity} integration=${integration} entity=${entity} choose=${(/** @type {string} */ id) => choose(entity, id)} problem=${problem} />`}
  `;
}

/** @param {{integration: any, entity: string, recordId: string, change: () => void}} props */
function Chosen({ integration, entity, recordId, change }) {
  const loaded = useLoad((signal) => get(withQuery(pathOf(integration.id, "entities", entity, "records"), { q: recordId }), { signal }), [entity, recordId]);
  const found = loaded.data?.data[0];
  return html`<div class="field">
    <p class="contracts-label">${t("contracts.record")}</p>
    <p class="contracts-chosen"><strong>${found?.name ?? (loaded.data ? t("contracts.recordGone") : "…")}</strong> <code class="muted small">${recordId}</code> <${Button} small onClick=${change}>${t("contracts.changeRecord")}</${Button}></p>
  </div>`;
}

/** @param {{integration: any, entity: string, choose: (id: string) => void, problem?: any}} props */
function Search({ integration, entity, choose, problem }) {
  const [text, setText] = useState("");
  const asked = useSettled(text.trim());
  const path = withQuery(pathOf(integration.id, "entities", entity, "records"), { q: asked, limit: MOST });
  const loaded = useLoad(async (signal) => (entity ? get(path, { signal }) : null), [path]);
  const found = /** @type {any[] | undefined} */ (loaded.data?.data);
  return html`<div>
    <${TextField} label=${t("contracts.record")} type="search" required help=${t("contracts.recordHelp")} value=${text} set=${setText} onKeyDown=${onEnter()} pointer="/recordId" problem=${problem} />
    <${ProblemBanner} problem=${loaded.problem} />
    <ul class="contracts-records" aria-label=${t("contracts.found")}>
      ${found?.map((each) => html`<li key=${each.id}><${Button} kind="quiet" class="oneflow-choice" onClick=${() => choose(each.id)}><span class="oneflow-choice-name">${each.name ?? each.id}</span> ${each.modifiedAt && html`<span class="muted small">${t("contracts.modified")} <${Time} at=${each.modifiedAt} /></span>`}</${Button}></li>`)}
    </ul>
    ${found?.length === 0 && html`<p class="muted small">${t("contracts.notFound")}</p>`}
  </div>`;
}
