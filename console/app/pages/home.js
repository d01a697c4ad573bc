// @ts-check
/** The first tab of an integration: how it does. */
import { Card, Facts, Time } from "../kit.js";
import { html } from "../preact.js";

/** @param {{integration: any}} props */
export default function Home({ integration }) {
  return html`<${Card}><${Facts} facts=${[["", html`<${Time} at=${integration.lastSyncedAt} exact />`]]} /></${Card}>`;
}
