// @ts-check
/** Why records failed: together by cause, each with one of them, its data, and what to do. */
import { get } from "../../api.js";
import { absolute } from "../../format.js";
import { useLoad } from "../../hooks.js";
import { Banner, Card, Help, Loaded, Section, useHelp } from "../../kit.js";
import { html } from "../../preact.js";
import { href } from "../../router.js";
import { t, wordFor } from "../../words.js";

const PLACES = /** @type {Record<string, string>} */ ({ SUPPLIER: "suppliers", PRODUCT: "products" });

/** @param {{path: (...rest: string[]) => string, integration: any}} props */
export function CausesSection({ path, integration }) {
  const loaded = useLoad((signal) => get(path("causes"), { signal }), [path()]);
  return html`<${Section} title=${t("history.why")}>
    <${Loaded} of=${loaded} lines=${4}>${(/** @type {any} */ reply) => html`
      ${!reply.body.complete && html`<${Banner} tone="info" title=${t("history.manyErrors")} />`}
      <ul class="history-causes">
        ${reply.data.map((/** @type {any} */ cause, /** @type {number} */ index) => html`<li key=${`${cause.entityType} ${cause.code} ${cause.message}`}><${Cause} cause=${cause} id=${integration.id} first=${index === 0} /></li>`)}
      </ul>`}
    </${Loaded}>
  </${Section}>`;
}

/** @param {{cause: any, id: string, first: boolean}} props */
function Cause({ cause, id, first }) {
  const help = useHelp(cause.code);
  const { sample } = cause;
  return html`<${Card} as="article" class="history-cause">
    <h3>${t(`history.cause_${cause.entityType}`, { count: cause.count })}</h3>
    <p class="history-message">${cause.message}</p>
    <p class="small muted"><code>${cause.code}</code> · ${wordFor("historyClass", cause.class)}</p>
    ${help ? html`<${Help} ...${help} />` : html`<p>${wordFor("historyFix", cause.class)}</p>`}
    <p class="small">${t("history.nextTry")}: ${nextTry(sample)}</p>
    <details open=${first}>
      <summary>${t("history.example")}</summary>
      <p>${sample.error}</p>
      <pre class="history-data" tabindex="0" aria-label=${t("history.sourceData")}>${JSON.stringify(sample.data, null, 2)}</pre>
      <p class="small">${t("history.records")}: ${cause.externalIds.map((/** @type {string} */ each, /** @type {number} */ index) => html`${index ? ", " : ""}<a href=${href(["integrations", id, "records", PLACES[cause.entityType], each])}>${each}</a>`)}${cause.count > cause.externalIds.length ? ` ${t("history.andMore", { count: cause.count - cause.externalIds.length })}` : ""}</p>
    </details>
  </${Card}>`;
}

/** @param {any} sample */
function nextTry(sample) {
  if (!sample.nextTry) return t("history.tryNone");
  const word = wordFor("historyTry", sample.nextTry);
  return sample.nextTryAt ? `${word} (${absolute(sample.nextTryAt)})` : word;
}
