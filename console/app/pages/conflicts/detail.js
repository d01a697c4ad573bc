// @ts-check
/** One conflict: both sides, the choice, what it will do, and the next one. */
import { get, pathOf, post, withQuery } from "../../api.js";
import { useDraft, useLoad, useSubmit } from "../../hooks.js";
import { Banner, Button, ButtonLink, Card, DraftNote, Form, Loaded, RadioField, Stale, Status, Time, toast, useLanding, useLatest, Value } from "../../kit.js";
import { html } from "../../preact.js";
import { go, href } from "../../router.js";
import { fieldName, t, wordFor } from "../../words.js";
import { allOf, choiceOf, contestedOf, effectOf, movedSides, openOf, placeIn, SIDES, WHOLE } from "./facts.js";
import { Circumstances } from "./circumstances.js";

const AHEAD = 50;

/** @param {{integration: any, id: string}} props */
export function ConflictPage({ integration, id }) {
  const path = pathOf(integration.id, "conflicts", id);
  const loaded = useLoad((signal) => get(path, { signal }), [path]);
  const queue = useLoad(async (signal) => (await get(withQuery(pathOf(integration.id, "conflicts"), { limit: AHEAD }), { signal })).data, [path]);
  const place = placeIn(queue.data ?? [], id);
  const own = (/** @type {string} */ name) => href(["integrations", integration.id, "conflicts", name]);
  const gone = loaded.problem?.status === 404;
  return html`<article class="records-page">
    <nav class="conflicts-nav" aria-label=${t("conflicts.title")}>
      <a href=${href(["integrations", integration.id, "conflicts"])}>${t("conflicts.back")}</a>
      ${place.at > 0 && html`<span class="muted">${t("conflicts.place", { at: place.at, count: `${queue.data?.length}${queue.data?.length === AHEAD ? "+" : ""}` })}</span>`}
      ${place.previous && html`<a href=${own(place.previous)}>${t("kit.previous")}</a>`}
      ${place.next && html`<a href=${own(place.next)}>${t("conflicts.skip")}</a>`}
    </nav>
    ${gone
      ? html`<${Banner} title=${t("conflicts.gone")} actions=${place.next && html`<${ButtonLink} href=${own(place.next)}>${t("conflicts.next")}</${ButtonLink}>`}>${t("conflicts.goneDetail")}</${Banner}>`
      : html`<${Loaded} of=${loaded} lines=${8}>${(/** @type {any} */ reply) => html`<${Decision} integration=${integration} path=${path} reply=${reply} after=${place.next} reload=${loaded.reload} />`}</${Loaded}>`}
  </article>`;
}

/** @param {{integration: any, path: string, reply: any, after: string | null, reload: () => void}} props */
function Decision({ integration, path, reply, after, reload }) {
  const latest = useLatest(reply, () => get(path));
  const draft = useDraft(`conflicts.${path}`, /** @type {Record<string, string>} */ ({}));
  const conflict = latest.data;
  const resolve = useSubmit(async () => {
    const choice = choiceOf(conflict, draft.value);
    if (choice === null) return;
    if (!(await latest.send((etag) => post(`${path}/resolve`, { choice }, { etag })))) return;
    draft.clear();
    toast(t("conflicts.done"));
    go(href(["integrations", integration.id, "conflicts", ...(after ? [after] : [])]));
  });
  const title = conflict.name ?? conflict.contractName ?? conflict.externalId ?? conflict.contractId;
  const heading = useLanding(title);
  const moved = latest.before ? movedSides(latest.before, conflict).map((row) => ({ ...row, name: `${fieldName(row.name)} · ${t(`conflicts.${row.side}`)}` })) : [];
  const take = () => {
    draft.clear();
    latest.settle();
  };
  return html`
    <header class="records-head">
      <h2 tabindex="-1" ref=${heading}>${title}</h2>
      <${Status} state=${conflict.status} />
      <span class="muted">${t("conflicts.since")} <${Time} at=${conflict.detectedAt} /></span>
    </header>
    <${Circumstances} integration=${integration} conflict=${conflict} />
    ${latest.before && conflict.status !== "resolved" && html`<${Stale} rows=${moved} keep=${choiceOf(conflict, draft.value) === null ? null : () => resolve.run(undefined)} take=${take} busy=${resolve.busy} />`}
    ${conflict.status === "resolved" ? html`<${Resolved} conflict=${conflict} />` : html`<${Choosing} kind=${integration.kind} conflict=${conflict} draft=${draft} resolve=${resolve} more=${Boolean(after)} reload=${reload} />`}
  `;
}

