// @ts-check
/** A record of the platform's own. */
import { create, pathOf } from "../../api.js";
import { useDraft, useKey, useSubmit } from "../../hooks.js";
import { Button, Dialog, DraftNote, Form, toast } from "../../kit.js";
import { html } from "../../preact.js";
import { go, href } from "../../router.js";
import { CUSTOM, t } from "../../words.js";
import { FIELDS, idOf, patchOf } from "./facts.js";
import { AddField, ValueFields } from "./fields.js";

/** @param {{integration: any, entity: import("./facts.js").Entity, onClose: () => void}} props */
export function NewRecord({ integration, entity, onClose }) {
  const draft = useDraft(`records.new.${integration.id}.${entity}`, /** @type {Record<string, string>} */ ({}));
  const once = useKey();
  const names = [...FIELDS[entity], ...Object.keys(draft.value).filter((name) => name.startsWith(CUSTOM))];
  const set = (/** @type {string} */ name, /** @type {string} */ text) => draft.set((now) => ({ ...now, [name]: text }));
  const make = useSubmit(async () => {
    const made = await once((key) => create(pathOf(integration.id, entity), patchOf(entity, {}, draft.value) ?? {}, { key }));
    draft.clear();
    toast(t("records.made"));
    go(href(["integrations", integration.id, "records", entity, idOf(made.data)]));
  });
  const actions = html`
    <${Button} submit kind="primary" busy=${make.busy}>${t("records.make")}</${Button}>
    <${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
  `;
  return html`<${Dialog} wide title=${t(`records.new_${entity}`)} onClose=${onClose}>
    <p class="muted records-note">${t("records.newLead")}</p>
    <${Form} send=${make.run} problem=${make.problem} actions=${actions}>
      <${DraftNote} draft=${draft} />
      <${ValueFields} entity=${entity} names=${names} changes=${draft.value} set=${set} first=${() => null} problem=${make.problem} />
      <${AddField} taken=${names} add=${(/** @type {string} */ name) => set(name, "")} />
    </${Form}>
  </${Dialog}>`;
}
