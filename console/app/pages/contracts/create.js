// @ts-check
/** The form that makes a contract: template, name, counterparties; its record is chosen by whoever shows it. */
import { create, pathOf } from "../../api.js";
import { useKey, useSubmit } from "../../hooks.js";
import { Banner, Button, CheckField, DraftNote, Form, TextField } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";
import { TemplateFields, useTemplates } from "../oneflow/place.js";
import { attempt } from "./attempt.js";
import { orderOf } from "./links.js";
import { Parties } from "./parties.js";

/** Return a form that nobody has filled in. */
export const emptyForm = () => ({ entity: "", recordId: "", workspaceId: /** @type {string | null} */ (null), templateId: /** @type {string | null} */ (null), name: "", parties: /** @type {any[]} */ ([]), another: false });

/**
 * @param {{integration: {id: string}, draft: any, record?: (problem: any) => any, done: (contract: any) => void, made?: () => void, cancel?: () => void}} props
 *   `made` is called as soon as there is a new contract, `done` once its problems were seen; `draft` as useDraft gives it, with the record's table and id
 */
export function CreateForm({ integration, draft, record, done, made: tell, cancel }) {
  const form = draft.value;
  const once = useKey();
  const [made, setMade] = useState(/** @type {{contract: any, known: boolean} | null} */ (null));
  const place = useTemplates(integration.id, form);
  const edit = (/** @type {any} */ facts) => draft.set((/** @type {any} */ now) => ({ ...now, ...facts }));
  const submit = useSubmit(async () => {
    const reply = await once((key) => attempt(() => create(pathOf(integration.id, "oneflow", "contracts"), orderOf(form), { key })));
    const known = reply.status === 200;
    if (!known) tell?.();
    if (known || reply.data.problems.length > 0) setMade({ contract: reply.data, known });
    else done(reply.data);
  });
  if (made) return html`<${Made} ...${made} done=${() => done(made.contract)} another=${() => (edit({ another: true }), setMade(null))} />`;
  const told = (/** @type {string} */ pointer) => submit.problem?.at(pointer) ?? "";
  const actions = html`<${Button} submit kind="primary" busy=${submit.busy}>${t("contracts.create")}</${Button}>${cancel && html`<${Button} onClick=${cancel}>${t("kit.cancel")}</${Button}>`}`;
  return html`<div class="contracts-form"><${Form} label=${t("contracts.create")} send=${() => submit.run(undefined)} problem=${submit.problem} actions=${actions}>
    <${DraftNote} draft=${draft} />
    ${record?.(submit.problem)}
    <${TextField} label=${t("contracts.name")} help=${t("contracts.nameHelp")} value=${form.name} maxlength="130" set=${(/** @type {string} */ name) => edit({ name })} pointer="/name" problem=${submit.problem} />
    <${TemplateFields} place=${place} chosen=${form} edit=${edit} told=${told} none=${t("contracts.mappedTemplate")} help=${t("contracts.mappedTemplateHelp")} />
    <${Parties} parties=${form.parties} change=${(/** @type {any[]} */ parties) => edit({ parties })} problem=${submit.problem} />
    ${form.another && html`<${CheckField} label=${t("contracts.another")} help=${t("contracts.anotherHelp")} value=${form.another} set=${(/** @type {boolean} */ another) => edit({ another })} />`}
  </${Form}></div>`;
}

/** @param {{contract: any, known: boolean, done: () => void, another: () => void}} props */
function Made({ contract, known, done, another }) {
  const open = html`<${Button} kind="primary" small onClick=${done}>${t("contracts.open")}</${Button}>`;
  if (known) {
    const actions = html`${open}<${Button} small onClick=${another}>${t("contracts.makeAnother")}</${Button}>`;
    return html`<${Banner} alert title=${t("contracts.known", { name: contract.name })} actions=${actions}>${t("contracts.knownDetail")}</${Banner}>`;
  }
  return html`<${Banner} tone="warn" alert title=${t("contracts.madeWithProblems", { count: contract.problems.length })} actions=${open}>
    <ul>${contract.problems.map((/** @type {any} */ each) => html`<li><code>${each.field ?? each.oneflowField}</code> ${each.reason}</li>`)}</ul>
  </${Banner}>`;
}

