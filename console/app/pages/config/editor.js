// @ts-check
/** The mapping being edited: source, rules, what they make of real records, and saving it as a new version. */
import { get, put } from "../../api.js";
import { useDraft, useSubmit } from "../../hooks.js";
import { Banner, Button, DraftNote, ProblemBanner, toast } from "../../kit.js";
import { html, useRef, useState } from "../../preact.js";
import { t } from "../../words.js";
import { changesOf, isSame, mappingOf } from "./model.js";
import { Preview, useTrial } from "./preview.js";
import { Rules } from "./rules.js";
import { Source, useColumns } from "./source.js";

const STALE = "PRECONDITION_FAILED";

/** @param {{integration: any, entity: string, home: string, saved: any, vocabulary: any, reload: () => void}} props */
export function Editor({ integration, entity, home, saved, vocabulary, reload }) {
  const known = mappingOf(saved.data);
  const place = `config.${integration.id}.${entity}`;
  const draft = useDraft(place, { base: saved.data.version, mapping: known });
  const mapping = draft.value.mapping;
  const columns = useColumns(integration.id, mapping.source);
  const trial = useTrial(home, mapping);
  const [latest, setLatest] = useState(saved);
  const now = useRef(mapping);
  now.current = mapping;
  const save = useSubmit(async () => {
    try {
      const reply = await put(home, mapping, latest.etag);
      toast(t("config.savedAs", { version: reply.data.version }));
      if (isSame(now.current, mapping)) draft.clear({ base: draft.value.base, mapping: known });
      else draft.set((before) => ({ ...before, base: reply.data.version }));
    } catch (error) {
      if (/** @type {any} */ (error).code !== STALE) throw error;
      setLatest(await get(home));
      return;
    }
    reload();
  });
  const change = (/** @type {import("./model.js").Mapping} */ next) => {
    if (save.problem) save.clear();
    draft.set((before) => ({ ...before, mapping: next }));
  };
  const discard = () => {
    save.clear();
    draft.clear({ base: saved.data.version, mapping: known });
  };
  const stale = draft.value.base !== latest.data.version;
  const keep = () => draft.set((before) => ({ ...before, base: latest.data.version }));
  const take = () => {
    save.clear();
    draft.clear({ base: latest.data.version, mapping: mappingOf(latest.data) });
    reload();
  };
  const problem = trial.problem ?? save.problem;
  const dirty = !isSame(known, mapping);
  return html`
    ${dirty && html`<${DraftNote} draft=${{ restored: draft.restored, clear: discard }} />`}
    ${stale && dirty && html`<${Stale} version=${latest.data.version} keep=${keep} take=${take} />`}
    <${Source} place=${place} source=${mapping.source} columns=${columns} problem=${problem} set=${(/** @type {any} */ source) => change({ ...mapping, source })} />
    <${Rules} place=${place} mapping=${mapping} vocabulary=${vocabulary} columns=${columns} problem=${problem} record=${trial.record} set=${(/** @type {any} */ fields) => change({ ...mapping, fields })} />
    <${Preview} trial=${trial} mapping=${mapping} />
    <${ProblemBanner} problem=${save.problem} />
    <div class="config-bar" role="region" aria-label=${t("config.saving")}>
      <p>${dirty ? t("config.unsaved", { count: changesOf(known, mapping) }) : t("config.nothing")}</p>
      ${dirty && html`<${Button} onClick=${discard}>${t("config.discard")}</${Button}>`}
      <${Button} kind="primary" busy=${save.busy} disabled=${!dirty || stale} onClick=${() => save.run(undefined)}>${t("config.save")}</${Button}>
    </div>
    ${dirty && html`<p class="small muted">${t("config.consequence")}</p>`}
  `;
}

/** @param {{version: number, keep: () => void, take: () => void}} props */
function Stale({ version, keep, take }) {
  const actions = html`<${Button} onClick=${take}>${t("config.take")}</${Button}><${Button} onClick=${keep}>${t("config.keep")}</${Button}>`;
  return html`<${Banner} tone="warn" alert title=${t("config.stale")} actions=${actions}>${t("config.staleDetail", { version })}</${Banner}>`;
}
