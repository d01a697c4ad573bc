// @ts-check
/** What was sent to an endpoint: the list, and one delivery with each attempt. */
import { get, post, withQuery } from "../../api.js";
import { absolute, duration } from "../../format.js";
import { useList, usePoll, useSubmit } from "../../hooks.js";
import { Banner, Button, CopyButton, DataTable, Dialog, Empty, Facts, Filters, Help, ListTable, Loaded, ProblemBanner, Section, SelectField, Time, toast, useHelp } from "../../kit.js";
import { html, useEffect } from "../../preact.js";
import { setQuery } from "../../router.js";
import { t, wordFor } from "../../words.js";
import { eventsOf, latestFirst, STATES, TEST, toneOfDelivery } from "./model.js";
import { DeliveryStatus } from "./parts.js";

const EVERY = 5_000;
const KEPT = 20;
const WAITING = "pending";

/** @param {{integration: any, place: string, endpoint: any, query: Record<string, string>, turn: number, again: () => void}} props */
export function Deliveries({ integration, place, endpoint, query, turn, again }) {
  const { status = "", event = "", delivery } = query;
  const list = useList(withQuery(`${place}/deliveries`, { limit: 25, status, event }), { every: EVERY });
  useEffect(() => {
    if (turn) list.reload();
  }, [turn]);
  const show = (/** @type {any} */ each) => setQuery({ status, event, delivery: each?.id });
  const events = [...eventsOf(integration.kind, endpoint.events), TEST];
  const filtered = Boolean(status || event);
  return html`<${Section} title=${t("webhooks.deliveries")} lead=${t("webhooks.deliveriesLead")} actions=${html`<${Button} small icon="refresh" onClick=${list.reload}>${t("kit.refresh")}</${Button}>`}>
    <${Filters} onClear=${filtered ? () => setQuery({}) : undefined}>
      <${SelectField} label=${t("webhooks.state")} value=${status} set=${(/** @type {string} */ chosen) => setQuery({ status: chosen, event })} options=${options("deliveryStates", STATES)} />
      <${SelectField} label=${t("webhooks.event")} value=${event} set=${(/** @type {string} */ chosen) => setQuery({ status, event: chosen })} options=${options("events", events)} />
    </${Filters}>
    <${ListTable} list=${list} caption=${t("webhooks.deliveries")} columns=${columns(show)} empty=${filtered ? html`<${Empty} title=${t("webhooks.noMatch")} />` : html`<${Empty} title=${t("webhooks.noDeliveries")}>${t("webhooks.noDeliveriesDetail")}</${Empty}>`} />
    ${delivery && html`<${DeliveryDialog} key=${delivery} place=${place} id=${delivery} close=${() => show(null)} again=${again} />`}
  </${Section}>`;
}

/** @param {string} group @param {string[]} values */
const options = (group, values) => [{ value: "", name: t("webhooks.all") }, ...values.map((value) => ({ value, name: wordFor(group, value) }))];

/** @param {(delivery: any) => void} show */
const columns = (show) => [
  { name: t("webhooks.event"), main: true, show: (/** @type {any} */ each) => wordFor("events", each.event) },
  { name: t("webhooks.state"), show: (/** @type {any} */ each) => html`<${DeliveryStatus} state=${each.status} />` },
  { name: t("webhooks.answer"), show: (/** @type {any} */ each) => (each.attempts.length ? answer(each.attempts.at(-1)) : t("kit.none")) },
  { name: t("webhooks.attempts"), align: /** @type {const} */ ("end"), show: (/** @type {any} */ each) => each.attempts.length },
  { name: t("webhooks.nextTry"), show: (/** @type {any} */ each) => html`<${Time} coming at=${each.nextTryAt} none=${t("kit.none")} />` },
  { name: t("webhooks.when"), show: (/** @type {any} */ each) => html`<${Time} at=${each.createdAt} />` },
  {
    name: t("kit.actions"),
    align: /** @type {const} */ ("end"),
    show: (/** @type {any} */ each) =>
      html`<${Button} small label=${t("webhooks.detailsOf", { event: wordFor("events", each.event), when: absolute(each.createdAt) })} onClick=${() => show(each)}>${t("webhooks.details")}</${Button}>`,
  },
];

/** @param {import("./model.js").Attempt} attempt */
function answer({ status, trouble }) {
  if (status !== null) return html`<code>${status}</code>`;
  return wordFor("attemptTroubles", trouble ?? "");
}

