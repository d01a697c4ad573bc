// @ts-check
/** One contract of the record: its state, what changed, push, fetch, conflicts. */
import { get, pathOf } from "../api.js";
import { Banner, Button, ButtonLink, Card, Loaded, Status } from "../kit.js";
import { useAttempt } from "../pages/contracts/attempt.js";
import { Disputes } from "../pages/contracts/disputes.js";
import { FieldTable } from "../pages/contracts/fields.js";
import { useLabels } from "../pages/contracts/labels.js";
import { contractAddress, isLocked, standingOf } from "../pages/contracts/links.js";
import { MergeDialog } from "../pages/contracts/merge.js";
import { html, useEffect, useRef, useState } from "../preact.js";
import { t, wordFor } from "../words.js";
import { say } from "./host.js";

/** @param {{integration: any, outline: any, another: () => void}} props */
export function ContractCard({ integration, outline, another }) {
  const path = pathOf(integration.id, "oneflow", "contracts", outline.contractId);
  const loaded = useAttempt((signal) => get(path, { signal }), [path]);
  return html`<${Card} as="article" class="widget-card">
    <${Loaded} of=${loaded}>${(/** @type {any} */ reply) => html`<${Shown} integration=${integration} contract=${reply.data} reload=${loaded.reload} another=${another} />`}</${Loaded}>
  </${Card}>`;
}

/** @param {{integration: any, contract: any, reload: () => void, another: () => void}} props */
function Shown({ integration, contract, reload, another }) {
  const [way, setWay] = useState(/** @type {"push" | "fetch" | null} */ (null));
  const [all, setAll] = useState(false);
  const labels = useLabels(integration, contract.entity);
  const moved = contract.fields.filter((/** @type {any} */ each) => each.status !== "in_step" && !each.conflictId);
  const done = () => {
    reload();
    say({ type: "hub.changed" });
  };
  const gone = contract.state === "deleted";
  return html`
    <div class="widget-head">
      <h2>${contract.name}</h2>
      <${Status} state=${contract.state} />
    </div>
    <${Standing} contract=${contract} />
    <div class="widget-actions">
      <${Button} kind="primary" disabled=${isLocked(contract.state)} onClick=${() => setWay("push")}>${t("contracts.push")}</${Button}>
      <${Menu} name=${contract.name}>
        <li><${Button} kind="quiet" disabled=${gone} onClick=${() => setWay("fetch")}>${t("contracts.fetch")}</${Button}></li>
        <li><${Button} kind="quiet" onClick=${() => setAll(!all)}>${t(all ? "widget.changed" : "widget.details")}</${Button}></li>
        <li><${Button} kind="quiet" onClick=${reload}>${t("widget.refresh")}</${Button}></li>
        ${!gone && html`<li><${ButtonLink} kind="quiet" href=${contractAddress(contract.contractId)} target="_blank" rel="noreferrer">${t("contracts.openOneflow")}</${ButtonLink}></li>`}
        <li><${Button} kind="quiet" onClick=${another}>${t("widget.another")}</${Button}></li>
      </${Menu}>
    </div>
    ${contract.fields.some((/** @type {any} */ each) => each.conflictId) && html`<${Disputes} integration=${integration} fields=${contract.fields} labels=${labels} done=${done} />`}
    ${(all || moved.length > 0) && html`<${FieldTable} fields=${all ? contract.fields : moved} labels=${labels} />`}
    ${way && html`<${MergeDialog} integration=${integration} contractId=${contract.contractId} way=${way} fields=${contract.fields} labels=${labels} onClose=${() => setWay(null)} done=${done} />`}
  `;
}

/** @param {{contract: any}} props */
function Standing({ contract }) {
  const { toPush, toFetch, conflicts, problems } = standingOf(contract.fields);
  if (contract.state === "deleted") return html`<${Banner} tone="warn" title=${t("contracts.gone")}>${t("contracts.goneDetail")}</${Banner}>`;
  const told = [
    isLocked(contract.state) && t("contracts.locked", { state: wordFor("status", contract.state) }),
    conflicts && `${t("contracts.hasConflicts", { count: conflicts })}.`,
    problems && `${t("contracts.hasProblems", { count: problems })}.`,
    toPush && t("contracts.toPush", { count: toPush }),
    toFetch && t("contracts.toFetch", { count: toFetch }),
  ].filter(Boolean);
  return html`<p class="muted" role="status">${told.length > 0 ? told.join(" ") : t("widget.inStep")}</p>`;
}

/** The three dots: a list of buttons that opens and closes. @param {{name: string, children: any}} props */
function Menu({ name, children }) {
  const [open, setOpen] = useState(false);
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (!open) return undefined;
    const outside = (/** @type {Event} */ event) => box.current?.contains(/** @type {Node} */ (event.target)) || setOpen(false);
    const escape = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape") return;
      setOpen(false);
      box.current?.querySelector("button")?.focus();
    };
    document.addEventListener("click", outside);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("click", outside);
      document.removeEventListener("keydown", escape);
    };
  }, [open]);
  return html`<div class="widget-menu" ref=${box}>
    <${Button} label=${t("widget.menu", { name })} aria-expanded=${open ? "true" : "false"} onClick=${() => setOpen(!open)}>⋯</${Button}>
    ${open && html`<ul onClick=${() => setOpen(false)}>${children}</ul>`}
  </div>`;
}
