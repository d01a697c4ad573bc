// @ts-check
/** The counterparties of a new contract, and their people. */
import { Button, CheckField, RadioField, SelectField, TextField } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";
import { countries } from "./countries.js";

const PERSON = { name: "", email: "", phone: "", signatory: true };
const PARTY = { type: "company", name: "", countryCode: "", identificationNumber: "", participants: [PERSON] };

/** @param {{parties: any[], change: (parties: any[]) => void, problem: any}} props */
export function Parties({ parties, change, problem }) {
  const put = (/** @type {number} */ at, /** @type {any} */ facts) => change(parties.map((each, index) => (index === at ? { ...each, ...facts } : each)));
  return html`<fieldset class="contracts-parties">
    <legend>${t("contracts.parties")}</legend>
    <p class="field-help">${t("contracts.partiesHelp")}</p>
    ${parties.map((party, at) => html`<${Party} key=${at} party=${party} at=${at} put=${(/** @type {any} */ facts) => put(at, facts)} drop=${() => change(parties.filter((_, index) => index !== at))} problem=${problem} />`)}
    <p><${Button} small icon="plus" onClick=${() => change([...parties, PARTY])}>${t("contracts.addParty")}</${Button}></p>
  </fieldset>`;
}

/** @param {{party: any, at: number, put: (facts: any) => void, drop: () => void, problem: any}} props */
function Party({ party, at, put, drop, problem }) {
  const here = (/** @type {string} */ member) => ({ pointer: `/parties/${at}/${member}`, problem });
  const company = party.type === "company";
  const people = party.participants;
  const person = (/** @type {number} */ index, /** @type {any} */ facts) => put({ participants: people.map((/** @type {any} */ each, /** @type {number} */ place) => (place === index ? { ...each, ...facts } : each)) });
  const types = [
    { value: "company", name: t("contracts.company") },
    { value: "individual", name: t("contracts.individual") },
  ];
  return html`<fieldset class="contracts-party">
    <legend>${t("contracts.party", { place: at + 1 })}</legend>
    <${RadioField} label=${t("contracts.partyType")} value=${party.type} set=${(/** @type {string} */ type) => put({ type, participants: type === "individual" ? people.slice(0, 1) : people })} options=${types} />
    ${company && html`<${TextField} label=${t("contracts.partyName")} required value=${party.name} set=${(/** @type {string} */ name) => put({ name })} ...${here("name")} />`}
    <${SelectField} label=${t("contracts.country")} required value=${party.countryCode} set=${(/** @type {string} */ countryCode) => put({ countryCode })} options=${[{ value: "", name: t("contracts.chooseCountry") }, ...countries()]} ...${here("countryCode")} />
    ${company && html`<${TextField} label=${t("contracts.partyNumber")} value=${party.identificationNumber} set=${(/** @type {string} */ identificationNumber) => put({ identificationNumber })} ...${here("identificationNumber")} />`}
    ${people.map((/** @type {any} */ each, /** @type {number} */ index) => html`<${Person} key=${index} person=${each} index=${index} path=${`/parties/${at}/participants/${index}`} set=${(/** @type {any} */ facts) => person(index, facts)} drop=${people.length > 1 ? () => put({ participants: people.filter((/** @type {any} */ _, /** @type {number} */ place) => place !== index) }) : undefined} problem=${problem} />`)}
    <p class="contracts-party-actions">
      ${company && html`<${Button} small icon="plus" onClick=${() => put({ participants: [...people, PERSON] })}>${t("contracts.addPerson")}</${Button}>`}
      <${Button} small kind="quiet" icon="close" onClick=${drop}>${t("contracts.dropParty", { place: at + 1 })}</${Button}>
    </p>
  </fieldset>`;
}

/** @param {{person: any, index: number, path: string, set: (facts: any) => void, drop?: () => void, problem: any}} props */
function Person({ person, index, path, set, drop, problem }) {
  const here = (/** @type {string} */ member) => ({ pointer: `${path}/${member}`, problem });
  return html`<fieldset class="contracts-person">
    <legend>${t("contracts.person", { place: index + 1 })}</legend>
    <${TextField} label=${t("contracts.personName")} required value=${person.name} set=${(/** @type {string} */ name) => set({ name })} ...${here("name")} />
    <${TextField} label=${t("contracts.email")} type="email" required value=${person.email} set=${(/** @type {string} */ email) => set({ email })} ...${here("email")} />
    <${TextField} label=${t("contracts.phone")} type="tel" placeholder="+46701234567" value=${person.phone} set=${(/** @type {string} */ phone) => set({ phone })} ...${here("phone")} />
    <${CheckField} label=${t("contracts.signatory")} value=${person.signatory} set=${(/** @type {boolean} */ signatory) => set({ signatory })} />
    ${drop && html`<${Button} small kind="quiet" icon="close" onClick=${drop}>${t("contracts.dropPerson", { place: index + 1 })}</${Button}>`}
  </fieldset>`;
}
