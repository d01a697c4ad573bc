// @ts-check
/** Contracts: the list, one of them, and a new one. */
import { html } from "../preact.js";
import { href } from "../router.js";
import { t } from "../words.js";
import { ContractPage } from "./contracts/contract.js";
import { ContractList } from "./contracts/list.js";
import { NewContract } from "./contracts/new.js";

/** @param {{integration: any, query: Record<string, string>, params: {rest: string[]}}} props */
export default function Contracts({ integration, query, params }) {
  const [id] = params.rest;
  if (!id) return html`<${ContractList} integration=${integration} query=${query} />`;
  return html`
    <p><a href=${href(["integrations", integration.id, "contracts"])}>← ${t("contracts.all")}</a></p>
    ${id === "new" ? html`<${NewContract} integration=${integration} query=${query} />` : html`<${ContractPage} key=${id} integration=${integration} id=${id} />`}
  `;
}
