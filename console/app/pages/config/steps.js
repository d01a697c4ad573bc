// @ts-check
/** The transforms of a rule, one after the other, with their options. */
import { AreaField, Button, SelectField, TextField } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { asTyped, optionOf, optionTrouble } from "./model.js";

const TABLES = new Set(["codes", "table"]);

/** @param {{steps: any[], transforms: any[], set: (steps: any[]) => void}} props */
export function Steps({ steps, transforms, set }) {
  const put = (/** @type {number} */ at, /** @type {any} */ step) => set(steps.map((each, index) => (index === at ? step : each)));
  const options = transforms.map((each) => ({ value: each.name, name: wordFor("transforms", each.name) }));
  return html`<fieldset class="config-steps">
    <legend>${t("config.transform")}</legend>
    ${steps.length === 0 && html`<p class="field-help">${t("config.noTransform")}</p>`}
    ${steps.map((step, index) => html`<div class="config-step" key=${index}>
      <div class="config-step-head">
        <${SelectField} label=${t("config.step", { number: index + 1 })} value=${step.name} options=${options} set=${(/** @type {string} */ name) => put(index, { name })} />
        <${Button} small kind="quiet" icon="close" label=${t("config.removeStep", { number: index + 1 })} onClick=${() => set(steps.filter((_, position) => position !== index))} />
      </div>
      ${(transforms.find((each) => each.name === step.name)?.options ?? []).map((/** @type {any} */ option) => html`<${OptionField} key=${`${step.name}.${option.name}`} option=${option} step=${step} put=${(/** @type {any} */ next) => put(index, next)} />`)}
    </div>`)}
    <${Button} small icon="plus" onClick=${() => set([...steps, { name: transforms[0].name }])}>${t("config.addStep")}</${Button}>
  </fieldset>`;
}

/** @param {{option: any, step: any, put: (step: any) => void}} props */
function OptionField({ option, step, put }) {
  const { name, kind, required } = option;
  const [typed, setTyped] = useState("");
  const set = (/** @type {string} */ text) => {
    const { [name]: _, ...rest } = step;
    const value = optionOf(text, kind);
    setTyped(text);
    put(value === undefined || text === "" ? rest : { ...rest, [name]: value });
  };
  const trouble = optionTrouble(step[name], kind);
  const about = { label: wordFor("options", name), help: wordFor("optionKinds", kind), required, error: trouble ? t(`trouble.${trouble.word}`, trouble) : "" };
  return html`<${TABLES.has(kind) ? AreaField : TextField} ...${about} value=${asTyped(typed, step[name], kind)} set=${set} />`;
}
