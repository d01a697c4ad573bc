// @ts-check
/** Form fields: a label, help, and the API's message where it belongs. */
import { html, useEffect, useId, useRef, useState } from "../preact.js";
import { t } from "../words.js";
import { Banner, ProblemBanner } from "./notice.js";
import { Button } from "./button.js";

/**
 * @typedef {{label: string, help?: any, required?: boolean, pointer?: string, problem?: import("../problem.js").Problem | null, error?: string}} Frame
 *   `pointer` is the JSON pointer of the member in the body: messages of the API for it appear here
 */

/** A label, a control and what belongs to it; `control(attributes)` makes the control. @param {Frame & {control: (attributes: any) => any}} props */
export function Field({ label, help, required, pointer, problem, error, control }) {
  const id = useId();
  const wrong = error || (pointer !== undefined && problem ? problem.at(pointer) : "");
  const about = [help && `${id}-help`, wrong && `${id}-error`].filter(Boolean).join(" ");
  const attributes = { id, required, "aria-invalid": wrong ? "true" : undefined, "aria-describedby": about || undefined };
  return html`<div class="field ${wrong ? "field-wrong" : ""}" data-pointer=${pointer}>
    <label for=${id}>${label}${required && html` <span class="muted small">(${t("kit.required")})</span>`}</label>
    ${control(attributes)}
    ${help && html`<p class="field-help" id=${`${id}-help`}>${help}</p>`}
    ${wrong && html`<p class="field-error" id=${`${id}-error`}>${wrong}</p>`}
  </div>`;
}

/**
 * One line of text. `set` gets the text. Anything else, such as `type`, `placeholder`, `inputmode`, goes to the input.
 * @param {Frame & {value: string, set: (text: string) => void, type?: string, [more: string]: any}} props
 */
export function TextField({ value, set, type = "text", label, help, required, pointer, problem, error, ...more }) {
  const control = (/** @type {any} */ attributes) =>
    html`<input class="input" type=${type} value=${value} onInput=${taking(set)} autocomplete=${type === "password" ? "new-password" : "off"} ...${attributes} ...${more} />`;
  return html`<${Field} ...${{ label, help, required, pointer, problem, error, control }} />`;
}

/** Several lines of text. @param {Frame & {value: string, set: (text: string) => void, rows?: number, [more: string]: any}} props */
export function AreaField({ value, set, rows = 4, label, help, required, pointer, problem, error, ...more }) {
  const control = (/** @type {any} */ attributes) =>
    html`<textarea class="input" rows=${rows} value=${value} onInput=${taking(set)} ...${attributes} ...${more}></textarea>`;
  return html`<${Field} ...${{ label, help, required, pointer, problem, error, control }} />`;
}

/**
 * A choice from a list.
 * @param {Frame & {value: string, set: (value: string) => void, options: Array<{value: string, name: string, disabled?: boolean}>, [more: string]: any}} props
 */
export function SelectField({ value, set, options, label, help, required, pointer, problem, error, ...more }) {
  const control = (/** @type {any} */ attributes) => html`<select class="input" value=${value} onChange=${taking(set)} ...${attributes} ...${more}>
    ${options.map((each) => html`<option key=${each.value} value=${each.value} disabled=${each.disabled} selected=${each.value === value}>${each.name}</option>`)}
  </select>`;
  return html`<${Field} ...${{ label, help, required, pointer, problem, error, control }} />`;
}

/** Yes or no. @param {{label: string, help?: any, value: boolean, set: (value: boolean) => void, disabled?: boolean}} props */
export function CheckField({ label, help, value, set, disabled }) {
  const id = useId();
  return html`<div class="field check">
    <input type="checkbox" id=${id} checked=${value} disabled=${disabled} aria-describedby=${help ? `${id}-help` : undefined} onChange=${(/** @type {any} */ event) => set(event.currentTarget.checked)} />
    <label for=${id}>${label}</label>
    ${help && html`<p class="field-help" id=${`${id}-help`}>${help}</p>`}
  </div>`;
}

/**
 * One of a few, all of them seen, each with its meaning.
 * @param {{label: string, value: string, set: (value: string) => void, options: Array<{value: string, name: any, help?: any, disabled?: boolean}>}} props
 */
export function RadioField({ label, value, set, options }) {
  const name = useId();
  return html`<fieldset class="field radios">
    <legend>${label}</legend>
    ${options.map(
      (each) => html`<label class="radio ${each.disabled ? "is-disabled" : ""}">
        <input type="radio" name=${name} value=${each.value} checked=${each.value === value} disabled=${each.disabled} onChange=${() => set(each.value)} />
        <span><span class="radio-name">${each.name}</span>${each.help && html`<span class="field-help">${each.help}</span>`}</span>
      </label>`,
    )}
  </fieldset>`;
}

/**
 * A form: Enter sends it, a problem is told above it, and the first wrong field gets the focus. Messages for which no field
 * has the pointer are in the banner.
 * @param {{send: () => any, problem?: import("../problem.js").Problem | null, children?: any, actions: any, label?: string}} props
 */
export function Form({ send, problem = null, children, actions, label }) {
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const [known, setKnown] = useState(/** @type {string[]} */ ([]));
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll("[data-pointer]") ?? [])];
    setKnown(fields.map((field) => /** @type {HTMLElement} */ (field).dataset.pointer ?? ""));
    if (problem) /** @type {any} */ (form.current?.querySelector("[aria-invalid=true]"))?.focus();
  }, [problem]);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    send();
  };
  return html`<form class="form" ref=${form} onSubmit=${submit} noValidate aria-label=${label}>
    <${ProblemBanner} problem=${problem} except=${known} />
    ${children}
    <div class="form-actions">${actions}</div>
  </form>`;
}

/** Tell that an earlier input was kept, with a way to drop it. @param {{draft: {restored: boolean, clear: () => void}}} props */
export function DraftNote({ draft }) {
  if (!draft.restored) return null;
  return html`<${Banner} title=${t("kit.draft")} actions=${html`<${Button} small onClick=${() => draft.clear()}>${t("kit.discard")}</${Button}>`} />`;
}

/** A row of controls that narrow a list. @param {{children?: any, onClear?: () => void}} props */
export function Filters({ children, onClear }) {
  return html`<div class="filters" role="search" aria-label=${t("kit.filter")}>
    ${children}
    ${onClear && html`<${Button} kind="quiet" small onClick=${onClear}>${t("kit.clear")}</${Button}>`}
  </div>`;
}

/** @param {(text: string) => void} set */
function taking(set) {
  return (/** @type {any} */ event) => set(event.currentTarget.value);
}
