// @ts-check
/** The contracts of one record, and a form for a new one. */
import { get, pathOf, withQuery } from "../api.js";
import { Button, Card, Empty, Loaded, Pager } from "../kit.js";
import { useAttempt } from "../pages/contracts/attempt.js";
import { CreateForm, emptyForm } from "../pages/contracts/create.js";
import { html, useState } from "../preact.js";
import { t } from "../words.js";
import { ContractCard } from "./card.js";
import { say } from "./host.js";

const MOST = 10;

/** @param {{record: {integration: string, entity: string, id: string}}} props */
export function RecordContracts({ record }) {
  const path = withQuery(pathOf(record.integration, "oneflow", "contracts"), { entity: record.entity, recordId: record.id, limit: MOST });
  const [trail, setTrail] = useState([path]);
  const here = trail[trail.length - 1];
  const loaded = useAttempt((signal) => get(here, { signal }), [here]);
  const first = () => {
    setTrail([path]);
    loaded.reload();
  };
  const pagesOf = (/** @type {string | null} */ next) => ({
    page: trail.length,
    next: next ? () => setTrail([...trail, next]) : null,
    previous: trail.length > 1 ? () => setTrail(trail.slice(0, -1)) : null,
  });
  const shown = (/** @type {any} */ reply) => html`<${Shown} record=${record} contracts=${reply.data} pages=${pagesOf(reply.next)} reload=${first} />`;
  return html`<${Loaded} of=${loaded} lines=${4}>${shown}</${Loaded}>`;
}

/** @param {{record: any, contracts: any[], pages: any, reload: () => void}} props */
function Shown({ record, contracts, pages, reload }) {
  const integration = { id: record.integration };
  const [making, setMaking] = useState(false);
  const [form, setForm] = useState({ ...emptyForm(), entity: record.entity, recordId: record.id });
  const first = { ...emptyForm(), entity: record.entity, recordId: record.id };
  const draft = { value: form, set: setForm, clear: () => setForm(first), restored: false };
  const begin = (/** @type {boolean} */ another) => {
    setForm((now) => ({ ...now, another }));
    setMaking(true);
  };
  const done = () => {
    setForm(first);
    setMaking(false);
    reload();
  };
  if (making) {
    return html`<${Card}><h2>${t("contracts.create")}</h2><${CreateForm} integration=${integration} draft=${draft} made=${() => say({ type: "hub.changed" })} done=${done} cancel=${() => setMaking(false)} /></${Card}>`;
  }
  const create = html`<${Button} kind="primary" icon="plus" onClick=${() => begin(false)}>${t("contracts.create")}</${Button}>`;
  if (contracts.length === 0) return html`<${Empty} title=${t("widget.none")} actions=${create}>${t("widget.noneDetail")}</${Empty}>`;
  return html`
    ${contracts.map((each) => html`<${ContractCard} key=${each.contractId} integration=${integration} outline=${each} another=${() => begin(true)} />`)}
    <${Pager} list=${pages} />
  `;
}
