// @ts-check
/** What is asked of the authority that signs people in. One that does not answer is told apart from one that refuses. */
import { silence } from "./problem.js";
import { t } from "./words.js";

const PATIENCE = 15_000;
const BUSY = 429;
const BROKEN = 500;
const PASSING = new Set(["temporarily_unavailable", "server_error"]);

/** @type {Promise<any> | undefined} */
let discovered;

/** Return the authority's addresses (OpenID Connect Discovery). Throws NETWORK when it does not tell them. @param {string} authority */
export function discover(authority) {
  discovered ??= ask(`${authority}/.well-known/openid-configuration`).then(({ ok, told }) => (ok ? told : quiet()));
  discovered.catch(() => (discovered = undefined));
  return discovered;
}

/** Return the tokens that a grant brings. Throws NETWORK when there is no answer, an Error with the authority's words when it refuses. @param {string} address @param {URLSearchParams} body */
export async function redeem(address, body) {
  const { ok, status, told } = await ask(address, { method: "POST", body });
  if (ok) return told;
  throw new Error(told.error_description ?? told.error ?? `HTTP ${status}`);
}

/** @param {string} address @param {RequestInit} [request] */
async function ask(address, request) {
  const reply = await fetch(address, { ...request, signal: AbortSignal.timeout(PATIENCE) }).catch(quiet);
  const told = await reply.json().catch(quiet);
  if (reply.status === BUSY || reply.status >= BROKEN || PASSING.has(told.error)) quiet();
  return { ok: reply.ok, status: reply.status, told };
}

/** @returns {never} */
function quiet() {
  throw silence(t("trouble.signInSilent"), t("trouble.signInSilentDetail"));
}
