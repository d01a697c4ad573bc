// @ts-check
/**
 * Which page answers which address. A page is a module in `pages/` whose default export is a component; it is loaded when it is
 * first shown. Pages get `{params, query}`; those of an integration get `{integration, etag, reload, query}` besides, and stand in a tab.
 */

/** @typedef {{pattern: string, load: () => Promise<{default: any}>}} Route */

/** Pages of their own, by the pattern of their address. @type {Route[]} */
export const pages = [{ pattern: "", load: () => import("./pages/overview.js") }];

/**
 * Tabs of an integration, in their order: `#/integrations/:id/<id>`, further parts of the address are in `params.rest`. The name is
 * the word `tabs.<id>`; `kinds` are the kinds of integration that have it.
 * @type {Array<{id: string, kinds: string[], load: () => Promise<{default: any}>}>}
 */
export const tabs = [
  { id: "home", kinds: ["business_central", "oneflow"], load: () => import("./pages/home.js") },
  { id: "config", kinds: ["business_central"], load: () => import("./pages/config.js") },
  { id: "webhooks", kinds: ["business_central", "oneflow"], load: () => import("./pages/webhooks.js") },
];

/** Links in the menu besides the overview and the integrations: the word is `shell.<id>`. @type {Array<{id: string, href: string, icon: any}>} */
export const links = [];
