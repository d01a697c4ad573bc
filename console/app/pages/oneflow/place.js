// @ts-check
/** What contracts are made from: workspace, template, and what the template takes besides data fields. */
import { get, pathOf, withQuery } from "../../api.js";
import { CheckField, ProblemBanner, SelectField, TextField } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";
import { useAttempt } from "../contracts/attempt.js";
import { fillable } from "./rules.js";

/** Read workspaces, and the templates of the chosen one. @param {string} id @param {{workspaceId: string | null, templateId: string | null}} chosen */
export function useTemplates(id, chosen) {
  const workspaces = useAttempt((signal) => get(pathOf(id, "oneflow", "workspaces"), { signal }), [id]);
  const templates = useAttempt(
    async (signal) => (chosen.workspaceId ? get(withQuery(pathOf(id, "oneflow", "templates"), { workspaceId: chosen.workspaceId }), { signal }) : null),
    [id, chosen.workspaceId],
  );
  const known = /** @type {any[] | undefined} */ (templates.data?.data);
  return {
    workspaces: /** @type {any[] | undefined} */ (workspaces.data?.data),
    templates: known,
    template: known?.find((each) => each.id === chosen.templateId) ?? null,
    problem: workspaces.problem ?? templates.problem,
  };
}

/**
 * @param {{place: ReturnType<typeof useTemplates>, mapping: any, edit: (facts: any) => void, told: (pointer: string) => string}} props
 */
export function Place({ place, mapping, edit, told }) {
  const fields = fillable(place.template);
  const used = new Set(mapping.fields.map((/** @type {any} */ each) => each.oneflowField));
  return html`
    <${ProblemBanner} problem=${place.problem} />
    <div class="oneflow-place">
      <${TemplateFields} place=${place} chosen=${mapping} edit=${edit} told=${told} none=${t("oneflow.noTemplate")} help=${t("oneflow.noTemplateHelp")} />
      ${fields
        ? html`<${SelectField} label=${t("oneflow.keyField")} help=${t("oneflow.keyFieldHelp")} value=${mapping.keyField ?? ""} set=${(/** @type {string} */ keyField) => edit({ keyField: keyField || null })} error=${told("/keyField")} options=${[{ value: "", name: t("oneflow.noKeyField") }, ...fields.map((/** @type {any} */ each) => ({ value: each.customId, name: each.name, disabled: used.has(each.customId) }))]} />`
        : html`<${TextField} label=${t("oneflow.keyField")} help=${t("oneflow.keyFieldHelp")} value=${mapping.keyField ?? ""} set=${(/** @type {string} */ keyField) => edit({ keyField: keyField || null })} error=${told("/keyField")} placeholder=${t("oneflow.customId")} />`}
      <div>
        <${CheckField} label=${t("oneflow.products")} help=${t("oneflow.productsHelp")} value=${mapping.products} set=${(/** @type {boolean} */ products) => edit({ products })} />
        ${told("/products") && html`<p class="field-error">${told("/products")}</p>`}
      </div>
    </div>
  `;
}

/**
 * Workspace and template; `none` is what no template is called.
 * @param {{place: ReturnType<typeof useTemplates>, chosen: any, edit: (facts: any) => void, told: (pointer: string) => string, none: string, help?: string}} props
 */
export function TemplateFields({ place, chosen, edit, told, none, help }) {
  const workspaces = (place.workspaces ?? []).map((each) => ({ value: each.id, name: each.canCreate ? each.name : t("oneflow.closedWorkspace", { name: each.name }), disabled: !each.canCreate }));
  const templates = (place.templates ?? []).map((each) => ({ value: each.id, name: each.name }));
  return html`
    <${SelectField} label=${t("oneflow.workspace")} help=${help} value=${chosen.workspaceId ?? ""} options=${listed(none, workspaces, chosen.workspaceId)} error=${told("/workspaceId")} set=${(/** @type {string} */ id) => edit({ workspaceId: id || null, templateId: null })} />
    ${chosen.workspaceId && html`<${SelectField} label=${t("oneflow.template")} value=${chosen.templateId ?? ""} options=${listed(t("oneflow.chooseTemplate"), templates, chosen.templateId)} error=${told("/templateId")} set=${(/** @type {string} */ id) => edit({ templateId: id || null })} />`}
  `;
}

/** Return the options with the chosen one among them, also while they are not known. @param {string} none @param {any[]} options @param {string | null} chosen */
function listed(none, options, chosen) {
  const missing = chosen && !options.some((each) => each.value === chosen) ? [{ value: chosen, name: chosen }] : [];
  return [{ value: "", name: none }, ...missing, ...options];
}
