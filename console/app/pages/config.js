// @ts-check
/** Sync Config: which source field fills which platform field, tried on real records before it is saved. */
import { get, pathOf } from "../api.js";
import { useLoad } from "../hooks.js";
import { ButtonLink, Card, Loaded, Section, Tabs, Time } from "../kit.js";
import { html } from "../preact.js";
import { href } from "../router.js";
import { t, wordFor } from "../words.js";
import { Editor } from "./config/editor.js";
import { Versions } from "./config/versions.js";
import { NextTimes } from "./connect/next-times.js";

const ENTITIES = ["suppliers", "products"];
const VERSIONS = "versions";

/** @param {{integration: any, params: {rest: string[]}, query: Record<string, string>}} props */
export default function Config({ integration, params, query }) {
  const [chosen = "suppliers", view] = params.rest;
  const entity = ENTITIES.includes(chosen) ? chosen : "suppliers";
  const tabs = ENTITIES.map((each) => ({ id: each, name: wordFor("kinds", each), href: at(integration, each) }));
  return html`
    <${Tabs} label=${t("config.which")} tabs=${tabs} current=${entity} />
    ${view === VERSIONS
      ? html`<${Versions} key=${entity} integration=${integration} entity=${entity} back=${at(integration, entity)} query=${query} />`
      : html`<${Mapping} key=${entity} integration=${integration} entity=${entity} />`}
  `;
}

/** @param {any} integration @param {...string} rest */
const at = (integration, ...rest) => href(["integrations", integration.id, "config", ...rest]);

/** @param {{integration: any, entity: string}} props */
function Mapping({ integration, entity }) {
  const home = pathOf(integration.id, "mappings", entity);
  const loaded = useLoad(
    async (signal) => {
      const [mapping, vocabulary] = await Promise.all([get(home, { signal }), get(`${home}/vocabulary`, { signal })]);
      return { mapping, vocabulary: vocabulary.data };
    },
    [home],
  );
  return html`<${Loaded} of=${loaded} lines=${10}>${(/** @type {any} */ found) => html`
    <${Card} class="config-version">
      <${Standing} version=${found.mapping.data} />
      <${ButtonLink} href=${at(integration, entity, VERSIONS)}>${t("config.versions")}</${ButtonLink}>
    </${Card}>
    <${Editor} key=${found.mapping.data.version} integration=${integration} entity=${entity} home=${home} saved=${found.mapping} vocabulary=${found.vocabulary} reload=${loaded.reload} />
    <${Section} title=${t("config.schedule")}>
      <p>${integration.schedule ? html`<code>${integration.schedule}</code>` : t("overview.byHand")}. ${integration.nextRunAt && html`${t("config.nextRun")} <${Time} coming at=${integration.nextRunAt} />.`}</p>
      ${integration.nextRunAt && html`<${NextTimes} schedule=${integration.schedule} />`}
    </${Section}>
  `}</${Loaded}>`;
}

/** Say which version is used, and since when. @param {{version: any}} props */
function Standing({ version }) {
  if (!version.savedAt) return html`<p><strong>${t("config.preset")}</strong> ${t("config.presetNote")}</p>`;
  const told = version.restoredFrom ? t("config.restoredFrom", { version: version.restoredFrom }) : "";
  return html`<p><strong>${t("config.version", { version: version.version })}</strong> ${t("config.savedAt")} <${Time} at=${version.savedAt} />${told && ` ${told}`}</p>`;
}
