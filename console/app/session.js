// @ts-check
/** Who is signed in: OpenID Connect, code flow with proof key, no secret and no library. */
import { discover, redeem } from "./authority.js";
import { dropOthers } from "./drafts.js";
import { challengeOf, claimsOf, riddle, wrongWith } from "./pkce.js";
import { Problem } from "./problem.js";
import { store } from "./store.js";
import { t } from "./words.js";

const SESSION = "hub.session";
const FLOW = "hub.flow";
const VISITED = "hub.visited";
const EARLY = 120_000;
const SILENT_BEFORE = 300_000;

/** @typedef {{accessToken: string, refreshToken: string, expiresAt: number, user: {name: string, email: string, id?: string}}} Session `id` tells people apart */

/** The session of this tab, null when nobody is signed in. */
export const session = store(/** @type {Session | null} */ (read(SESSION)));
/** Whether a session was there and has ended: what is on the screen stays. */
export const ended = store(false);
/** Whether the session cannot be renewed because the authority does not answer: it has not ended. */
export const unrenewed = store(false);

/** @type {{authority: string, clientId: string, scope: string, missing: string[]}} */
let settings;
/** @type {Promise<Session> | undefined} */
let renewing;

/** Read how the console signs people in; the names of missing settings are in `missing`. */
export async function configure() {
  const reply = await fetch("/console/config.json", { cache: "no-store" });
  settings = (await reply.json()).data;
  return settings;
}

/** Leave for the authority's page, and come back to this place. Throws NETWORK when the authority does not answer. @param {{silent?: boolean}} [how] */
export async function beginSignIn(how = {}) {
  const flow = { state: riddle(), nonce: riddle(), verifier: riddle(), back: location.hash, silent: how.silent ?? false };
  const endpoints = await discover(settings.authority);
  sessionStorage.setItem(FLOW, JSON.stringify(flow));
  const asked = new URLSearchParams({
    client_id: settings.clientId,
    response_type: "code",
    response_mode: "fragment",
    redirect_uri: home(),
    scope: scopes(),
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await challengeOf(flow.verifier),
    code_challenge_method: "S256",
    ...(how.silent ? { prompt: "none" } : {}),
  });
  location.assign(`${endpoints.authorization_endpoint}?${asked}`);
}

/** Take what the authority sent along, if it did; return what it says went wrong, or "". */
export async function finishSignIn() {
  const answer = new URLSearchParams(location.hash.slice(1));
  if (!answer.has("state") || !(answer.has("code") || answer.has("error"))) return "";
  const flow = read(FLOW);
  sessionStorage.removeItem(FLOW);
  history.replaceState(null, "", `${location.pathname}${flow?.back || "#/"}`);
  if (!flow || flow.state !== answer.get("state")) return t("signIn.stranger");
  const error = answer.get("error");
  if (error) return flow.silent ? "" : (answer.get("error_description") ?? error);
  try {
    const code = { grant_type: "authorization_code", code: answer.get("code") ?? "", redirect_uri: home(), code_verifier: flow.verifier };
    keep(await granted(code, flow.nonce));
    return "";
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
}

/** Return who is signed in, as what is kept for them is named; "" when that is not known. */
export const owner = () => session.get()?.user.id ?? "";

/** Return a token that is good for another moment; "" when the session has ended. Throws NETWORK when only the authority can tell, and does not answer. */
export async function token() {
  const held = session.get();
  if (!held) return "";
  const left = held.expiresAt - Date.now();
  if (left > EARLY || !held.refreshToken) return left > 0 ? held.accessToken : "";
  renewing ??= renew(held).finally(() => (renewing = undefined));
  return renewing.then((fresh) => fresh.accessToken, (problem) => without(held, problem));
}

/** Without a refresh token, renew a session that ends soon by one short visit to the authority; true when leaving. */
export function renewSilently() {
  const held = session.get();
  if (!held || held.refreshToken || held.expiresAt - Date.now() > SILENT_BEFORE) return false;
  const visit = String(held.expiresAt);
  if (sessionStorage.getItem(VISITED) === visit) return false;
  sessionStorage.setItem(VISITED, visit);
  beginSignIn({ silent: true }).catch(() => sessionStorage.removeItem(VISITED));
  return true;
}

/** Note that the API takes the token no longer. */
export function noteEnd() {
  ended.set(session.get() !== null);
}

/** Forget the session here and at the authority, and what was typed with it. */
export async function signOut() {
  const endpoints = await discover(settings.authority).catch(() => ({}));
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("hub.")) sessionStorage.removeItem(key);
  session.set(null);
  if (!endpoints.end_session_endpoint) return location.assign("/");
  const asked = new URLSearchParams({ post_logout_redirect_uri: home(), client_id: settings.clientId });
  return location.assign(`${endpoints.end_session_endpoint}?${asked}`);
}

/** @param {Session} held */
async function renew(held) {
  const fresh = await granted({ grant_type: "refresh_token", refresh_token: held.refreshToken });
  keep({ ...fresh, refreshToken: fresh.refreshToken || held.refreshToken, user: fresh.user.id ? fresh.user : held.user });
  return /** @type {Session} */ (session.get());
}

/** What holds when a session was not renewed: the old token while it lasts, and an end only if the authority refused. @param {Session} held @param {any} problem */
function without(held, problem) {
  if (held.expiresAt > Date.now()) return held.accessToken;
  if (!(problem instanceof Problem)) return "";
  unrenewed.set(true);
  throw problem;
}

/** @param {Record<string, string>} grant @param {string} [nonce] @returns {Promise<Session>} */
async function granted(grant, nonce) {
  const endpoints = await discover(settings.authority);
  const told = await redeem(endpoints.token_endpoint, new URLSearchParams({ client_id: settings.clientId, scope: scopes(), ...grant }));
  const claims = told.id_token ? claimsOf(told.id_token) : {};
  const wanted = { clientId: settings.clientId, nonce: nonce ?? "", issuer: endpoints.issuer, now: Date.now() };
  const wrong = nonce ? wrongWith(claims, wanted) : "";
  if (wrong) throw new Error(t("signIn.unfit", { what: wrong }));
  return {
    accessToken: told.access_token,
    refreshToken: told.refresh_token ?? "",
    expiresAt: Date.now() + told.expires_in * 1000,
    user: { name: claims.name ?? "", email: claims.preferred_username ?? "", id: subjectOf(claims) },
  };
}

/** Return the user as the hub knows them. @param {any} claims */
const subjectOf = ({ tid, oid, sub = "" }) => (tid && oid ? `${tid}:${oid}` : sub);

function scopes() {
  return `openid profile offline_access ${settings.scope}`;
}

function home() {
  return `${location.origin}/`;
}

/** @param {Session} fresh */
function keep(fresh) {
  dropOthers(fresh.user.id ?? "");
  sessionStorage.setItem(SESSION, JSON.stringify(fresh));
  session.set(fresh);
  ended.set(false);
  unrenewed.set(false);
}

/** @param {string} name */
function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}
