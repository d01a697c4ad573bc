// @ts-check
/** The removal of an integration, and of its records if wanted. */
import { pathOf, remove, withQuery } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { refresh } from "../../integrations.js";
import { Button, CheckField, Dialog, Form, TextField, toast } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { go } from "../../router.js";
import { t } from "../../words.js";

/** @param {{integration: any}} props */
export function Removal({ integration }) {
  const [open, setOpen] = useState(false);
  return html`
    <${Button} kind="danger" onClick=${() => setOpen(true)}>${t("settings.remove")}</${Button}>
    ${open && html`<${Asking} integration=${integration} onClose=${() => setOpen(false)} />`}
  `;
}

/** @param {{integration: any, onClose: () => void}} props */
function Asking({ integration, onClose }) {
  const [typed, setTyped] = useState("");
  const [purge, setPurge] = useState(false);
  const [missed, setMissed] = useState(false);
  const removal = useSubmit(async () => {
    await remove(withQuery(pathOf(integration.id), { purge: purge || null }));
    toast(t("settings.removed", { name: integration.name }));
    refresh();
    go("#/");
  });
  const right = typed.trim() === integration.name;
  const send = () => (right ? removal.run(undefined) : setMissed(true));
  const actions = html`
    <${Button} onClick=${onClose}>${t("kit.cancel")}</${Button}>
    <${Button} submit kind="danger" busy=${removal.busy}>${t("settings.removeForGood")}</${Button}>
  `;
  return html`<${Dialog} title=${t("settings.removeTitle", { name: integration.name })} onClose=${onClose}>
    <${Form} send=${send} problem=${removal.problem} actions=${actions}>
      <p>${t("settings.removeMeans")}</p>
      ${integration.kind === "business_central" && html`<${CheckField} label=${t("settings.purge")} help=${t(purge ? "settings.purgeMeans" : "settings.keepMeans")} value=${purge} set=${setPurge} />`}
      <${TextField} label=${t("settings.typeName", { name: integration.name })} required value=${typed} set=${setTyped} error=${missed && !right ? t("settings.typeWrong") : ""} />
    </${Form}>
  </${Dialog}>`;
}