/** @param {{kind: "business_central" | "oneflow", conflict: any, draft: any, resolve: any, more: boolean, reload: () => void}} props */
function Choosing({ kind, conflict, draft, resolve, more, reload }) {
  const sides = SIDES[kind];
  const open = openOf(conflict);
  const fields = contestedOf(conflict).filter(({ name }) => open.includes(name));
  const ready = choiceOf(conflict, draft.value) !== null;
  const effect = effectOf(conflict, draft.value);
  const settled = resolve.problem?.code === "CONFLICT_RESOLVED";
  const actions = html`
    <${Button} submit kind="primary" busy=${resolve.busy} disabled=${!ready}>${t(more ? "conflicts.resolveNext" : "conflicts.resolve")}</${Button}>
    ${settled && html`<${Button} icon="refresh" onClick=${reload}>${t("kit.refresh")}</${Button}>`}
  `;
  return html`<${Form} label=${t("conflicts.choose")} send=${() => ready && resolve.run()} problem=${resolve.problem} actions=${actions}>
    <${DraftNote} draft=${draft} />
    ${fields.length > 1 && html`<div class="conflicts-all"><span>${t("conflicts.whole")}</span>${sides.map((side) => html`<${Button} small key=${side} onClick=${() => draft.set(allOf(conflict, side))}>${t(`conflicts.all_${side}`)}</${Button}>`)}</div>`}
    ${open.includes(WHOLE) && html`<${RadioField} label=${t("conflicts.whole")} value=${draft.value[WHOLE] ?? ""} set=${(/** @type {string} */ side) => draft.set({ [WHOLE]: side })} options=${sides.map((side) => ({ value: side, name: t(`conflicts.all_${side}`) }))} />`}
    ${fields.map((field) => html`<div class="conflicts-field" key=${field.name}>
      <${RadioField}
        label=${field.other ? `${field.name} ↔ ${field.other}` : fieldName(field.name)}
        value=${draft.value[field.name] ?? ""}
        set=${(/** @type {string} */ side) => draft.set((/** @type {any} */ now) => ({ ...now, [field.name]: side }))}
        options=${sides.map((side) => ({ value: side, name: html`<${Value} value=${field.values[side]} />`, help: t(`conflicts.${side}`) }))}
      />
      ${field.base !== undefined && html`<p class="small muted">${t("conflicts.base")} <${Value} value=${field.base} /></p>`}
    </div>`)}
    <${Card}><h3>${t("conflicts.effect")}</h3><p aria-live="polite">${wordFor("conflictEffects", effect)}</p></${Card}>
  </${Form}>`;
}

/** @param {{conflict: any}} props */
function Resolved({ conflict }) {
  const chosen = typeof conflict.choice === "string" ? allOf(conflict, conflict.choice) : conflict.choice;
  return html`<${Banner} tone="ok" title=${t(conflict.choice ? "conflicts.resolved" : "conflicts.closed")}>
    <p><${Time} at=${conflict.resolvedAt} exact /></p>
    ${chosen && html`<ul>${Object.entries(chosen).map(([name, side]) => html`<li>${name === WHOLE ? t("conflicts.whole") : fieldName(name)}: ${t(`conflicts.${side}`)}</li>`)}</ul>`}
  </${Banner}>`;
}
