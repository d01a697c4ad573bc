// @ts-check
/** Buttons, and links that look like them. */
import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../words.js";
import { Icon } from "./icons.js";
import { announce } from "./notice.js";

const SHOWN = 2_000;

/**
 * @param {{children?: any, onClick?: (event: Event) => any, kind?: "primary" | "plain" | "danger" | "quiet", busy?: boolean, disabled?: boolean,
 *   icon?: any, submit?: boolean, label?: string, title?: string, small?: boolean, [more: string]: any}} props
 *   `label` names a button that shows an icon only
 */
export function Button({ children, onClick, kind = "plain", busy = false, disabled = false, icon, submit = false, label, small = false, ...more }) {
  const press = (/** @type {Event} */ event) => (busy || disabled ? event.preventDefault() : onClick?.(event));
  return html`<button
    type=${submit ? "submit" : "button"}
    class="button button-${kind} ${small ? "button-small" : ""} ${busy ? "is-busy" : ""}"
    aria-disabled=${busy || disabled ? "true" : undefined}
    aria-busy=${busy ? "true" : undefined}
    aria-label=${label}
    onClick=${press}
    ...${more}
  >
    ${busy ? html`<span class="spinner" aria-hidden="true"></span>` : icon && html`<${Icon} name=${icon} />`}
    ${children && html`<span>${children}</span>`}
  </button>`;
}

/** @param {{children?: any, href: string, kind?: string, icon?: any, [more: string]: any}} props */
export function ButtonLink({ children, href, kind = "plain", icon, ...more }) {
  return html`<a class="button button-${kind}" href=${href} ...${more}>${icon && html`<${Icon} name=${icon} />`}<span>${children}</span></a>`;
}

/** Copy a text; says so for a moment. @param {{text: string, label?: string}} props */
export function CopyButton({ text, label = t("kit.copy") }) {
  const [done, setDone] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(t("kit.copied"));
    setDone(true);
    timer.current = setTimeout(() => setDone(false), SHOWN);
  };
  return html`<${Button} kind="quiet" small icon=${done ? "ok" : "copy"} onClick=${copy}>${done ? t("kit.copied") : label}</${Button}>`;
}
