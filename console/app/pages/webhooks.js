// @ts-check
/** Webhooks: who hears what happens in this integration, and what came of telling them. */
import { get, pathOf } from "../api.js";
import { usePoll } from "../hooks.js";
import { Button, DataTable, Empty, Loaded, Section, Time } from "../kit.js";
import { html, useState } from "../preact.js";
import { go, href } from "../router.js";
import { t } from "../words.js";
import { Endpoint } from "./webhooks/endpoint.js";
import { AddDialog } from "./webhooks/form.js";
import { DeliveryStatus, eventWords, SecretDialog, Standing } from "./webhooks/parts.js";

const EVERY = 10_000;

/** @param {{integration: any, params: {rest: string[]}, query: Record<string, string>}} props */
export default function Webhooks({ integration, params, query }) {
  const [chosen] = params.rest;
  const [made, setMade] = useState(/** @type {any} */ (null));
  const stored = () => {
    const place = at(integration, made.id);
    setMade(null);
    go(place);
  };
  return html`
    ${chosen
      ? html`<${Endpoint} key=${chosen} integration=${integration} id=${chosen} back=${at(integration)} query=${query} />`
      : html`<${Endpoints} integration=${integration} made=${setMade} />`}
    ${made && html`<${SecretDialog} secret=${made.secret} close=${stored} />`}
  `;
}

/** @param {any} integration @param {...string} rest */
const at = (integration, ...rest) => href(["integrations", integration.id, "webhooks", ...rest]);

/** @param {{integration: any, made: (endpoint: any) => void}} props */
function Endpoints({ integration, made }) {
  const home = pathOf(integration.id, "webhook-endpoints");
  const loaded = usePoll((signal) => get(home, { signal }), [home], { every: EVERY });
  const [adding, setAdding] = useState(false);
  const done = (/** @type {any} */ endpoint) => {
    setAdding(false);
    made(endpoint);
  };
  const add = html`<${Button} kind="primary" icon="plus" onClick=${() => setAdding(true)}>${t("webhooks.add")}</${Button}>`;
  return html`<${Section} lands title=${t("webhooks.endpoints")} lead=${t("webhooks.lead")} actions=${loaded.data?.data.length > 0 && add}>
    <${Loaded} of=${loaded}>${(/** @type {any} */ reply) =>
      html`<${DataTable} caption=${t("webhooks.endpoints")} columns=${columns(integration)} rows=${reply.data} empty=${html`<${Empty} title=${t("webhooks.empty")} actions=${add}>${t("webhooks.emptyDetail")}</${Empty}>`} />`}</${Loaded}>
    ${adding && html`<${AddDialog} integration=${integration} home=${home} close=${() => setAdding(false)} done=${done} />`}
  </${Section}>`;
}

/** @param {any} integration */
const columns = (integration) => [
  { name: t("webhooks.address"), main: true, wide: true, show: (/** @type {any} */ each) => html`<a class="webhooks-address" href=${at(integration, each.id)}>${each.url}</a>` },
  { name: t("webhooks.events"), wide: true, show: (/** @type {any} */ each) => eventWords(each.events) },
  { name: t("webhooks.state"), show: standing },
  { name: t("webhooks.lastDelivery"), show: latest },
];

/** @param {any} endpoint */
const standing = (endpoint) => html`<div>
  <${Standing} endpoint=${endpoint} />
  ${endpoint.disabledReason && html`<span class="webhooks-note">${endpoint.disabledReason}</span>`}
  ${endpoint.enabled && endpoint.failingSince && html`<span class="webhooks-note"><${Time} at=${endpoint.failingSince} /></span>`}
</div>`;

/** @param {any} endpoint */
function latest({ lastDelivery }) {
  if (!lastDelivery) return html`<span class="muted">${t("webhooks.noDelivery")}</span>`;
  return html`<div>
    <${DeliveryStatus} state=${lastDelivery.status} />
    <span class="webhooks-note">${eventWords([lastDelivery.event])}, <${Time} at=${lastDelivery.createdAt} /></span>
  </div>`;
}
