// @ts-check
/** Form fields for the values of a record. */
import { plain } from "../../format.js";
import { onEnter } from "../../keys.js";
import { Button, SelectField, TextField } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { CUSTOM, fieldName, t } from "../../words.js";

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * Fields for values; `changes` holds what was typed, `first` gives what is there otherwise.
 * @param {{entity: string, names: string[], changes: Record<string, string>, set: (name: string, text: string) => void, first: (name: string) => any,
 *   hint?: (name: string) => any, problem: any}} props
 */
export function ValueFields({ entity, names, changes, set, first, hint, problem }) {
  return html`<div class="records-fields">
    ${names.map((name) => {
      const before = first(name);
      const shared = {
        key: name,
        label: fieldName(name),
        required: name === "name",
        value: changes[name] ?? (before === null ? "" : String(before)),
        set: (/** @type {string} */ text) => set(name, text),
        pointer: `/${name.replace(".", "/")}`,
        problem,
        help: hint?.(name),
      };
      const flag = typeof before === "boolean" || (entity === "products" && name === "blocked");
      return flag ? html`<${SelectField} ...${shared} options=${FLAGS()} />` : html`<${TextField} ...${shared} />`;
    })}
  </div>`;
}

/** A custom field of the platform's own, by a new name. @param {{taken: string[], add: (name: string) => void}} props */
export function AddField({ taken, add }) {
  const [name, setName] = useState("");
  const [error, setError] = useState("");
  const done = () => {
    if (!NAME.test(name)) return setError(t("records.customName"));
    if (taken.includes(CUSTOM + name)) return setError(t("records.customTaken"));
    add(CUSTOM + name);
    setName("");
    return setError("");
  };
  return html`<div class="records-add">
    <${TextField} label=${t("records.customNew")} help=${t("records.customHelp")} value=${name} set=${setName} error=${error} onKeyDown=${onEnter(done)} />
    <${Button} small icon="plus" onClick=${done}>${t("records.customAdd")}</${Button}>
  </div>`;
}

/** Return what the source has for a field, as help beside it. @param {any} source */
export const sourceHint = (source) => (source === undefined ? undefined : t("records.sourceHas", { value: plain(source) }));

const FLAGS = () => [
  { value: "", name: t("kit.blank") },
  { value: "true", name: t("kit.yes") },
  { value: "false", name: t("kit.no") },
];
