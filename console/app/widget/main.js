// @ts-check
/** Starts the widget: who may frame it, which record it is for, and a token from the page around. */
import { Banner, Skeleton } from "../kit.js";
import { Announcer } from "../kit/notice.js";
import { renewBy } from "../pages/contracts/attempt.js";
import { html, render, useEffect, useState } from "../preact.js";
import { session } from "../session.js";
import { t } from "../words.js";
import { listen, recordOf, say } from "./host.js";
import { RecordContracts } from "./record.js";

const LONG = 10_000;
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const record = recordOf(location.search);
const show = (/** @type {any} */ content) => render(html`<h1 class="visually-hidden">${t("widget.title")}</h1>${content}<${Announcer} />`, root);

/** @param {{title: string, children?: any, tone?: "warn" | "info"}} props */
const Notice = ({ title, children, tone = "warn" }) => html`<${Banner} tone=${tone} alert title=${title}>${children}</${Banner}>`;

function Waiting() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG);
    return () => clearTimeout(timer);
  }, []);
  return long ? html`<${Notice} title=${t("widget.waitingLong")}>${t("widget.waitingLongDetail")}</${Notice}>` : html`<p class="muted" role="status">${t("widget.waiting")}</p><${Skeleton} lines=${3} />`;
}

/** Keep a token in memory only; it is asked for again when the hub takes it no longer. @param {string} accessToken */
function hold(accessToken) {
  const first = session.get() === null;
  session.set({ accessToken, refreshToken: "", expiresAt: Number.MAX_SAFE_INTEGER, user: { name: "", email: "" } });
  if (first) show(html`<${RecordContracts} record=${record} />`);
}

async function start() {
  session.set(null);
  if (parent === window) return show(html`<${Notice} tone="info" title=${t("widget.alone")}>${t("widget.aloneDetail")}</${Notice}>`);
  const reply = await fetch("/console/config.json", { cache: "no-store" });
  const { ancestors } = (await reply.json()).data;
  if (ancestors.length === 0) return show(html`<${Notice} title=${t("widget.closed")}>${t("widget.closedDetail")}</${Notice}>`);
  if (!record.integration || !record.entity || !record.id) return show(html`<${Notice} title=${t("widget.incomplete")}>${t("widget.incompleteDetail")}</${Notice}>`);
  show(html`<${Waiting} />`);
  renewBy(listen(ancestors, hold));
  new ResizeObserver(() => say({ type: "hub.height", height: document.documentElement.offsetHeight })).observe(root);
}

start();
