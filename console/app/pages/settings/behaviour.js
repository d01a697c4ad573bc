// @ts-check
/** How an integration behaves, each setting with what it means. */
import { number } from "../../format.js";
import { Button, CheckField, Form, TextField } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";
import { EditNotes, useEdit } from "../connect/editing.js";
import { LIMITS, readSettings, settingPointer, settingsOf, writeSettings } from "./behaviour-table.js";

/** @param {{integration: any, etag: string, reload: () => void, done: () => void}} props */
export function Behaviour({ integration, etag, reload, done }) {
  const write = (/** @type {Record<string, any>} */ changes) => writeSettings(integration, changes);
  const edit = useEdit({ integration, etag, part: "settings", read: readSettings, write, done });
  return html`<${Form} send=${() => edit.save.run(undefined)} problem=${edit.problem} label=${t("settings.part_behaviour")} actions=${html`<${Button} submit kind="primary" busy=${edit.save.busy}>${t("settings.save")}</${Button}>`}>
    <${EditNotes} edit=${edit} nameOf=${nameOf} reload=${reload} />
    ${settingsOf(integration.kind).map((each) => (each.type === "flag" ? flag(edit, each.name) : field(edit, each)))}
    ${integration.kind === "business_central" && html`<${Breaker} edit=${edit} />`}
  </${Form}>`;
}

/** @param {{edit: ReturnType<typeof useEdit>}} props */
function Breaker({ edit }) {
  return html`<fieldset class="connect-end">
    <legend>${t("settings.set_breakerLegend")}</legend>
    ${flag(edit, "breaker")}
    ${edit.value.breaker && html`<div class="settings-pairs">${LIMITS.map((each) => field(edit, each))}</div>`}
  </fieldset>`;
}

/** @param {ReturnType<typeof useEdit>} edit @param {string} name */
function flag(edit, name) {
  return html`<${CheckField} key=${name} label=${nameOf(name)} help=${t(`settings.help_${name}`)} value=${edit.value[name]} set=${edit.set(name)} />`;
}

/** @param {ReturnType<typeof useEdit>} edit @param {any} setting */
function field(edit, { name, type, fallback, min, max }) {
  const usual = fallback === "" ? "" : t("settings.usual", { value: type === "text" ? fallback : number(Number(fallback)) });
  const range = max === undefined ? "" : t("settings.range", { min, max });
  const mode = type === "text" ? "text" : "decimal";
  return html`<${TextField} key=${name} label=${nameOf(name)} help=${[t(`settings.help_${name}`), usual, range].filter(Boolean).join(" ")} value=${edit.value[name]} set=${edit.set(name)} placeholder=${fallback} inputmode=${mode} pointer=${settingPointer(name)} problem=${edit.problem} class="input ${type === "text" ? "" : "settings-number"}" />`;
}

/** @param {string} name */
function nameOf(name) {
  return t(`settings.set_${name}`);
}
