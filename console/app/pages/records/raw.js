// @ts-check
/** A record as Business Central sends it now, when somebody asks for it. */
import { get } from "../../api.js";
import { useLoad } from "../../hooks.js";
import { Banner, Button, DataTable, Loaded, Section, Time, Value } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t, wordFor } from "../../words.js";

/** @param {{path: string}} props */
export function RawSource({ path }) {
  const [open, setOpen] = useState(false);
  const actions = html`<${Button} small onClick=${() => setOpen(!open)} aria-expanded=${open ? "true" : "false"}>${t(open ? "records.rawHide" : "records.rawShow")}</${Button}>`;
  return html`<${Section} title=${t("records.raw")} lead=${t("records.rawLead")} actions=${actions}>${open && html`<${Raw} path=${path} />`}</${Section}>`;
}

/** @param {{path: string}} props */
function Raw({ path }) {
  const loaded = useLoad(async (signal) => (await get(`${path}/source`, { signal })).data, [path]);
  return html`<${Loaded} of=${loaded} lines=${6}>
    ${(/** @type {any} */ found) => html`
      ${found.seen !== "present" && html`<${Banner} tone="warn" title=${wordFor("recordSeen", found.seen)}>${found.filter && html`<code>${found.filter}</code>`}</${Banner}>`}
      ${found.error && html`<${Banner} tone="bad" title=${found.error.error}><code>${found.error.code}</code></${Banner}>`}
      ${found.raw && html`<${DataTable} caption=${t("records.raw")} columns=${columns} rows=${Object.entries(found.raw)} keyOf=${(/** @type {any} */ row) => row[0]} />`}
      <p class="small muted records-after">${t("records.askedAt")} <${Time} at=${found.askedAt} exact /> <${Button} small kind="quiet" icon="refresh" onClick=${loaded.reload}>${t("records.askAgain")}</${Button}></p>
    `}
  </${Loaded}>`;
}

const columns = [
  { name: t("records.column"), main: true, show: (/** @type {any} */ row) => html`<code>${row[0]}</code>` },
  { name: t("records.valueSent"), wide: true, show: (/** @type {any} */ row) => html`<${Value} value=${row[1]} />` },
];
