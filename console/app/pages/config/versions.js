// @ts-check
/** The versions of a mapping: when, by whom, what changed, and bringing one back. */
import { get, pathOf, post } from "../../api.js";
import { useList, useLoad, useSubmit } from "../../hooks.js";
import { Button, ButtonLink, Card, Confirm, Diff, ListTable, Loaded, Section, Time, toast } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { go, setQuery } from "../../router.js";
import { t } from "../../words.js";
import { sourcesOf, stepsOf } from "./model.js";

/** @param {{integration: any, entity: string, back: string, query: Record<string, string>}} props */
export function Versions({ integration, entity, back, query }) {
  const home = pathOf(integration.id, "mappings", entity);
  const list = useList(`${home}/versions?limit=20`);
  const [bringing, bring] = useState(/** @type {any} */ (null));
  const restore = useSubmit(async () => {
    const { etag } = await get(home);
    const reply = await post(`${home}/versions/${bringing.version}/restore`, undefined, { etag });
    toast(t("config.savedAs", { version: reply.data.version }));
    go(back);
  });
  const newest = list.page === 1 ? list.items?.[0]?.version : undefined;
  const columns = [
    { name: t("config.versionName"), main: true, show: (/** @type {any} */ each) => t("config.version", { version: each.version }) },
    { name: t("config.when"), show: (/** @type {any} */ each) => (each.savedAt ? html`<${Time} at=${each.savedAt} />` : t("config.preset")) },
    { name: t("config.note"), show: (/** @type {any} */ each) => (each.restoredFrom ? t("config.restoredFrom", { version: each.restoredFrom }) : each.version === newest ? t("config.current") : "") },
    {
      name: t("kit.actions"),
      align: /** @type {const} */ ("end"),
      show: (/** @type {any} */ each) => html`<span class="config-actions">
        ${each.version > 1 && html`<${Button} small label=${t("config.compareVersion", { version: each.version })} onClick=${() => setQuery({ version: each.version })}>${t("config.compare")}</${Button}>`}
        ${each.version !== newest && html`<${Button} small label=${t("config.bringBackVersion", { version: each.version })} onClick=${() => bring(each)}>${t("config.bringBack")}</${Button}>`}
      </span>`,
    },
  ];
  return html`<${Section} title=${t("config.versions")} lead=${t("config.versionsLead")} actions=${html`<${ButtonLink} href=${back}>${t("config.back")}</${ButtonLink}>`}>
    <${ListTable} list=${list} caption=${t("config.versions")} columns=${columns} keyOf=${(/** @type {any} */ each) => String(each.version)} />
    ${query.version && html`<${Comparison} key=${query.version} home=${home} version=${query.version} />`}
    ${bringing && html`<${Confirm} title=${t("config.bringBackTitle", { version: bringing.version })} verb=${t("config.bringBack")} kind="primary" onClose=${() => bring(null)} submit=${restore}><p>${t("config.bringBackDetail")}</p></${Confirm}>`}
  </${Section}>`;
}

/** @param {{home: string, version: string}} props */
function Comparison({ home, version }) {
  const loaded = useLoad((signal) => get(`${home}/versions/${encodeURIComponent(version)}/diff`, { signal }), [home, version]);
  return html`<${Loaded} of=${loaded}>${(/** @type {any} */ reply) => {
    const found = reply.data;
    const rows = [
      ...(found.source ? [{ name: t("config.source"), before: found.source.before, after: found.source.after }] : []),
      ...found.changed.map((/** @type {any} */ each) => ({ name: each.target, before: told(each.before), after: told(each.after) })),
      ...found.added.map((/** @type {any} */ each) => ({ name: each.target, before: null, after: told(each) })),
      ...found.removed.map((/** @type {any} */ each) => ({ name: each.target, before: told(each), after: null })),
    ];
    const sides = { before: t("config.version", { version: found.against }), after: t("config.version", { version: found.version }) };
    return html`<${Section} level=${3} title=${t("config.comparison", { version: found.version, against: found.against })}>
      ${rows.length ? html`<${Diff} caption=${t("config.comparison", { version: found.version, against: found.against })} rows=${rows} ...${sides} />` : html`<${Card}>${t("config.sameContent")}</${Card}>`}
    </${Section}>`;
  }}</${Loaded}>`;
}

/** Return a rule in a line. @param {import("./model.js").Rule} rule */
function told(rule) {
  const parts = [sourcesOf(rule).join(" + ") || t("config.noSource"), ...stepsOf(rule).map(stepText)];
  if (rule.default != null) parts.push(t("config.defaultIs", { value: rule.default }));
  if (rule.required) parts.push(t("kit.required"));
  return parts.join(" · ");
}

/** @param {import("./model.js").Step} step */
function stepText({ name, ...options }) {
  return Object.keys(options).length ? `${name} ${JSON.stringify(options)}` : name;
}
