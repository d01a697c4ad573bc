// @ts-check
/** When a session is renewed, when it has ended, and whose input is kept. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

class Kept {
  /** @param {string} name */
  getItem(name) {
    return /** @type {any} */ (this)[name] ?? null;
  }
  /** @param {string} name @param {string} text */
  setItem(name, text) {
    /** @type {any} */ (this)[name] = text;
  }
  /** @param {string} name */
  removeItem(name) {
    delete (/** @type {any} */ (this)[name]);
  }
}

const page = /** @type {any} */ (globalThis);
/** @type {Record<string, () => Response>} */
let answers = {};
page.sessionStorage = new Kept();
page.location = { origin: "https://hub.example", hash: "#/", assign: () => undefined };
page.fetch = async (/** @type {string} */ address) => answers[new URL(address, page.location.origin).pathname]();

const { dropOthers, readDraft, writeDraft } = await import("../../console/app/drafts.js");
const { configure, ended, noteEnd, renewSilently, session, token } = await import("../../console/app/session.js");

const json = (/** @type {any} */ body, status = 200) => () => new Response(JSON.stringify(body), { status });
const SETTINGS = json({ data: { authority: "https://login.example", clientId: "c", scope: "s", missing: [] } });
const DISCOVERY = json({ issuer: "i", token_endpoint: "https://login.example/token", authorization_endpoint: "https://login.example/authorize" });
const held = (/** @type {any} */ more) => ({ accessToken: "old", refreshToken: "r", expiresAt: Date.now() - 1, user: { name: "A", email: "", id: "t:a" }, ...more });

beforeEach(async () => {
  page.sessionStorage = new Kept();
  answers = { "/console/config.json": SETTINGS, "/.well-known/openid-configuration": DISCOVERY };
  await configure();
  ended.set(false);
});

for (const [name, answer] of Object.entries({ "no answer": () => assert.fail("offline"), "a broken proxy": () => new Response("<html>", { status: 502 }), "a portal's page": () => new Response("<html>") })) {
  test(`${name} is no end of a session`, async () => {
    answers["/token"] = answer;
    session.set(held({}));
    await assert.rejects(token(), { code: "NETWORK" });
  });
}

test("a token that still holds is used while nobody renews it", async () => {
  answers["/token"] = () => assert.fail("offline");
  session.set(held({ expiresAt: Date.now() + 60_000 }));
  assert.equal(await token(), "old");
});

test("a session has ended once the authority says so", async () => {
  answers["/token"] = json({ error: "invalid_grant", error_description: "AADSTS700082" }, 400);
  session.set(held({}));
  assert.equal(await token(), "");
  noteEnd();
  assert.equal(ended.get(), true);
});

test("many requests renew a session once", async () => {
  let asked = 0;
  answers["/token"] = () => (asked += 1, json({ access_token: "new", expires_in: 3600 })());
  session.set(held({}));
  assert.deepEqual([await Promise.all([token(), token()]), asked], [["new", "new"], 1]);
  assert.deepEqual(session.get()?.user.id, "t:a");
});

test("a session without a refresh token is renewed by one visit, however that ends", () => {
  session.set(held({ refreshToken: "", expiresAt: Date.now() + 60_000 }));
  assert.deepEqual([renewSilently(), renewSilently()], [true, false]);
});

test("what somebody typed is for them alone", () => {
  writeDraft("t:a", "connect", { name: "Mine" });
  assert.deepEqual([readDraft("t:a", "connect"), readDraft("t:b", "connect")], [{ name: "Mine" }, undefined]);
  dropOthers("t:b");
  assert.equal(readDraft("t:a", "connect"), undefined);
});

test("what is no draft stays when another person signs in", () => {
  page.sessionStorage.setItem("hub.flow", "kept");
  writeDraft("t:b", "connect", 1);
  dropOthers("t:b");
  assert.deepEqual({ ...page.sessionStorage }, { "hub.flow": "kept", "hub.draft.t:b/connect": "1" });
});
