// @ts-check
/** Suppliers and products of an integration: the list, or one of them. */
import { html } from "../preact.js";
import { entityOf } from "./records/facts.js";
import { RecordList } from "./records/list.js";
import { RecordPage } from "./records/record.js";

/** @param {{integration: any, query: Record<string, string>, params: {rest: string[]}}} props */
export default function Records({ integration, query, params }) {
  const [type, id] = params.rest;
  if (!id) return html`<${RecordList} integration=${integration} query=${query} />`;
  const entity = entityOf(type);
  return html`<${RecordPage} key=${`${entity}/${id}`} integration=${integration} entity=${entity} id=${id} />`;
}
