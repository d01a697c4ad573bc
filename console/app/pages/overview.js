// @ts-check
/** A tile for each integration: how it does, and why. */
import { refresh } from "../integrations.js";
import { usePoll } from "../hooks.js";
import { Card, Empty, Loaded, Page, Status, Time } from "../kit.js";
import { html } from "../preact.js";
import { href } from "../router.js";
import { t, wordFor } from "../words.js";

const EVERY = 5_000;

export default function Overview() {
  const loaded = usePoll((signal) => refresh(signal), [], { every: EVERY });
  return html`<${Page} title=${t("overview.title")} lead=${t("overview.lead")}>
    <${Loaded} of=${loaded} lines=${6}>${tiles}</${Loaded}>
  </${Page}>`;
}

/** @param {any[]} found */
function tiles(found) {
  if (found.length === 0) return html`<${Empty} title=${t("overview.empty")}>${t("overview.emptyDetail")}</${Empty}>`;
  return html`<ul class="overview-tiles">${found.map((each) => html`<li key=${each.id}><${Tile} integration=${each} /></li>`)}</ul>`;
}

/** @param {{integration: any}} props */
function Tile({ integration }) {
  return html`<${Card} as="article" class="overview-tile">
    <div class="overview-head">
      <div>
        <h2><a href=${href(["integrations", integration.id])}>${integration.name}</a></h2>
        <p class="small muted">${wordFor("kinds", integration.kind)}</p>
      </div>
      <${Status} state=${integration.status} />
    </div>
    <p><${Time} at=${integration.lastSyncedAt} /></p>
  </${Card}>`;
}