/** @param {{place: string, id: string, close: () => void, again: () => void}} props */
function DeliveryDialog({ place, id, close, again }) {
  const path = `${place}/deliveries/${encodeURIComponent(id)}`;
  const loaded = usePoll((signal) => get(path, { signal }), [path], { every: EVERY, again: (reply) => reply.data.status === WAITING });
  const sending = useSubmit(async () => {
    const told = await post(`${path}/resend`);
    const { status } = told.data;
    toast(wordFor("deliveryStates", status), status === "delivered" ? "ok" : "warn");
    loaded.reload();
    again();
  });
  const state = loaded.data?.data.status;
  const actions = html`
    <${Button} onClick=${close}>${t("kit.close")}</${Button}>
    ${state && html`<${Button} kind=${state === "delivered" ? "plain" : "primary"} busy=${sending.busy} onClick=${() => sending.run(undefined)}>${t("webhooks.resend")}</${Button}>`}
  `;
  return html`<${Dialog} title=${loaded.data ? wordFor("events", loaded.data.data.event) : t("webhooks.details")} wide onClose=${close} actions=${actions}>
    <${ProblemBanner} problem=${sending.problem} />
    <${Loaded} of=${loaded}>${(/** @type {any} */ reply) => html`<${Delivery} delivery=${reply.data} />`}</${Loaded}>
  </${Dialog}>`;
}

/** @param {{delivery: any}} props */
function Delivery({ delivery }) {
  const attempts = latestFirst(delivery.attempts);
  const text = JSON.stringify(delivery.body, null, 2);
  const facts = /** @type {Array<[string, any]>} */ ([
    [t("webhooks.state"), html`<${DeliveryStatus} state=${delivery.status} />`],
    [t("webhooks.when"), html`<${Time} at=${delivery.createdAt} exact />`],
    [t("webhooks.nextTry"), delivery.nextTryAt ? html`<${Time} coming at=${delivery.nextTryAt} exact />` : undefined],
    [t("webhooks.eventId"), html`<code>${delivery.eventId}</code>`],
  ]);
  return html`
    <${Outcome} delivery=${delivery} latest=${attempts[0]} />
    <${Facts} facts=${facts} columns />
    <${Section} level=${3} title=${t("webhooks.attempts")} lead=${attempts.length >= KEPT && t("webhooks.latestOnly", { count: KEPT })}>
      <${DataTable} caption=${t("webhooks.attempts")} columns=${tried} rows=${attempts} keyOf=${(/** @type {any} */ each) => String(each.number)} empty=${html`<${Empty} title=${t("webhooks.noAttempt")} />`} />
    </${Section}>
    <details class="webhooks-sent">
      <summary>${t("webhooks.body")}</summary>
      <${CopyButton} text=${text} label=${t("webhooks.copyBody")} />
      <pre class="webhooks-code">${text}</pre>
    </details>
  `;
}

/** What came of it, why, and what to do. @param {{delivery: any, latest: import("./model.js").Attempt | undefined}} props */
function Outcome({ delivery, latest }) {
  const told = { pending: t("webhooks.isPending"), delivered: t("webhooks.isDelivered"), failed: t("webhooks.isFailed") };
  const help = useHelp(delivery.trouble ?? latest?.trouble ?? undefined);
  const tone = toneOfDelivery(delivery.status);
  const shown = delivery.status === "delivered" ? null : help ? html`<${Help} ...${help} />` : delivery.status === "failed" && t("webhooks.isFailedNext");
  return html`<${Banner} tone=${tone} title=${told[/** @type {keyof typeof told} */ (delivery.status)]}>${shown}</${Banner}>`;
}

/** @param {number} milliseconds */
const taken = (milliseconds) => (milliseconds < 1000 ? t("webhooks.milliseconds", { milliseconds }) : duration(milliseconds / 1000));

const tried = [
  { name: t("webhooks.tried"), main: true, show: (/** @type {any} */ each) => html`<${Time} at=${each.at} exact />` },
  { name: t("webhooks.answer"), show: answer },
  { name: t("webhooks.took"), align: /** @type {const} */ ("end"), show: (/** @type {any} */ each) => taken(each.durationMs) },
  { name: t("webhooks.response"), wide: true, show: (/** @type {any} */ each) => (each.response ? html`<code>${each.response}</code>` : html`<span class="muted">${t("webhooks.silent")}</span>`) },
];
