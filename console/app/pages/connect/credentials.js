// @ts-check
/** The step in which name and credentials are entered; from its end on the integration exists. */
import { create } from "../../api.js";
import { useDraft, useKey, useSubmit } from "../../hooks.js";
import { refresh } from "../../integrations.js";
import { Button, ButtonLink, Card, CopyButton, DraftNote, Form, Section } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { go, href } from "../../router.js";
import { t } from "../../words.js";
import { BLANK, orderOf, patchOf, valuesOf } from "./document.js";
import { EditNotes, useEdit } from "./editing.js";
import { ConnectionFields, text, useField } from "./fields.js";
import { nextStep, stepAfter } from "./guide.js";

const NO_SECRETS = { clientSecret: "", apiToken: "" };

/** @param {{kind: string, query: Record<string, string>}} props */
export function NewCredentials({ kind }) {
  const draft = useDraft(`connect.${kind}`, BLANK[kind]);
  const [secrets, setSecrets] = useState(/** @type {Record<string, string>} */ (NO_SECRETS));
  const once = useKey();
  const submit = useSubmit(async () => {
    const made = await once((key) => create("/api/integrations", orderOf(kind, draft.value, secrets), { key }));
    setSecrets(NO_SECRETS);
    draft.clear();
    refresh();
    go(href(["connect", made.data.id, nextStep(made.data, false)]));
  });
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => draft.set((now) => ({ ...now, [name]: value }));
  const given = { kind, values: draft.value, set, secrets, setSecret: setting(setSecrets), problem: submit.problem };
  const actions = html`
    <${Button} submit kind="primary" busy=${submit.busy}>${t("connect.saveAndGoOn")}</${Button}>
    <${ButtonLink} href=${href(["connect"])}>${t("connect.back")}</${ButtonLink}>
  `;
  return html`<${Section} title=${t("connect.step_credentials")} lead=${t("connect.credentialsLead")}>
    <div class="connect-beside">
      <${Card}><${Form} send=${submit.run} problem=${submit.problem} label=${t("connect.step_credentials")} actions=${actions}>
        <${DraftNote} draft=${draft} />
        ${draft.restored && html`<p class="small muted">${t("connect.secretsAgain")}</p>`}
        ${text(given, "name", t("connect.nameHelp"))}
        <${ConnectionFields} ...${given} />
      </${Form}></${Card}>
      <${Registration} kind=${kind} grant=${draft.value.grant} />
    </div>
  </${Section}>`;
}

/** @param {{integration: any, etag: string, query: Record<string, string>, reload: () => void}} props */
export function Credentials({ integration, etag, query, reload }) {
  const onward = (/** @type {any} */ now) => go(href(["connect", now.id, now.kind === "oneflow" || query.field ? "test" : stepAfter(now, "credentials")]));
  const kept = html`<${ButtonLink} href=${href(["connect", integration.id, stepAfter(integration, "credentials")])}>${t("connect.keepAndGoOn")}</${ButtonLink}>`;
  return html`<${Section} title=${t("connect.step_credentials")} lead=${t("connect.savedLead")}>
    <div class="connect-beside">
      <${Card}><${ConnectionForm} ...${{ integration, etag, reload }} field=${query.field} done=${onward} verb=${t("connect.saveAndGoOn")} others=${kept} /></${Card}>
      <${Registration} kind=${integration.kind} grant=${integration.connection.grant} />
    </div>
  </${Section}>`;
}

/**
 * The connection of an integration that is there; the company is chosen elsewhere.
 * @param {{integration: any, etag: string, reload: () => void, field?: string, done: (integration: any) => any, verb: string, others?: any}} props
 */
export function ConnectionForm({ integration, etag, reload, field, done, verb, others }) {
  const { kind } = integration;
  const [secrets, setSecrets] = useState(/** @type {Record<string, string>} */ (NO_SECRETS));
  const edit = useEdit({
    integration,
    etag,
    part: "connection",
    read: valuesOf,
    write: (changes) => patchOf(kind, changes, secrets),
    done: (reply) => {
      setSecrets(NO_SECRETS);
      done(reply.data);
    },
  });
  useField(field);
  const values = secrets.clientSecret ? { ...edit.value, endsOn: edit.changed.endsOn ?? "" } : edit.value;
  const given = { kind, values, set: edit.set, secrets, setSecret: setting(setSecrets), problem: edit.problem, known: true };
  const nameOf = (/** @type {string} */ name) => t(`connect.${name}`);
  return html`<${Form} send=${() => edit.save.run(undefined)} problem=${edit.problem} label=${t("connect.step_credentials")} actions=${html`<${Button} submit kind="primary" busy=${edit.save.busy}>${verb}</${Button}>${others}`}>
    <${EditNotes} edit=${edit} nameOf=${nameOf} reload=${reload} />
    <${ConnectionFields} ...${given} />
  </${Form}>`;
}

/** What has to be done at Microsoft before, with the address to copy. @param {{kind: string, grant?: string}} props */
function Registration({ kind, grant }) {
  const redirect = `${location.origin}/api/integrations/dynamics/callback`;
  const steps = t(`connect.registration_${kind === "oneflow" ? "oneflow" : grant}`).split("|");
  return html`<aside class="connect-aside" aria-label=${t("connect.registration")}>
    <h3>${t("connect.registration")}</h3>
    <ol>${steps.map((step) => html`<li>${step}</li>`)}</ol>
    ${grant === "authorization_code" && html`<p class="small muted">${t("connect.redirect")}</p><p class="connect-copy"><code>${redirect}</code> <${CopyButton} text=${redirect} /></p>`}
  </aside>`;
}

/** @param {(change: (now: Record<string, string>) => Record<string, string>) => void} setAll */
function setting(setAll) {
  return (/** @type {string} */ name) => (/** @type {string} */ value) => setAll((now) => ({ ...now, [name]: value }));
}
