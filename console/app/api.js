// @ts-check
/** The hub's HTTP API. Everything a page asks for goes through here. */
import { Problem, problemOf, silence } from "./problem.js";
import { noteEnd, token } from "./session.js";
import { store } from "./store.js";
import { t } from "./words.js";

/** True while the hub does not answer and requests are tried again. */
export const unreachable = store(false);

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8_000;
const GATEWAY = new Set([502, 503, 504]);

/**
 * @typedef {{data: any, etag: string, status: number, headers: Headers, next: string | null, body: any}} Reply
 * @typedef {{body?: any, etag?: string, key?: string, headers?: Record<string, string>, signal?: AbortSignal}} Options
 */

/** Read; an answer that does not come is asked for again until it does. @param {string} path @param {Options} [options] @returns {Promise<Reply>} */
export const get = (path, options = {}) => patiently(() => send("GET", path, options), options.signal);

/** @param {string} path @param {any} [body] @param {Options} [options] */
export const post = (path, body, options = {}) => send("POST", path, { ...options, body });

/** Create: like post, with an Idempotency-Key, so that sending it twice makes one thing. @param {string} path @param {any} body @param {Options & {key: string}} options */
export const create = (path, body, options) => send("POST", path, { ...options, body });

/** Replace what was read with this ETag. @param {string} path @param {any} body @param {string} etag */
export const put = (path, body, etag) => send("PUT", path, { body, etag });

/** Change what was read with this ETag. @param {string} path @param {any} body @param {string} etag */
export const patch = (path, body, etag) => send("PATCH", path, { body, etag });

/** @param {string} path @param {Options} [options] */
export const remove = (path, options = {}) => send("DELETE", path, options);

/** Return a path with a query; what is empty, null or undefined is left out. @param {string} path @param {Record<string, any>} query */
export function withQuery(path, query) {
  const kept = Object.entries(query).filter(([, value]) => value !== "" && value != null);
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** Return the path of an integration's resource; every part is escaped. @param {string} id @param {...string} parts */
export function pathOf(id, ...parts) {
  return ["/api/integrations", id, ...parts].map((part, index) => (index ? encodeURIComponent(part) : part)).join("/");
}

/** Return the part of a link that is ours: the hub may know itself by another address. @param {string | undefined} link */
export function ownPath(link) {
  if (!link) return null;
  const url = new URL(link, location.origin);
  return url.pathname + url.search;
}

/** @param {string} method @param {string} path @param {Options} options @returns {Promise<Reply>} */
async function send(method, path, options) {
  const bearer = await token();
  if (!bearer) throw endOfSession();
  const headers = new Headers({ Accept: "application/json", Authorization: `Bearer ${bearer}`, ...options.headers });
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  if (options.etag) headers.set("If-Match", options.etag);
  if (options.key) headers.set("Idempotency-Key", options.key);
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const reply = await fetch(path, { method, headers, body, signal: options.signal, cache: "no-store" }).catch(failed);
  const text = await reply.text().catch(failed);
  const content = parsed(text);
  const silent = GATEWAY.has(reply.status) && !content;
  if (!silent) unreachable.set(false);
  if (reply.ok && content?.success !== false) return replyOf(reply, content);
  if (reply.status === 401) throw endOfSession(problemOf(reply.status, content, reply.headers));
  if (silent) throw silence(t("problem.network"), t("problem.networkDetail"));
  if (reply.ok) return replyOf(reply, content);
  throw problemOf(reply.status, content, reply.headers);
}

/** @param {Response} reply @param {any} body @returns {Reply} */
function replyOf(reply, body) {
  const etag = reply.headers.get("etag") ?? "";
  return { data: body?.data, etag, status: reply.status, headers: reply.headers, next: ownPath(body?.nextLink), body };
}

/** @param {Problem} [told] */
function endOfSession(told) {
  noteEnd();
  return told ?? new Problem({ status: 401, code: "TOKEN_EXPIRED", title: t("session.ended"), detail: t("session.endedDetail") });
}

/** @param {any} error @returns {never} */
function failed(error) {
  if (error?.name === "AbortError") throw error;
  throw silence(t("problem.network"), t("problem.networkDetail"));
}

/** @param {string} text */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** @template T @param {() => Promise<T>} ask @param {AbortSignal} [signal] @returns {Promise<T>} */
async function patiently(ask, signal) {
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "NETWORK" || signal?.aborted) throw error;
      unreachable.set(true);
      await pause(wait, signal);
    }
  }
}

/** Wait, or less when the browser comes back online or the page is left. @param {number} milliseconds @param {AbortSignal} [signal] */
function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve(undefined);
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
    signal?.addEventListener("abort", done);
  });
}
