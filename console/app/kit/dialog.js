// @ts-check
/** A dialog: the rest of the page waits, Esc closes it, and the focus goes back to where it was. */
import { html, useEffect, useId, useRef } from "../preact.js";
import { t } from "../words.js";
import { Button } from "./button.js";
import { ProblemBanner } from "./notice.js";

/** @param {{title: string, onClose?: () => void, children?: any, actions?: any, wide?: boolean}} props without onClose it cannot be closed */
export function Dialog({ title, onClose, children, actions, wide = false }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  useEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose?.();
  };
  const press = (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && !onClose && event.preventDefault();
  // A second Esc in a row closes a dialog without asking (HTML, "close watcher"), and so does a phone's Back.
  const closed = () => {
    if (!box.current?.isConnected) return;
    box.current.showModal();
    onClose?.();
  };
  return html`<dialog class="dialog ${wide ? "dialog-wide" : ""}" ref=${box} aria-labelledby=${id} onCancel=${cancel} onClose=${closed} onKeyDown=${press}>
    <header class="dialog-head">
      <h2 id=${id}>${title}</h2>
      ${onClose && html`<${Button} kind="quiet" icon="close" label=${t("kit.close")} onClick=${onClose} />`}
    </header>
    <div class="dialog-body">${children}</div>
    ${actions && html`<footer class="dialog-actions">${actions}</footer>`}
  </dialog>`;
}

/**
 * Ask before something that cannot be taken back. `verb` is what the button says, such as "Delete".
 * @param {{title: string, verb: string, onClose: () => void, submit: {run: (argument?: any) => any, busy: boolean, problem: any}, children?: any, kind?: "primary" | "danger"}} props
 */
export function Confirm({ title, verb, onClose, submit, children, kind = "danger" }) {
  const actions = html`
    <${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
    <${Button} kind=${kind} busy=${submit.busy} onClick=${() => submit.run()}>${verb}</${Button}>
  `;
  return html`<${Dialog} title=${title} onClose=${onClose} actions=${actions}><${ProblemBanner} problem=${submit.problem} />${children}</${Dialog}>`;
}
