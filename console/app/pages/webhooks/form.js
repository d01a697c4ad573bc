// @ts-check
/** An endpoint as its owner writes it: added, or edited over what it is now. */
import { create, get, patch } from "../../api.js";
import { useDraft, useKey, useLoad, useSubmit } from "../../hooks.js";
import { Banner, Button, CheckField, Dialog, Diff, DraftNote, Form, Loaded, TextField, toast } from "../../kit.js";
import { html, useId, useState } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { choosing, eventMessages, eventsOf, isSame, orderOf } from "./model.js";
import { eventWords } from "./parts.js";

const STALE = "PRECONDITION_FAILED";

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
  const [latest, setLatest] = useState(first);
  const known = latest.data;
  const draft = useDraft(`webhooks.${integration.id}.${known.id}`, { base: known.updatedAt, order: orderOf(known) });
  const order = draft.value.order;
  const submit = useSubmit(async () => {
    try {
      await patch(place, order, latest.etag);
    } catch (error) {
      if (/** @type {any} */ (error).code !== STALE) throw error;
      setLatest(await get(place));
      return;
    }
    draft.clear({ base: known.updatedAt, order });
    toast(t("webhooks.saved"));
    done();
  });
  const stale = draft.value.base !== known.updatedAt && !isSame(order, known);
  const take = () => draft.clear({ base: known.updatedAt, order: orderOf(known) });
  const keep = () => draft.set((before) => ({ ...before, base: known.updatedAt }));
  return html`<${Form} send=${() => !stale && submit.run(undefined)} problem=${submit.problem} actions=${buttons(t("webhooks.save"), submit.busy, close, stale)}>
    ${stale ? html`<${Stale} theirs=${known} mine=${order} take=${take} keep=${keep} />` : html`<${DraftNote} draft=${{ restored: draft.restored && !isSame(order, known), clear: take }} />`}
    <${Fields} kind=${integration.kind} order=${order} set=${(/** @type {any} */ next) => draft.set((before) => ({ ...before, order: next }))} problem=${submit.problem} />
  </${Form}>`;
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

/** What somebody else made of the endpoint, beside what is typed. @param {{theirs: any, mine: import("./model.js").Order, take: () => void, keep: () => void}} props */
function Stale({ theirs, mine, take, keep }) {
  const rows = [
    { name: t("webhooks.address"), before: theirs.url, after: mine.url },
    { name: t("webhooks.events"), before: eventWords(theirs.events), after: eventWords(mine.events) },
  ];
  const actions = html`<${Button} onClick=${take}>${t("webhooks.take")}</${Button}><${Button} onClick=${keep}>${t("webhooks.keep")}</${Button}>`;
  return html`<${Banner} tone="warn" alert title=${t("webhooks.stale")} actions=${actions}>${t("webhooks.staleDetail")}</${Banner}>
    <${Diff} caption=${t("webhooks.stale")} rows=${rows} before=${t("webhooks.theirs")} after=${t("webhooks.mine")} />`;
}

/** @param {string} verb @param {boolean} busy @param {() => void} close @param {boolean} [disabled] */
const buttons = (verb, busy, close, disabled = false) =>
  html`<${Button} submit kind="primary" busy=${busy} disabled=${disabled}>${verb}</${Button}><${Button} onClick=${close}>${t("kit.cancel")}</${Button}>`;
