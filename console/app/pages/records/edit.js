// @ts-check
/** Edits what the platform holds of a record; what somebody else changed meanwhile is shown, what was typed is kept. */
import { get, patch } from "../../api.js";
import { useDraft, useSubmit } from "../../hooks.js";
import { Button, Dialog, DraftNote, Form, Stale, toast, useLatest } from "../../kit.js";
import { html } from "../../preact.js";
import { fieldName, t } from "../../words.js";
import { movedBetween, namesOf, patchOf, valueOf } from "./facts.js";
import { AddField, sourceHint, ValueFields } from "./fields.js";

/**
 * @param {{path: string, entity: import("./facts.js").Entity, reply: any, values: Record<string, any> | null, onClose: () => void, done: () => void}} props
 *   `reply` is the record as it was read, `values` what the source has
 */
export function EditRecord({ path, entity, reply, values, onClose, done }) {
  const draft = useDraft(`records.edit.${path}`, /** @type {Record<string, string>} */ ({}));
  const latest = useLatest(reply, () => get(path));
  const record = latest.data;
  const save = useSubmit(async () => {
    const body = patchOf(entity, record, draft.value);
    if (body && !(await latest.send((etag) => patch(path, body, etag)))) return undefined;
    draft.clear();
    toast(t(body ? "records.saved" : "records.nothingChanged"));
    return done();
  });
  const typedNames = Object.keys(draft.value);
  const names = [...new Set([...namesOf(entity, record, values), ...typedNames])];
  const set = (/** @type {string} */ name, /** @type {string} */ text) => draft.set((now) => ({ ...now, [name]: text }));
  const stale = latest.before !== null;
  const moved = stale ? movedBetween(entity, latest.before, record).map((row) => ({ ...row, name: fieldName(row.name), mine: draft.value[row.name] })) : [];
  const take = () => {
    draft.clear();
    latest.settle();
  };
  const actions = html`
    <${Button} submit kind="primary" busy=${save.busy} disabled=${stale}>${t("records.save")}</${Button}>
    <${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
  `;
  return html`<${Dialog} wide title=${t("records.editTitle", { name: record.name })} onClose=${onClose}>
    <p class="muted records-note">${t(record.externalSystem ? "records.editLead" : "records.editOwnLead")}</p>
    ${stale && html`<${Stale} rows=${moved} keep=${() => save.run(undefined)} take=${take} busy=${save.busy} />`}
    <${Form} send=${() => !stale && save.run(undefined)} problem=${save.problem} actions=${actions}>
      <${DraftNote} draft=${draft} />
      <${ValueFields}
        entity=${entity} names=${names} changes=${draft.value} set=${set} first=${(/** @type {string} */ name) => valueOf(record, name)}
        hint=${(/** @type {string} */ name) => (values && name in values && values[name] !== valueOf(record, name) ? sourceHint(values[name]) : undefined)}
        problem=${save.problem}
      />
      <${AddField} taken=${names} add=${(/** @type {string} */ name) => set(name, "")} />
    </${Form}>
  </${Dialog}>`;
}
