// @ts-check
/** Editing a part of an integration: only what was changed is kept and sent; somebody else's change is shown, not overwritten. */
import { get, patch, pathOf } from "../../api.js";
import { useDraft, useSubmit } from "../../hooks.js";
import { refresh } from "../../integrations.js";
import { DraftNote, Stale, useLatest } from "../../kit.js";
import { html } from "../../preact.js";

/**
 * @typedef {{integration: any, etag: string, part: string, read: (integration: any) => Record<string, any>,
 *   write: (changes: Record<string, any>) => any, done?: (reply: any) => any}} Given
 *   `read` gives the values of the form, `write` the merge patch of those that were changed
 */

/** @param {Given} given */
export function useEdit({ integration, etag, part, read, write, done }) {
  const path = pathOf(integration.id);
  const latest = useLatest({ data: integration, etag }, () => get(path));
  const first = read(latest.data);
  const draft = useDraft(`${part}.${integration.id}`, /** @type {Record<string, any>} */ ({}));
  const save = useSubmit(async () => {
    const reply = await latest.send((tag) => patch(path, write(draft.value), tag));
    if (!reply) return undefined;
    draft.clear({});
    latest.settle(reply);
    refresh();
    await done?.(reply);
    return reply;
  });
  const set = (/** @type {string} */ name) => (/** @type {any} */ value) =>
    draft.set(({ [name]: _, ...others }) => (value === first[name] ? others : { ...others, [name]: value }));
  const drop = () => {
    draft.clear({});
    latest.settle();
    save.clear();
  };
  const stale = latest.before && { before: read(latest.before), now: first };
  return { value: { ...first, ...draft.value }, changed: draft.value, dirty: Object.keys(draft.value).length > 0, set, save, drop, stale, draft, problem: save.problem };
}

/**
 * What stands above an edited form: a kept input, and what somebody else changed meanwhile.
 * @param {{edit: ReturnType<typeof useEdit>, nameOf: (name: string) => string, reload: () => void}} props
 */
export function EditNotes({ edit, nameOf, reload }) {
  if (!edit.stale) return edit.dirty ? html`<${DraftNote} draft=${{ ...edit.draft, clear: edit.drop }} />` : null;
  const { before, now } = edit.stale;
  const changed = Object.keys(now).filter((name) => before[name] !== now[name]);
  const rows = changed.map((name) => ({ name: nameOf(name), before: before[name], after: now[name], mine: edit.changed[name] }));
  const take = () => {
    edit.drop();
    reload();
  };
  return html`<${Stale} rows=${rows} keep=${() => edit.save.run(undefined)} take=${take} busy=${edit.save.busy} />`;
}
