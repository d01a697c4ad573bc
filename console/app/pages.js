// @ts-check
/**
 * Which page answers which address. A page is a module in `pages/` whose default export is a component; it is loaded when it is
 * first shown. Pages get `{params, query}`; those of an integration get `{integration, etag, reload, query}` besides, and stand in a tab.
 */

/** @typedef {{pattern: string, load: () => Promise<{default: any}>}} Route */

/** Pages of their own, by the pattern of their address. @type {Route[]} */
export const pages = [
  { pattern: "", load: () => import("./pages/overview.js") },
  { pattern: "connect", load: () => import("./pages/connect.js") },
  { pattern: "connect/:at", load: () => import("./pages/connect.js") },
  { pattern: "connect/:at/:step", load: () => import("./pages/connect.js") },
];

/**
 * Tabs of an integration, in their order: `#/integrations/:id/<id>`, further parts of the address are in `params.rest`. The name is
 * the word `tabs.<id>`; `kinds` are the kinds of integration that have it.
 * @type {Array<{id: string, kinds: string[], load: () => Promise<{default: any}>}>}
 */
export const tabs = [
  { id: "home", kinds: ["business_central", "oneflow"], load: () => import("./pages/home.js") },
  { id: "records", kinds: ["business_central"], load: () => import("./pages/records.js") },
  { id: "contracts", kinds: ["oneflow"], load: () => import("./pages/contracts.js") },
  { id: "conflicts", kinds: ["business_central", "oneflow"], load: () => import("./pages/conflicts.js") },
  { id: "history", kinds: ["business_central", "oneflow"], load: () => import("./pages/history.js") },
  { id: "config", kinds: ["business_central"], load: () => import("./pages/config.js") },
  { id: "oneflow", kinds: ["oneflow"], load: () => import("./pages/oneflow.js") },
  { id: "webhooks", kinds: ["business_central", "oneflow"], load: () => import("./pages/webhooks.js") },
  { id: "settings", kinds: ["business_central", "oneflow"], load: () => import("./pages/settings.js") },
];

/** Links in the menu besides the overview and the integrations: the word is `shell.<id>`. @type {Array<{id: string, href: string, icon: any}>} */
export const links = [{ id: "connect", href: "#/connect", icon: "plus" }];
