// @ts-check
/** Editing a part of an integration: only what was changed is kept and sent; somebody else's change is shown, not overwritten. */
import { get, patch, pathOf } from "../../api.js";
import { useDraft, useSubmit } from "../../hooks.js";
import { refresh } from "../../integrations.js";
import { Banner, Button, Diff, DraftNote } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";

const STALE = "PRECONDITION_FAILED";

/**
 * @typedef {{integration: any, etag: string, part: string, read: (integration: any) => Record<string, any>,
 *   write: (changes: Record<string, any>) => any, done?: (reply: any) => any}} Given
 *   `read` gives the values of the form, `write` the merge patch of those that were changed
 */

/** @param {Given} given */
export function useEdit({ integration, etag, part, read, write, done }) {
  const first = read(integration);
  const draft = useDraft(`${part}.${integration.id}`, /** @type {Record<string, any>} */ ({}));
  const [theirs, setTheirs] = useState(/** @type {any} */ (null));
  const path = pathOf(integration.id);
  const save = useSubmit(async (/** @type {string | undefined} */ tag) => {
    try {
      const reply = await patch(path, write(draft.value), tag ?? etag);
      draft.clear({});
      setTheirs(null);
      refresh();
      await done?.(reply);
      return reply;
    } catch (/** @type {any} */ problem) {
      if (problem.code === STALE) setTheirs(await get(path));
      throw problem;
    }
  });
  const set = (/** @type {string} */ name) => (/** @type {any} */ value) =>
    draft.set(({ [name]: _, ...others }) => (value === first[name] ? others : { ...others, [name]: value }));
  const drop = () => {
    draft.clear({});
    setTheirs(null);
    save.clear();
  };
  const stale = theirs && save.problem?.code === STALE ? { ...theirs, first, now: read(theirs.data) } : null;
  return { value: { ...first, ...draft.value }, changed: draft.value, dirty: Object.keys(draft.value).length > 0, set, save, drop, stale, draft, problem: stale ? null : save.problem };
}

/**
 * What stands above an edited form: a kept input, and what somebody else changed meanwhile.
 * @param {{edit: ReturnType<typeof useEdit>, nameOf: (name: string) => string, reload: () => void}} props
 */
export function EditNotes({ edit, nameOf, reload }) {
  if (!edit.stale) return edit.dirty ? html`<${DraftNote} draft=${{ ...edit.draft, clear: edit.drop }} />` : null;
  const { first, now, etag } = edit.stale;
  const rows = Object.keys(first).filter((name) => first[name] !== now[name]).map((name) => ({ name: nameOf(name), before: first[name], after: now[name] }));
  const take = () => {
    edit.drop();
    reload();
  };
  const actions = html`
    <${Button} small kind="primary" busy=${edit.save.busy} onClick=${() => edit.save.run(etag)}>${t("settings.saveMine")}</${Button}>
    <${Button} small onClick=${take}>${t("settings.takeTheirs")}</${Button}>
  `;
  return html`<${Banner} tone="warn" alert title=${t("settings.stale")} actions=${actions}>
    <p>${t(rows.length > 0 ? "settings.staleHere" : "settings.staleElsewhere")}</p>
    ${rows.length > 0 && html`<${Diff} caption=${t("settings.stale")} rows=${rows} before=${t("settings.asRead")} after=${t("settings.theirs")} />`}
  </${Banner}>`;
}
