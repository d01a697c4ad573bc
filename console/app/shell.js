// @ts-check
/** What is around every page: menu, theme, session, and whether the hub answers. */
import { unreachable } from "./api.js";
import { useSubmit } from "./hooks.js";
import { integrations, more, refresh, stateOf } from "./integrations.js";
import { Banner, Button, Dialog, Icon, ProblemBanner, toneOf } from "./kit.js";
import { Announcer, toast } from "./kit/notice.js";
import { Outlet } from "./outlet.js";
import { links } from "./pages.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { href, place } from "./router.js";
import { beginSignIn, ended, renewSilently, session, signOut, unrenewed } from "./session.js";
import { useStore } from "./store.js";
import { choose, theme, THEMES } from "./theme.js";
import { t, wordFor } from "./words.js";

/** The console of somebody who is signed in. */
export function Shell() {
  const { path } = useStore(place);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    setOpen(false);
    renewSilently();
  }, [path]);
  useEffect(() => {
    const leaving = new AbortController();
    refresh(leaving.signal).catch(() => undefined);
    return () => leaving.abort();
  }, [path === ""]);
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t("shell.skip")}</a>
    <div class="shell">
      <header class="top">
        <a class="brand" href="#/"><${Logo} />${t("shell.product")}</a>
        <${Button} kind="quiet" icon="menu" class="button button-quiet menu-button" aria-expanded=${open ? "true" : "false"} aria-controls="menu" onClick=${() => setOpen(!open)}>${t("shell.menu")}</${Button}>
      </header>
      <div class="side ${open ? "is-open" : ""}" id="menu">
        <${Menu} path=${path} />
        <${Account} />
      </div>
      <main id="main" class="main" tabindex="-1">
        <${Answering} />
        <${Outlet} />
      </main>
    </div>
    <${Announcer} />
    <${Ended} />
  `;
}

/** @param {{path: string}} props */
function Menu({ path }) {
  const known = useStore(integrations);
  const longer = useStore(more);
  return html`<nav aria-label=${t("shell.navigation")}>
    <ul class="menu">
      <li><${Link} href="#/" icon="home" current=${path === ""}>${t("shell.overview")}</${Link}></li>
      ${links.map((link) => html`<li key=${link.id}><${Link} href=${link.href} icon=${link.icon} current=${`#/${path}` === link.href}>${t(`shell.${link.id}`)}</${Link}></li>`)}
    </ul>
    <h2 class="menu-title" id="menu-integrations">${t("shell.integrations")}</h2>
    <ul class="menu" aria-labelledby="menu-integrations">
      ${known?.length === 0 && html`<li class="muted small menu-note">${t("shell.noIntegrations")}</li>`}
      ${known?.map((each) => html`<li key=${each.id}><${Entry} integration=${each} path=${path} /></li>`)}
      ${longer && html`<li><${Link} href="#/">${t("shell.allIntegrations")}</${Link}></li>`}
    </ul>
  </nav>`;
}

/** @param {{integration: any, path: string}} props */
function Entry({ integration, path }) {
  const address = href(["integrations", integration.id]);
  const state = stateOf(integration);
  const tone = toneOf(state);
  const current = path === address.slice(2) || path.startsWith(`${address.slice(2)}/`);
  return html`<a href=${address} aria-current=${current ? "true" : undefined}>
    <span class="menu-state status-${tone}"><${Icon} name=${tone} /></span>
    <span class="menu-name">${integration.name}</span>
    <span class="visually-hidden">(${wordFor("status", state)})</span>
  </a>`;
}

/** @param {{href: string, icon?: any, current?: boolean, children?: any}} props */
function Link({ href: address, icon, current, children }) {
  return html`<a href=${address} aria-current=${current ? "page" : undefined}>${icon && html`<${Icon} name=${icon} />`}<span class="menu-name">${children}</span></a>`;
}

function Account() {
  const chosen = useStore(theme);
  const held = useStore(session);
  const pick = (/** @type {any} */ event) => choose(event.currentTarget.value);
  const words = /** @type {Record<string, string>} */ ({ system: t("shell.themeSystem"), light: t("shell.themeLight"), dark: t("shell.themeDark") });
  return html`<aside class="account" aria-label=${t("shell.yours")}>
    <label class="theme"><span>${t("shell.theme")}</span>
      <select class="input input-small" onChange=${pick}>${THEMES.map((each) => html`<option value=${each} selected=${each === chosen}>${words[each]}</option>`)}</select>
    </label>
    <p class="small muted who">${t("shell.account", { name: held?.user.email || held?.user.name || "" })}</p>
    <${Button} small onClick=${signOut}>${t("shell.signOut")}</${Button}>
  </aside>`;
}

function Answering() {
  const silent = useStore(unreachable);
  const unsigned = useStore(unrenewed);
  const was = useRef("");
  useEffect(() => {
    if (was.current && !silent) toast(t(was.current));
    was.current = silent ? was.current || (unsigned ? "trouble.signInBack" : "problem.back") : "";
  }, [silent, unsigned]);
  const [title, detail] = unsigned ? ["trouble.signInRetrying", "trouble.signInSilentDetail"] : ["problem.retrying", "problem.networkDetail"];
  return html`<div role="alert">${silent && html`<${Banner} tone="warn" title=${t(title)}>${t(detail)}</${Banner}>`}</div>`;
}

function Ended() {
  const over = useStore(ended);
  const begin = useSubmit(() => beginSignIn());
  if (!over) return null;
  const again = html`<${Button} kind="primary" busy=${begin.busy} onClick=${() => begin.run(undefined)}>${t("session.again")}</${Button}>`;
  return html`<${Dialog} title=${t("session.ended")} actions=${again}><p>${t("session.endedDetail")}</p><${ProblemBanner} problem=${begin.problem} /></${Dialog}>`;
}

/** The mark of the product. */
export function Logo() {
  return html`<svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="8" />
    <path d="M9 13a8 8 0 0 1 13-2l2 2M23 19a8 8 0 0 1-13 2l-2-2M24 8v5h-5M8 24v-5h5" />
  </svg>`;
}

/** @param {Event} event */
function skip(event) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
