// @ts-check
/** One rule in a dialog: target, sources, transforms, default, required. */
import { Button, CheckField, Dialog, SelectField, TextField } from "../../kit.js";
import { html, useId, useRef, useState } from "../../preact.js";
import { CUSTOM, t } from "../../words.js";
import { isTroubled, kindOf, ruleOf } from "./model.js";
import { Kind } from "./source.js";
import { Steps } from "./steps.js";

const OWN = "custom";

/**
 * @param {{rule: any, form: import("./model.js").Draft, change: (more: any) => void, taken: string[], vocabulary: {targets: any[], transforms: any[]}, columns: any, put: (rule: any) => void, close: () => void}} props
 *   `form` is what was typed so far, `taken` are the targets that other rules fill
 */
export function RuleDialog({ rule, form, change, taken, vocabulary, columns, put, close }) {
  const [error, setError] = useState("");
  const fields = useRef(/** @type {HTMLFormElement | null} */ (null));
  const apply = (/** @type {Event} */ event) => {
    event.preventDefault();
    const target = form.target.trim();
    if (!target || target === CUSTOM) return setError(t("config.targetMissing"));
    if (taken.includes(target)) return setError(t("config.targetTaken", { target }));
    if (isTroubled(form.steps, vocabulary.transforms)) return /** @type {any} */ (fields.current?.querySelector("[aria-invalid=true]"))?.focus();
    put(ruleOf(form, vocabulary.targets));
    return close();
  };
  const actions = html`<${Button} onClick=${close}>${t("kit.cancel")}</${Button}><${Button} kind="primary" onClick=${apply}>${t("config.apply")}</${Button}>`;
  return html`<${Dialog} title=${rule ? t("config.editRule", { target: rule.target }) : t("config.add")} onClose=${close} actions=${actions}>
    <form class="form" ref=${fields} onSubmit=${apply}>
      <${TargetFields} form=${form} taken=${taken} targets=${vocabulary.targets} error=${error} change=${change} />
      <${Sources} form=${form} columns=${columns} change=${change} />
      <${Steps} steps=${form.steps} transforms=${vocabulary.transforms} set=${(/** @type {any[]} */ steps) => change({ steps })} />
      <${DefaultField} form=${form} targets=${vocabulary.targets} change=${change} />
      <${CheckField} label=${t("config.required")} help=${t("config.requiredHelp")} value=${form.required} set=${(/** @type {boolean} */ required) => change({ required })} />
      <button type="submit" hidden></button>
    </form>
  </${Dialog}>`;
}

/** @param {{form: any, taken: string[], targets: any[], error: string, change: (more: any) => void}} props */
function TargetFields({ form, taken, targets, error, change }) {
  const own = form.target.startsWith(CUSTOM);
  const options = [
    { value: "", name: t("config.choose") },
    ...targets.map((each) => ({ value: each.name, name: each.name, disabled: taken.includes(each.name) })),
    { value: OWN, name: t("config.own") },
  ];
  return html`
    <${SelectField} label=${t("config.target")} required value=${own ? OWN : form.target} options=${options} error=${own ? "" : error} set=${(/** @type {string} */ target) => change({ target: target === OWN ? CUSTOM : target })} />
    ${own && html`<${TextField} label=${t("config.ownName")} help=${t("config.ownHelp")} required value=${form.target.slice(CUSTOM.length)} error=${error} set=${(/** @type {string} */ name) => change({ target: CUSTOM + name })} />`}
  `;
}

/** @param {{form: any, columns: any, change: (more: any) => void}} props */
function Sources({ form, columns, change }) {
  const id = useId();
  const shown = form.sources.length ? form.sources : [""];
  const put = (/** @type {number} */ at, /** @type {string} */ text) => change({ sources: shown.map((/** @type {string} */ each, /** @type {number} */ index) => (index === at ? text : each)) });
  return html`
    <datalist id=${id}>${columns.list.map((/** @type {any} */ each) => html`<option value=${each.name}>${each.caption ?? each.type}</option>`)}</datalist>
    ${shown.map((/** @type {string} */ source, /** @type {number} */ index) => html`<div key=${index}>
      <${TextField} label=${shown.length > 1 ? t("config.sourceNumber", { number: index + 1 }) : t("config.from")} help=${index === 0 ? t("config.fromHelp") : undefined} list=${id} value=${source} set=${(/** @type {string} */ text) => put(index, text)} />
      <${Kind} column=${columns.by.get(source)} />
    </div>`)}
    <div><${Button} small icon="plus" onClick=${() => change({ sources: [...shown, ""] })}>${t("config.addSource")}</${Button}></div>
  `;
}

/** @param {{form: any, targets: any[], change: (more: any) => void}} props */
function DefaultField({ form, targets, change }) {
  const set = (/** @type {string} */ value) => change({ default: value });
  if (kindOf(form.target, targets) !== "flag") return html`<${TextField} label=${t("config.default")} help=${t("config.defaultHelp")} value=${form.default} set=${set} />`;
  const options = [{ value: "", name: t("kit.none") }, { value: "true", name: t("kit.yes") }, { value: "false", name: t("kit.no") }];
  return html`<${SelectField} label=${t("config.default")} help=${t("config.defaultHelp")} value=${form.default} options=${options} set=${set} />`;
}
