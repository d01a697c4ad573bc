// @ts-check
/** The contracts of one record, and a form for a new one. */
import { get, pathOf, withQuery } from "../api.js";
import { useLoad } from "../hooks.js";
import { Button, Card, Empty, Loaded } from "../kit.js";
import { attempt } from "../pages/contracts/attempt.js";
import { CreateForm, emptyForm } from "../pages/contracts/create.js";
import { html, useState } from "../preact.js";
import { t } from "../words.js";
import { ContractCard } from "./card.js";

const MOST = 10;

/** @param {{record: {integration: string, entity: string, id: string}}} props */
export function RecordContracts({ record }) {
  const path = withQuery(pathOf(record.integration, "oneflow", "contracts"), { entity: record.entity, recordId: record.id, limit: MOST });
  const loaded = useLoad((signal) => attempt(() => get(path, { signal })), [path]);
  const shown = (/** @type {any} */ reply) => html`<${Shown} record=${record} contracts=${reply.data} reload=${loaded.reload} />`;
  return html`<${Loaded} of=${loaded} lines=${4}>${shown}</${Loaded}>`;
}

/** @param {{record: any, contracts: any[], reload: () => void}} props */
function Shown({ record, contracts, reload }) {
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
    return html`<${Card}><h2>${t("contracts.create")}</h2><${CreateForm} integration=${integration} draft=${draft} done=${done} cancel=${() => setMaking(false)} /></${Card}>`;
  }
  const create = html`<${Button} kind="primary" icon="plus" onClick=${() => begin(false)}>${t("contracts.create")}</${Button}>`;
  if (contracts.length === 0) return html`<${Empty} title=${t("widget.none")} actions=${create}>${t("widget.noneDetail")}</${Empty}>`;
  return contracts.map((each) => html`<${ContractCard} key=${each.contractId} integration=${integration} outline=${each} another=${() => begin(true)} />`);
}
