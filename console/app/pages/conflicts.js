// @ts-check
/** What waits for a decision: the queue, or one conflict. */
import { html } from "../preact.js";
import { ConflictPage } from "./conflicts/detail.js";
import { Queue } from "./conflicts/queue.js";

/** @param {{integration: any, query: Record<string, string>, params: {rest: string[]}}} props */
export default function Conflicts({ integration, query, params }) {
  const [id] = params.rest;
  if (!id) return html`<${Queue} integration=${integration} query=${query} />`;
  return html`<${ConflictPage} key=${id} integration=${integration} id=${id} />`;
}
