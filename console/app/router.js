// @ts-check
/** Addresses of the console: everything behind the `#`, so that `/` is the one document. */
import { store } from "./store.js";

/** @typedef {{path: string, query: Record<string, string>}} Place */

/** Where the console is. */
export const place = store(parse(globalThis.location?.hash ?? ""));

/** Read a hash such as `#/integrations/int_1/history?status=failed`. @param {string} hash @returns {Place} */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  return { path: path.replace(/^\/+|\/+$/g, ""), query: Object.fromEntries(new URLSearchParams(query)) };
}

/** Return the address of a place; parts are escaped, empty queries left out. @param {string[]} parts @param {Record<string, any>} [query] */
export function href(parts, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

/** Return the values of a pattern such as `integrations/:id/:tab`, null when the path is another. @param {string} pattern @param {string} path */
export function match(pattern, path) {
  const wanted = pattern.split("/").filter(Boolean);
  const given = path.split("/").filter(Boolean);
  if (wanted.length !== given.length) return null;
  /** @type {Record<string, string>} */
  const values = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith(":")) values[part.slice(1)] = decode(given[index]);
    else if (part !== given[index]) return null;
  }
  return values;
}

/** Go somewhere. @param {string} address from `href` */
export function go(address) {
  location.hash = address;
}

/** Replace the query of the present place, such as the filters of a list; Back leads past it. @param {Record<string, any>} query */
export function setQuery(query) {
  const parts = place.get().path.split("/").filter(Boolean).map(decode);
  history.replaceState(null, "", href(parts, query));
  place.set(parse(location.hash));
}

/** Follow the address bar from now on. */
export function follow() {
  addEventListener("hashchange", () => place.set(parse(location.hash)));
  place.set(parse(location.hash));
}

/** Return a part of an address in plain text, as it is when it cannot be read. @param {string} part */
export function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
