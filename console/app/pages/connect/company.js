// @ts-check
/** The step in which environment and company are chosen, from what the connection sees. */
import { get, pathOf, withQuery } from "../../api.js";
import { useLoad } from "../../hooks.js";
import { onEnter } from "../../keys.js";
import { Banner, Button, ButtonLink, Card, Empty, Form, Loaded, ProblemBanner, RadioField, Section, SelectField, TextField } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { go, href } from "../../router.js";
import { number } from "../../format.js";
import { t } from "../../words.js";
import { EditNotes, useEdit } from "./editing.js";
import { useField } from "./fields.js";
import { needsConsent } from "./guide.js";

const MANY = 12;

/** @param {{integration: any, etag: string, query: Record<string, string>, reload: () => void}} props */
export default function Company({ integration, etag, query, reload }) {
  const onward = () => go(href(["connect", integration.id, "test"]));
  if (awaitsConsent(integration)) return html`<${Section} title=${t("connect.step_company")}><${Unauthorized} href=${href(["connect", integration.id, "authorize"])} /></${Section}>`;
  return html`<${Section} title=${t("connect.step_company")} lead=${t("connect.companyLead")}>
    <div class="connect-stack">
      <${Environment} ...${{ integration, etag, reload }} field=${query.field} />
      <${Companies} key=${integration.connection.environment} ...${{ integration, etag, reload, onward }} verb=${t("connect.chooseAndGoOn")} />
    </div>
  </${Section}>`;
}

/** Return whether somebody has to sign in before anything can be listed. @param {any} integration */
export const awaitsConsent = (integration) => needsConsent(integration) && !integration.connection.authorizedAt;

/** What stands in the place of a list that needs a sign-in first. @param {{href: string}} props */
export function Unauthorized({ href: address }) {
  return html`<${Empty} title=${t("connect.firstAuthorize")} actions=${html`<${ButtonLink} kind="primary" href=${address}>${t("connect.toConsent")}</${ButtonLink}>`}>${t("connect.firstAuthorizeDetail")}</${Empty}>`;
}

/** @param {{integration: any, etag: string, reload: () => void, field?: string}} props */
export function Environment({ integration, etag, reload, field }) {
  const loaded = useLoad((signal) => get(pathOf(integration.id, "dynamics", "environments"), { signal }), [integration.id]);
  const edit = useEdit({
    integration,
    etag,
    part: "environment",
    read: ({ connection }) => ({ environment: connection.environment }),
    write: (changes) => ({ connection: { ...changes, companyId: null } }),
    done: reload,
  });
  useField(loaded.loading ? undefined : field);
  const pointer = "/connection/environment";
  const common = { label: t("connect.environment"), value: edit.value.environment, set: edit.set("environment"), pointer, problem: edit.problem };
  const known = (loaded.data?.data ?? []).map((/** @type {any} */ each) => ({ value: each.name, name: t("connect.environmentOf", each) }));
  const listed = known.some((/** @type {any} */ each) => each.value === edit.value.environment);
  const unlisted = listed ? [] : [{ value: edit.value.environment, name: t("connect.environmentUnlisted", { name: edit.value.environment }) }];
  const actions = edit.dirty && html`<${Button} submit kind="primary" busy=${edit.save.busy}>${t("connect.changeEnvironment")}</${Button}>`;
  return html`<${Card} class="connect-narrow"><${Form} send=${() => edit.dirty && edit.save.run(undefined)} problem=${edit.problem} label=${t("connect.environment")} actions=${actions}>
    <${EditNotes} edit=${edit} nameOf=${() => t("connect.environment")} reload=${reload} />
    ${known.length > 0
      ? html`<${SelectField} ...${common} options=${[...unlisted, ...known]} help=${t("connect.environmentChoice")} />`
      : html`<${TextField} ...${common} help=${t("connect.environmentHelp")} spellcheck="false" />`}
  </${Form}></${Card}>`;
}

/** @param {{integration: any, etag: string, reload: () => void, onward: () => void, verb: string}} props */
export function Companies({ integration, etag, reload, onward, verb }) {
  const path = pathOf(integration.id, "dynamics", "companies");
  const loaded = useLoad((signal) => get(path, { signal }), [path]);
  const counted = useLoad(async (signal) => (loaded.data ? (await get(withQuery(path, { counts: true }), { signal })).data : []), [path, loaded.data]);
  const edit = useEdit({
    integration,
    etag,
    part: `company.${integration.connection.environment}`,
    read: ({ connection }) => ({ companyId: connection.companyId ?? "" }),
    write: ({ companyId }) => ({ connection: { companyId } }),
    done: onward,
  });
  const [sought, setSought] = useState("");
  const send = () => (edit.dirty ? edit.save.run(undefined) : onward());
  return html`<${Loaded} of=${loaded} lines=${4}>${(/** @type {any} */ reply) => {
    const seen = reply.data;
    if (seen.length === 0) return html`<${Empty} title=${t("connect.noCompany")}>${t("connect.noCompanyDetail")}</${Empty}>`;
    const shown = seen.filter((/** @type {any} */ each) => nameOf(each).toLowerCase().includes(sought.trim().toLowerCase()) || each.id === edit.value.companyId);
    const gone = integration.connection.companyId && !seen.some((/** @type {any} */ each) => each.id === integration.connection.companyId);
    return html`<${Card} class="connect-narrow"><${Form} send=${send} problem=${edit.problem} label=${t("connect.step_company")} actions=${html`<${Button} submit kind="primary" busy=${edit.save.busy} disabled=${!edit.value.companyId}>${verb}</${Button}>`}>
      <${EditNotes} edit=${edit} nameOf=${() => t("connect.step_company")} reload=${reload} />
      ${gone && html`<${Banner} tone="warn" title=${t("connect.companyGone")}>${t("connect.companyGoneDetail")}</${Banner}>`}
      ${seen.length > MANY && html`<${TextField} type="search" label=${t("connect.find")} value=${sought} set=${setSought} onKeyDown=${onEnter()} />`}
      <${RadioField} label=${t("connect.company")} value=${edit.value.companyId} set=${edit.set("companyId")} options=${shown.map((/** @type {any} */ each) => optionOf(each, counted))} />
      <${ProblemBanner} problem=${counted.problem} title=${t("connect.uncounted")} />
    </${Form}></${Card}>`;
  }}</${Loaded}>`;
}

/** @param {any} company */
const nameOf = (company) => company.displayName || company.name;

/** @param {any} company @param {any} counted */
function optionOf(company, counted) {
  const told = (counted.data ?? []).find((/** @type {any} */ each) => each.id === company.id);
  const counts = told?.vendorCount == null ? "" : t("connect.counts", { vendors: number(told.vendorCount), items: number(told.itemCount) });
  return { value: company.id, name: nameOf(company), help: counts || t(counted.loading ? "connect.counting" : "connect.notCounted") };
}
