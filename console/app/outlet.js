// @ts-check
/** Finds the page of the present address, and shows it. */
import { Banner, Button, ButtonLink, Loaded, Page, Skeleton } from "./kit.js";
import { useLoad } from "./hooks.js";
import { IntegrationFrame } from "./integration-frame.js";
import { pages } from "./pages.js";
import { html, useEffect, useErrorBoundary, useRef, useState } from "./preact.js";
import { decode, match, place } from "./router.js";
import { useStore } from "./store.js";
import { t } from "./words.js";

const FRAME = /^integrations\/([^/]+)(?:\/(.*))?$/;

/** The page of the present address. */
export function Outlet() {
  const { path, query } = useStore(place);
  useMoves(path);
  return html`<${Guarded}>${found(path, query)}</${Guarded}>`;
}

/** @param {string} path @param {Record<string, string>} query */
function found(path, query) {
  const framed = FRAME.exec(path);
  if (framed) {
    const [tab = "home", ...rest] = (framed[2] ?? "home").split("/").map(decode);
    return html`<${IntegrationFrame} key=${framed[1]} id=${decode(framed[1])} tab=${tab} rest=${rest} query=${query} />`;
  }
  for (const page of pages) {
    const params = match(page.pattern, path);
    if (params) return html`<${Lazy} key=${path} load=${page.load} props=${{ params, query }} />`;
  }
  return html`<${Lost} />`;
}

/** Load a module and show its default export. @param {{load: () => Promise<{default: any}>, props: any}} given */
export function Lazy({ load, props }) {
  const [module, setModule] = useState(/** @type {any} */ (null));
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let here = true;
    load().then(
      (loaded) => here && setModule({ page: loaded.default }),
      () => here && setFailed(true),
    );
    return () => void (here = false);
  }, [load]);
  if (failed) return html`<${Trouble} title=${t("shell.updated")} text=${t("shell.updatedDetail")} />`;
  return module ? html`<${Guarded}><${module.page} ...${props} /></${Guarded}>` : html`<${Skeleton} lines=${6} />`;
}

/** What is inside, or that it stopped working: it is tried again when somebody asks for it or goes elsewhere. @param {{children?: any}} props */
function Guarded({ children }) {
  const [crash, reset] = useErrorBoundary((error) => console.error(error));
  const here = useStore(place);
  useEffect(() => void (crash && reset()), [here]);
  return crash ? html`<${Trouble} title=${t("shell.crashed")} text=${t("shell.crashedDetail")} retry=${reset} />` : children;
}

/** Say that an address leads nowhere. */
export function Lost() {
  return html`<${Page} title=${t("shell.lost")} lead=${t("shell.lostDetail")}><${ButtonLink} href="#/">${t("shell.toOverview")}</${ButtonLink}></${Page}>`;
}

/** @param {{title: string, text: string, retry?: () => void}} props */
function Trouble({ title, text, retry }) {
  const again = html`
    ${retry && html`<${Button} kind="primary" icon="refresh" onClick=${retry}>${t("problem.again")}</${Button}>`}
    <${Button} onClick=${() => location.reload()}>${t("shell.reload")}</${Button}>
  `;
  return html`<${Banner} tone="bad" alert title=${title} actions=${again}>${text}</${Banner}>`;
}

/** From the second address on, a new page's heading takes the focus. @param {string} path */
function useMoves(path) {
  const first = useRef(path);
  if (path !== first.current) document.documentElement.dataset.moved = "true";
}
