// @ts-check
/** The certificate of a run that listed everything: whether it is all there, and by name what is not. */
import { get } from "../../api.js";
import { number } from "../../format.js";
import { useLoad } from "../../hooks.js";
import { Card, CopyButton, Facts, Loaded, Section, Status, Time } from "../../kit.js";
import { html } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { completenessText } from "./wording.js";

const LISTS = ["missing", "extra", "gone"];

/** @param {{path: (...rest: string[]) => string}} props */
export function CertificateSection({ path }) {
  const loaded = useLoad((signal) => get(path("certificate"), { signal }), [path()]);
  return html`<${Section} title=${t("history.certificate")} lead=${t("history.certificateLead")}>
    <${Loaded} of=${loaded} lines=${4}>${(/** @type {any} */ reply) => shown(reply.data)}</${Loaded}>
  </${Section}>`;
}

/** @param {any} certificate */
function shown(certificate) {
  const { environment, company, companyId, issuedAt, digest, entities } = certificate;
  return html`<div class="history-certificate">
    ${Object.entries(entities).map(([entity, found]) => html`<${Card} key=${entity}><${Entity} name=${entity} found=${found} /></${Card}>`)}
    <p class="small muted">${t("history.issued", { company: company ?? companyId, environment })} <${Time} at=${issuedAt} exact />. ${t("history.digest")} <code>${digest.slice(0, 12)}…</code> <${CopyButton} text=${digest} label=${t("history.copyDigest")} /></p>
  </div>`;
}

/** @param {{name: string, found: any}} props */
function Entity({ name, found }) {
  return html`
    <div class="history-live-head"><h3>${wordFor("kinds", name)}</h3><${Status} state=${found.verdict} /></div>
    <p>${completenessText(found)}</p>
    <${Facts} columns facts=${[
      [t("history.expected"), number(found.counted)],
      [t("history.countedAgain"), found.countedAgain === null || found.countedAgain === found.counted ? undefined : number(found.countedAgain)],
      [t("history.read"), number(found.read)],
      [t("history.stored"), number(found.stored)],
      [t("history.filter"), found.filter === null ? undefined : html`<code>${found.filter}</code>`],
      ...LISTS.map((list) => [t(`history.${list}`), number(sizeOf(found, list))]),
    ]} />
    ${LISTS.filter((list) => found[list].length > 0).map((list) => html`<${Named} key=${list} list=${list} found=${found} />`)}
  `;
}

/** @param {any} found @param {string} list */
function sizeOf(found, list) {
  return found[list].length + found.more[list] + (list === "missing" ? found.unnamed : 0);
}

/** @param {{list: string, found: any}} props */
function Named({ list, found }) {
  const more = sizeOf(found, list) - found[list].length;
  return html`<details>
    <summary>${t(`history.${list}`)}: ${number(sizeOf(found, list))}</summary>
    <ul class="history-named">
      ${found[list].map((/** @type {any} */ each) => html`<li key=${each.externalId ?? each.number}>
        <strong>${[each.number, each.name].filter(Boolean).join(" ") || each.externalId || t("history.nameless")}</strong>
        ${each.reason && html` <span class="muted">${wordFor("historyReason", each.reason)}</span>`}
      </li>`)}
    </ul>
    ${more > 0 && html`<p class="small muted">${t("history.andMore", { count: more })}</p>`}
  </details>`;
}
