// @ts-check
/** An endpoint as its owner writes it: added, or edited over what it is now. */
import { create, get, patch } from "../../api.js";
import { useDraft, useKey, useLoad, useSubmit } from "../../hooks.js";
import { Button, CheckField, Dialog, DraftNote, Form, Loaded, Stale, TextField, toast, useLatest } from "../../kit.js";
import { html, useId } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { choosing, eventMessages, eventsOf, isSame, orderOf } from "./model.js";
import { eventWords } from "./parts.js";

/** @param {{integration: any, home: string, close: () => void, done: (made: any) => void}} props */
export function AddDialog({ integration, home, close, done }) {
  const draft = useDraft(`webhooks.${integration.id}`, { url: "", events: /** @type {string[]} */ ([]) });
  const once = useKey();
  const submit = useSubmit(async () => {
    const reply = await once((key) => create(home, draft.value, { key }));
    draft.clear();
    done(reply.data);
  });
  return html`<${Dialog} title=${t("webhooks.add")} onClose=${close}>
    <${Form} send=${() => submit.run(undefined)} problem=${submit.problem} actions=${buttons(t("webhooks.addSend"), submit.busy, close)}>
      <${DraftNote} draft=${draft} />
      <${Fields} kind=${integration.kind} order=${draft.value} set=${draft.set} problem=${submit.problem} />
    </${Form}>
  </${Dialog}>`;
}

/** @param {{integration: any, place: string, close: () => void, done: () => void}} props */
export function EditDialog({ integration, place, close, done }) {
  const loaded = useLoad((signal) => get(place, { signal }), [place]);
  return html`<${Dialog} title=${t("webhooks.editTitle")} onClose=${close}>
    <${Loaded} of=${loaded}>${(/** @type {any} */ reply) => html`<${Editing} integration=${integration} place=${place} first=${reply} close=${close} done=${done} />`}</${Loaded}>
  </${Dialog}>`;
}

/** @param {{integration: any, place: string, first: any, close: () => void, done: () => void}} props */
function Editing({ integration, place, first, close, done }) {
  const latest = useLatest(first, () => get(place));
  const known = latest.data;
  const draft = useDraft(`webhooks.edit.${integration.id}.${known.id}`, { read: known, order: orderOf(known) });
  const { read, order } = draft.value;
  const submit = useSubmit(async () => {
    if (!(await latest.send((etag) => patch(place, order, etag)))) return;
    draft.clear();
    toast(t("webhooks.saved"));
    done();
  });
  const stale = read.updatedAt !== known.updatedAt && !isSame(order, known);
  const take = () => draft.clear({ read: known, order: orderOf(known) });
  return html`<${Form} send=${() => !stale && submit.run(undefined)} problem=${submit.problem} actions=${buttons(t("webhooks.save"), submit.busy, close, stale)}>
    ${stale ? html`<${Stale} rows=${movedBetween(read, known, order)} take=${take} keep=${() => submit.run(undefined)} busy=${submit.busy} />` : html`<${DraftNote} draft=${{ restored: draft.restored && !isSame(order, known), clear: take }} />`}
    <${Fields} kind=${integration.kind} order=${order} set=${(/** @type {any} */ next) => draft.set((before) => ({ ...before, order: next }))} problem=${submit.problem} />
  </${Form}>`;
}

/** @param {any} before @param {any} after @param {import("./model.js").Order} order what is typed */
function movedBetween(before, after, order) {
  const rows = [
    { name: t("webhooks.address"), before: before.url, after: after.url, mine: order.url },
    { name: t("webhooks.events"), before: eventWords(before.events), after: eventWords(after.events), mine: eventWords(order.events) },
  ];
  return rows.filter((row) => row.before !== row.after);
}

/** @param {{kind: string, order: import("./model.js").Order, set: (order: import("./model.js").Order) => void, problem: any}} props */
function Fields({ kind, order, set, problem }) {
  const id = useId();
  const all = eventsOf(kind, order.events);
  const wrong = eventMessages(problem);
  return html`
    <${TextField} label=${t("webhooks.address")} help=${t("webhooks.addressHelp")} type="url" inputmode="url" maxlength="2048" required value=${order.url} set=${(/** @type {string} */ url) => set({ ...order, url })} pointer="/url" problem=${problem} />
    <fieldset class="webhooks-events ${wrong ? "field-wrong" : ""}" aria-describedby=${wrong ? id : undefined}>
      <legend>${t("webhooks.events")}</legend>
      <p class="field-help">${t("webhooks.eventsHelp")}</p>
      ${wrong && html`<p class="field-error" id=${id}>${wrong}</p>`}
      ${all.map((each) => html`<${CheckField} key=${each} label=${wordFor("events", each)} help=${wordFor("eventMeanings", each)} value=${order.events.includes(each)} set=${(/** @type {boolean} */ on) => set({ ...order, events: choosing(all, order.events, each, on) })} />`)}
    </fieldset>
  `;
}

/** @param {string} verb @param {boolean} busy @param {() => void} close @param {boolean} [disabled] */
const buttons = (verb, busy, close, disabled = false) =>
  html`<${Button} submit kind="primary" busy=${busy} disabled=${disabled}>${verb}</${Button}><${Button} onClick=${close}>${t("kit.cancel")}</${Button}>`;
