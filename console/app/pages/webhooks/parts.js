// @ts-check
/** What the pages of webhooks share: states, events in words, the signing secret. */
import { Banner, Button, CopyButton, Dialog, Section, Status } from "../../kit.js";
import { html } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { standingOf, toneOfDelivery } from "./model.js";

/** How an endpoint stands. @param {{endpoint: any}} props */
export function Standing({ endpoint }) {
  const { word, tone } = standingOf(endpoint);
  return html`<${Status} state=${word} tone=${tone} text=${t(`webhooks.${word}`)} />`;
}

/** How a delivery stands. @param {{state: string}} props */
export function DeliveryStatus({ state }) {
  return html`<${Status} state=${state} tone=${toneOfDelivery(state)} text=${wordFor("deliveryStates", state)} />`;
}

/** Return events in words. @param {string[]} events */
export const eventWords = (events) => events.map((each) => wordFor("events", each)).join(", ");

/** The signing secret, this once; only the button closes it. @param {{secret: string, renewed?: boolean, close: () => void}} props */
export function SecretDialog({ secret, renewed = false, close }) {
  const actions = html`<${Button} kind="primary" onClick=${close}>${t("webhooks.stored")}</${Button}>`;
  return html`<${Dialog} title=${t("webhooks.secret")} actions=${actions}>
    <${Banner} tone="warn" title=${t("webhooks.secretOnce")}>${t("webhooks.secretDetail")}${renewed && ` ${t("webhooks.secretBoth")}`}</${Banner}>
    <div class="webhooks-secret"><code class="webhooks-code">${secret}</code><${CopyButton} text=${secret} label=${t("webhooks.copySecret")} /></div>
    <${Section} level=${3} title=${t("webhooks.verify")}>
      <div class="webhooks-stack">
        <p>${t("webhooks.verifyDetail")}</p>
        <${Sample} name=${t("webhooks.python")} text=${t("webhooks.pythonSample")} />
        <${Sample} name=${t("webhooks.javascript")} text=${t("webhooks.javascriptSample")} />
        <p class="small muted">${t("webhooks.verifyByHand")}</p>
      </div>
    </${Section}>
  </${Dialog}>`;
}

/** @param {{name: string, text: string}} props */
function Sample({ name, text }) {
  return html`<div><p class="small muted">${name}</p><pre class="webhooks-code">${text}</pre></div>`;
}
