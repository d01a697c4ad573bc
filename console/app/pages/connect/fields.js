// @ts-check
/** The fields of a connection, each with where its value is found. */
import { RadioField, TextField } from "../../kit.js";
import { html, useEffect } from "../../preact.js";
import { t } from "../../words.js";
import { pointerOf } from "./document.js";

/**
 * @typedef {{kind: string, values: Record<string, string>, set: (name: string) => (value: string) => void, secrets: Record<string, string>,
 *   setSecret: (name: string) => (value: string) => void, problem: any, known?: boolean}} Given
 *   `known`: there are secrets already, an empty field keeps them, and the environment is chosen where the company is
 */

/** @param {Given} given */
export function ConnectionFields(given) {
  return given.kind === "business_central" ? html`<${Supply} ...${given} />` : html`<${Bridge} ...${given} />`;
}

/** @param {Given} given */
function Supply(given) {
  const grants = ["client_credentials", "authorization_code"].map((value) => ({ value, name: t(`connect.grant_${value}`), help: t(`connect.grantHelp_${value}`) }));
  return html`
    ${text(given, "tenantId", t("connect.tenantHelp"))}
    ${text(given, "clientId", t("connect.clientHelp"))}
    ${secret(given, "clientSecret", t("connect.secretHelp"))}
    ${text(given, "endsOn", t("connect.endsHelp"), { type: "date", required: false })}
    ${!given.known && text(given, "environment", t("connect.environmentHelp"))}
    <${RadioField} label=${t("connect.grant")} value=${given.values.grant} set=${given.set("grant")} options=${grants} />
  `;
}

/** @param {Given} given */
function Bridge(given) {
  return html`
    <fieldset class="connect-end"><legend>${t("connect.endDynamics")}</legend>
      ${text(given, "orgUrl", t("connect.orgHelp"), { type: "url", placeholder: ORGANIZATION })}
      ${text(given, "tenantId", t("connect.tenantHelp"))}
      ${text(given, "clientId", t("connect.clientHelpSales"))}
      ${secret(given, "clientSecret", t("connect.secretHelp"))}
      ${text(given, "endsOn", t("connect.endsHelp"), { type: "date", required: false })}
    </fieldset>
    <fieldset class="connect-end"><legend>${t("connect.endOneflow")}</legend>
      ${secret(given, "apiToken", t("connect.tokenHelp"))}
      ${text(given, "userEmail", t("connect.emailHelp"), { type: "email" })}
    </fieldset>
  `;
}

const ORGANIZATION = "https://contoso.crm4.dynamics.com";

/** @param {Given} given @param {string} name @param {string} help @param {Record<string, any>} [more] */
export function text({ kind, values, set, problem }, name, help, more = {}) {
  const pointer = pointerOf(kind, name);
  return html`<${TextField} label=${t(`connect.${name}`)} help=${help} required value=${values[name] ?? ""} set=${set(name)} pointer=${pointer} problem=${problem} spellcheck="false" ...${more} />`;
}

/** @param {Given} given @param {string} name @param {string} help */
function secret({ kind, secrets, setSecret, problem, known = false }, name, help) {
  const pointer = pointerOf(kind, name);
  return html`<${TextField} label=${t(`connect.${name}`)} help=${known ? `${t("connect.keepHelp")} ${help}` : help} placeholder=${known ? t("connect.stored") : undefined} required=${!known} type="password" value=${secrets[name] ?? ""} set=${setSecret(name)} pointer=${pointer} problem=${problem} />`;
}

/** Put the cursor into the field that is to be mended. @param {string | undefined} pointer */
export function useField(pointer) {
  useEffect(() => {
    if (!pointer) return;
    const field = /** @type {HTMLElement | null} */ (document.querySelector(`[data-pointer="${CSS.escape(pointer)}"] :is(input, select, textarea)`));
    field?.scrollIntoView({ block: "center" });
    field?.focus();
  }, [pointer]);
}
