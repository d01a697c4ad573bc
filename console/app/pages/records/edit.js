// @ts-check
/** Edits what the platform holds of a record; what somebody else changed meanwhile is shown, what was typed is kept. */
import { get, patch } from "../../api.js";
import { useDraft, useSubmit } from "../../hooks.js";
import { Banner, Button, Dialog, Diff, DraftNote, Form, toast } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";
import { movedBetween, namesOf, patchOf, valueOf } from "./facts.js";
import { AddField, labelOf, sourceHint, ValueFields } from "./fields.js";

/**
 * @param {{path: string, entity: import("./facts.js").Entity, reply: any, values: Record<string, any> | null, onClose: () => void, done: () => void}} props
 *   `reply` is the record as it was read, `values` what the source has
 */
export function EditRecord({ path, entity, reply, values, onClose, done }) {
  const draft = useDraft(`records.edit.${path}`, /** @type {Record<string, string>} */ ({}));
  const [current, setCurrent] = useState({ record: reply.data, etag: reply.etag });
  const [moved, setMoved] = useState(/** @type {any[]} */ ([]));
  const save = useSubmit(async () => {
    const body = patchOf(entity, current.record, draft.value);
    try {
      if (body) await patch(path, body, current.etag);
    } catch (error) {
      if (/** @type {any} */ (error).code !== "PRECONDITION_FAILED") throw error;
      const fresh = await get(path);
      setMoved(movedBetween(entity, current.record, fresh.data));
      return setCurrent({ record: fresh.data, etag: fresh.etag });
    }
    draft.clear();
    toast(t(body ? "records.saved" : "records.nothingChanged"));
    return done();
  });
  const typedNames = Object.keys(draft.value);
  const names = [...new Set([...namesOf(entity, current.record, values), ...typedNames])];
  const set = (/** @type {string} */ name, /** @type {string} */ text) => draft.set((now) => ({ ...now, [name]: text }));
  const actions = html`
    <${Button} submit kind="primary" busy=${save.busy}>${t(moved.length ? "records.saveOver" : "records.save")}</${Button}>
    <${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
  `;
  return html`<${Dialog} wide title=${t("records.editTitle", { name: current.record.name })} onClose=${onClose}>
    <p class="muted records-note">${t(current.record.externalSystem ? "records.editLead" : "records.editOwnLead")}</p>
    ${moved.length > 0 && html`<${Banner} tone="warn" alert title=${t("records.stale")}>
      <p>${t("records.staleDetail")}</p>
      <${Diff} caption=${t("records.stale")} before=${t("records.whenRead")} after=${t("records.now")} rows=${moved.map((row) => ({ ...row, name: labelOf(row.name) }))} />
    </${Banner}>`}
    <${Form} send=${save.run} problem=${save.problem} actions=${actions}>
      <${DraftNote} draft=${draft} />
      <${ValueFields}
        entity=${entity} names=${names} changes=${draft.value} set=${set} first=${(/** @type {string} */ name) => valueOf(current.record, name)}
        hint=${(/** @type {string} */ name) => (values && name in values && values[name] !== valueOf(current.record, name) ? sourceHint(values[name]) : undefined)}
        problem=${save.problem}
      />
      <${AddField} taken=${names} add=${(/** @type {string} */ name) => set(name, "")} />
    </${Form}>
  </${Dialog}>`;
}
