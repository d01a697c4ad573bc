// @ts-check
/** Riddles of a sign-in: state, nonce, and the proof key with its challenge (RFC 7636). */

/** @param {Uint8Array} bytes */
export function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Return text that nobody can guess, of 43 characters. */
export function riddle() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** Return the S256 challenge of a verifier. @param {string} verifier */
export async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return base64url(new Uint8Array(digest));
}

/** Return the claims of a token; who signed it is not looked at. @param {string} token */
export function claimsOf(token) {
  const body = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(body), (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * Return what is wrong with an identity token, or "" (OpenID Connect Core 3.1.3.7, for one that came straight from the token endpoint).
 * @param {any} claims @param {{clientId: string, nonce: string, issuer: string, now: number}} wanted
 */
export function wrongWith(claims, wanted) {
  const issuers = [wanted.issuer, wanted.issuer.replace("{tenantid}", claims.tid ?? "")];
  const audiences = [claims.aud].flat();
  if (claims.nonce !== wanted.nonce) return "nonce";
  if (!audiences.includes(wanted.clientId)) return "aud";
  if (!issuers.includes(claims.iss)) return "iss";
  return claims.exp * 1000 > wanted.now ? "" : "exp";
}
