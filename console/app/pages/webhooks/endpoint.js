// @ts-check
/** One endpoint: how it stands, what can be done, and what was sent to it. */
import { get, patch, pathOf, post, remove } from "../../api.js";
import { usePoll, useSubmit } from "../../hooks.js";
import { Banner, Button, ButtonLink, Card, Confirm, CopyButton, Facts, Loaded, ProblemBanner, Section, Time, toast } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { go, setQuery } from "../../router.js";
import { t } from "../../words.js";
import { Deliveries } from "./deliveries.js";
import { EditDialog } from "./form.js";
import { hostOf, standingOf } from "./model.js";
import { eventWords, SecretDialog, Standing } from "./parts.js";

const EVERY = 10_000;

/** @param {{integration: any, id: string, back: string, query: Record<string, string>}} props */
export function Endpoint({ integration, id, back, query }) {
  const place = pathOf(integration.id, "webhook-endpoints", id);
  const loaded = usePoll((signal) => get(place, { signal }), [place], { every: EVERY });
  const [turn, setTurn] = useState(0);
  const again = () => {
    loaded.reload();
    setTurn((count) => count + 1);
  };
  return html`
    <p><${ButtonLink} kind="quiet" icon="left" href=${back}>${t("webhooks.back")}</${ButtonLink}></p>
    <${Loaded} of=${loaded} lines=${6}>${(/** @type {any} */ reply) => html`
      <${Held} integration=${integration} place=${place} reply=${reply} back=${back} query=${query} again=${again} />
      <${Deliveries} integration=${integration} place=${place} endpoint=${reply.data} query=${query} turn=${turn} again=${again} />
    `}</${Loaded}>
  `;
}

/** @param {{integration: any, place: string, reply: any, back: string, query: Record<string, string>, again: () => void}} props */
function Held({ integration, place, reply, back, query, again }) {
  const endpoint = reply.data;
  const [asking, ask] = useState("");
  const [secret, setSecret] = useState("");
  const done = () => {
    ask("");
    again();
  };
  const enabling = useSubmit(async (/** @type {boolean} */ enabled) => {
    await patch(place, { enabled }, reply.etag);
    toast(t(enabled ? "webhooks.enabled" : "webhooks.disabled"));
    done();
  });
  const testing = useSubmit(async () => {
    const told = await post(`${place}/test`);
    setQuery({ ...query, delivery: told.data.id });
    again();
  });
  const rotating = useSubmit(async () => {
    const told = await post(`${place}/rotate-secret`);
    done();
    setSecret(told.data.secret);
  });
  const removing = useSubmit(async () => {
    await remove(place);
    toast(t("webhooks.removed"));
    go(back);
  });
  const close = () => {
    ask("");
    for (const each of [enabling, rotating, removing]) each.clear();
  };
  const disabling = { ...enabling, run: () => enabling.run(false) };
  const actions = html`
    <${Button} kind="primary" busy=${testing.busy} onClick=${() => testing.run(undefined)}>${t("webhooks.test")}</${Button}>
    <${Button} onClick=${() => ask("edit")}>${t("webhooks.edit")}</${Button}>
    ${endpoint.enabled
      ? html`<${Button} onClick=${() => ask("disable")}>${t("webhooks.disable")}</${Button}>`
      : html`<${Button} busy=${enabling.busy} onClick=${() => enabling.run(true)}>${t("webhooks.enable")}</${Button}>`}
    <${Button} onClick=${() => ask("rotate")}>${t("webhooks.rotate")}</${Button}>
    <${Button} kind="danger" onClick=${() => ask("remove")}>${t("webhooks.remove")}</${Button}>
  `;
  return html`<${Section} lands=${hostOf(endpoint.url)} title=${html`<span class="webhooks-address">${hostOf(endpoint.url)}</span>`} actions=${actions}>
    <${ProblemBanner} problem=${testing.problem ?? (asking ? null : enabling.problem)} />
    <${State} endpoint=${endpoint} />
    <${About} endpoint=${endpoint} />
    ${asking === "edit" && html`<${EditDialog} integration=${integration} place=${place} close=${close} done=${done} />`}
    ${asking === "disable" && html`<${Confirm} title=${t("webhooks.disableTitle")} verb=${t("webhooks.disable")} onClose=${close} submit=${disabling}><p>${t("webhooks.disableDetail")}</p></${Confirm}>`}
    ${asking === "rotate" && html`<${Confirm} title=${t("webhooks.rotateTitle")} verb=${t("webhooks.rotate")} kind="primary" onClose=${close} submit=${rotating}><p>${t("webhooks.rotateDetail")}</p></${Confirm}>`}
    ${asking === "remove" && html`<${Confirm} title=${t("webhooks.removeTitle")} verb=${t("webhooks.remove")} onClose=${close} submit=${removing}><p class="webhooks-address">${t("webhooks.removeDetail", { url: hostOf(endpoint.url) })}</p></${Confirm}>`}
    ${secret && html`<${SecretDialog} secret=${secret} renewed close=${() => setSecret("")} />`}
  </${Section}>`;
}

/** Why nothing arrives, and what to do. @param {{endpoint: any}} props */
function State({ endpoint }) {
  const { word } = standingOf(endpoint);
  if (word === "off") return html`<${Banner} title=${t("webhooks.offTitle")}>${t("webhooks.offDetail")}</${Banner}>`;
  if (word === "stopped") return html`<${Banner} tone="bad" title=${t("webhooks.offTitle")}><p>${endpoint.disabledReason}</p><p>${t("webhooks.stoppedDetail")}</p></${Banner}>`;
  if (word === "failing") return html`<${Banner} tone="warn" title=${t("webhooks.failingTitle")}>${t("webhooks.failingDetail")}</${Banner}>`;
  return null;
}

/** @param {{endpoint: any}} props */
function About({ endpoint }) {
  const facts = /** @type {Array<[string, any]>} */ ([
    [t("webhooks.state"), html`<${Standing} endpoint=${endpoint} />`],
    [t("webhooks.address"), html`<code>${endpoint.url}</code> <${CopyButton} text=${endpoint.url} />`],
    [t("webhooks.events"), eventWords(endpoint.events)],
    [t("webhooks.failingSince"), endpoint.failingSince ? html`<${Time} at=${endpoint.failingSince} exact />` : undefined],
    [t("webhooks.formerSecret"), endpoint.formerSecretUntil ? html`${t("webhooks.formerUntil")} <${Time} coming at=${endpoint.formerSecretUntil} />` : undefined],
    [t("webhooks.made"), html`<${Time} at=${endpoint.createdAt} />`],
    [t("webhooks.changed"), html`<${Time} at=${endpoint.updatedAt} />`],
  ]);
  return html`<${Card}><${Facts} facts=${facts} columns /></${Card}>`;
}
