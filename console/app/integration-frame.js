// @ts-check
/** The frame around all pages of an integration: its name, its state, its tabs. */
import { get, pathOf } from "./api.js";
import { useLoad } from "./hooks.js";
import { stateOf } from "./integrations.js";
import { announce, Loaded, Page, Status, Tabs } from "./kit.js";
import { Lazy, Lost } from "./outlet.js";
import { tabs } from "./pages.js";
import { html, useEffect, useRef } from "./preact.js";
import { href } from "./router.js";
import { t, wordFor } from "./words.js";

/** @param {{id: string, tab: string, rest: string[], query: Record<string, string>}} props */
export function IntegrationFrame({ id, tab, rest, query }) {
  const loaded = useLoad((signal) => get(pathOf(id), { signal }), [id]);
  return html`<${Loaded} of=${loaded} lines=${6}>${(/** @type {any} */ reply) => html`<${Framed} ...${{ reply, tab, rest, query, reload: loaded.reload }} />`}</${Loaded}>`;
}

/** @param {{reply: any, reload: () => void, tab: string, rest: string[], query: Record<string, string>}} props */
function Framed({ reply, reload, tab, rest, query }) {
  const integration = reply.data;
  const before = useRef(tab);
  useEffect(() => {
    if (before.current !== tab) announce(t(`tabs.${tab}`));
    before.current = tab;
  }, [tab]);
  const offered = tabs.filter((each) => each.kinds.includes(integration.kind));
  const chosen = offered.find((each) => each.id === tab);
  if (!chosen) return html`<${Lost} />`;
  const shown = offered.map((each) => ({ id: each.id, name: t(`tabs.${each.id}`), href: href(["integrations", integration.id, each.id]) }));
  const props = { integration, etag: reply.etag, reload, query, params: { rest } };
  return html`<${Page} title=${integration.name} part=${t(`tabs.${tab}`)} lead=${wordFor("kinds", integration.kind)} badge=${html`<${Status} state=${stateOf(integration)} />`}>
    <${Tabs} label=${integration.name} tabs=${shown} current=${tab} />
    <${Lazy} key=${tab} load=${chosen.load} props=${props} />
  </${Page}>`;
}
