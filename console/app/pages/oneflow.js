// @ts-check
/** Oneflow Settings: which tables contracts are made from, and which fields travel. */
import { html } from "../preact.js";
import { Entities } from "./oneflow/entities.js";
import { MappingPage } from "./oneflow/mapping.js";

/** @param {{integration: any, query: Record<string, string>, params: {rest: string[]}}} props */
export default function OneflowSettings({ integration, query, params }) {
  const [entity] = params.rest;
  if (!entity) return html`<${Entities} integration=${integration} query=${query} />`;
  return html`<${MappingPage} key=${entity} integration=${integration} entity=${entity} />`;
}
