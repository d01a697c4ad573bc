// @ts-check
/** Starts the widget: who may frame it, which record it is for, and a token from the page around. */
import { useSubmit } from "../hooks.js";
import { Banner, Button, Skeleton } from "../kit.js";
import { Announcer } from "../kit/notice.js";
import { refused, renewBy } from "../pages/contracts/attempt.js";
import { html, render, useEffect, useState } from "../preact.js";
import { session } from "../session.js";
import { store, useStore } from "../store.js";
import { t } from "../words.js";
import { listen, recordOf, say } from "./host.js";
import { RecordContracts } from "./record.js";

const LONG = 10_000;
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const record = recordOf(location.search);
/** Whether the page around said that it got no token. */
const unable = store(false);
const show = (/** @type {any} */ content) => render(html`<h1 class="visually-hidden">${t("widget.title")}</h1>${content}<${Announcer} />`, root);

/** @param {{title: string, children?: any, tone?: "warn" | "info", again?: () => any}} props */
function Notice({ title, children, tone = "warn", again }) {
  const retry = useSubmit(async () => again?.());
  const actions = again && html`<${Button} small icon="refresh" busy=${retry.busy} onClick=${() => retry.run(undefined)}>${t("problem.again")}</${Button}>`;
  return html`<${Banner} tone=${tone} alert title=${title} actions=${actions}>${children}</${Banner}>`;
}

/** @param {{ask: () => void}} props */
function Waiting({ ask }) {
  const [long, setLong] = useState(false);
  const failed = useStore(unable);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG);
    return () => clearTimeout(timer);
  }, []);
  const again = () => {
    unable.set(false);
    ask();
  };
  if (failed) return html`<${Notice} title=${t("trouble.tokenFailed")} again=${again}>${t("trouble.tokenFailedDetail")}</${Notice}>`;
  if (long) return html`<${Notice} title=${t("widget.waitingLong")} again=${again}>${t("widget.waitingLongDetail")}</${Notice}>`;
  return html`<p class="muted" role="status">${t("widget.waiting")}</p><${Skeleton} lines=${3} />`;
}

/** The contracts, and what is to be done while the hub takes no token. @param {{renew: () => Promise<boolean>}} props */
function Contracts({ renew }) {
  const out = useStore(refused);
  const again = async () => {
    if (await renew()) refused.set(false);
  };
  return html`
    ${out && html`<${Notice} title=${t("trouble.tokenRefused")} again=${again}>${t("trouble.tokenRefusedDetail")}</${Notice}>`}
    <${RecordContracts} record=${record} />
  `;
}

/** Keep a token in memory only; it is asked for again when the hub takes it no longer. @param {string} accessToken */
function hold(accessToken) {
  session.set({ accessToken, refreshToken: "", expiresAt: Number.MAX_SAFE_INTEGER, user: { name: "", email: "" } });
}

/** @param {{ask: () => void, renew: () => Promise<boolean>}} props */
function Widget({ ask, renew }) {
  return useStore(session) ? html`<${Contracts} renew=${renew} />` : html`<${Waiting} ask=${ask} />`;
}

async function start() {
  session.set(null);
  if (parent === window) return show(html`<${Notice} tone="info" title=${t("widget.alone")}>${t("widget.aloneDetail")}</${Notice}>`);
  const ancestors = await allowed().catch(() => null);
  if (!ancestors) return show(html`<${Notice} title=${t("problem.network")} again=${start}>${t("problem.networkDetail")}</${Notice}>`);
  if (ancestors.length === 0) return show(html`<${Notice} title=${t("widget.closed")}>${t("widget.closedDetail")}</${Notice}>`);
  if (!record.integration || !record.entity || !record.id) return show(html`<${Notice} title=${t("widget.incomplete")}>${t("widget.incompleteDetail")}</${Notice}>`);
  const { ask, renew } = listen(ancestors, { take: hold, failed: () => unable.set(true) });
  renewBy(renew);
  show(html`<${Widget} ask=${ask} renew=${renew} />`);
  ask();
  new ResizeObserver(() => say({ type: "hub.height", height: document.documentElement.offsetHeight })).observe(root);
}

/** Return the origins that may show the widget. @returns {Promise<string[]>} */
async function allowed() {
  const reply = await fetch("/console/config.json", { cache: "no-store" });
  return (await reply.json()).data.ancestors;
}

start();
