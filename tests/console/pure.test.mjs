// @ts-check
/** Pure functions of the console. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { absolute, ago, duration, number, plain, since } from "../../console/app/format.js";
import { firstFilled } from "../../console/app/lists.js";
import { base64url, challengeOf, claimsOf, riddle, wrongWith } from "../../console/app/pkce.js";
import { Problem, problemOf } from "../../console/app/problem.js";
import { href, match, parse } from "../../console/app/router.js";
import { t, wordFor } from "../../console/app/words.js";

const NOW = Date.parse("2026-11-22T12:00:00Z");

test("a time is told from now", () => {
  const told = ["2026-11-22T11:59:58Z", "2026-11-22T11:59:00Z", "2026-11-22T14:00:00Z", "2026-11-20T11:00:00Z"].map((time) => ago(time, NOW));
  assert.deepEqual(told, ["just now", "1 minute ago", "in 2 hours", "2 days ago"]);
});

test("what happened is not told as to come where the clocks differ", () =>
  assert.deepEqual(["2026-11-22T12:00:02Z", "2026-11-22T12:01:00Z", "2026-11-22T11:59:00Z"].map((time) => since(time, NOW)), ["just now", "just now", "1 minute ago"]));

test("an absolute time is in UTC", () => assert.equal(absolute("2026-11-22T14:05:06+02:00"), "22 Nov 2026, 12:05:06 UTC"));

test("a duration has the two units that matter", () =>
  assert.deepEqual([0.43, 42.4, 185, 7_500].map(duration), ["0.4 s", "42 s", "3 min 5 s", "2 h 5 min"]));

test("a value is shown as text", () =>
  assert.deepEqual([null, "", true, 0, "0", { a: 1 }].map(plain), ["blank", "blank", "yes", "0", "0", '{"a":1}']));

test("a count has separators", () => assert.deepEqual([1234567, null].map(number), ["1,234,567", "–"]));

test("a search goes on by itself until something is found or all is read", async () => {
  const pages = { a: { data: [], next: "b" }, b: { data: [], next: "c" }, c: { data: [1], next: "d" }, d: { data: [], next: null } };
  const from = (/** @type {string} */ path) => firstFilled(async (place) => pages[/** @type {keyof typeof pages} */ (place)], path);
  assert.deepEqual([await from("a"), await from("d")], [pages.c, pages.d]);
});

test("the challenge is that of RFC 7636, appendix B", async () =>
  assert.equal(await challengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));

test("a riddle is new each time and safe in an address", () => {
  assert.match(riddle(), /^[\w-]{43}$/);
  assert.notEqual(riddle(), riddle());
});

test("claims are read as UTF-8", () => {
  const body = base64url(new TextEncoder().encode(JSON.stringify({ name: "Zoë" })));
  assert.equal(claimsOf(`h.${body}.s`).name, "Zoë");
});

const CLAIMS = { nonce: "n", aud: "client", iss: "https://login.example/t/v2.0", tid: "t", exp: NOW / 1000 + 60 };
const WANTED = { clientId: "client", nonce: "n", issuer: "https://login.example/{tenantid}/v2.0", now: NOW };

test("an identity token must be for this sign-in", () => {
  assert.equal(wrongWith(CLAIMS, WANTED), "");
  const changes = [{ nonce: "m" }, { aud: "other" }, { iss: "https://login.example/u/v2.0" }, { exp: NOW / 1000 }];
  assert.deepEqual(changes.map((change) => wrongWith({ ...CLAIMS, ...change }, WANTED)), ["nonce", "aud", "iss", "exp"]);
});

test("an address is read back as it was written", () => {
  const address = href(["integrations", "a/b", "history"], { status: "failed", q: "ä & b", from: null });
  const { path, query } = parse(address);
  assert.deepEqual(match("integrations/:id/:tab", path), { id: "a/b", tab: "history" });
  assert.deepEqual(query, { status: "failed", q: "ä & b" });
});

test("another path is no match", () => {
  assert.equal(match("integrations/:id", "integrations"), null);
  assert.equal(match("connect", "other"), null);
  assert.deepEqual(match("", ""), {});
});

test("words are filled in, and counted", () => {
  assert.equal(t("kit.page", { page: 1200 }), "Page 1,200");
  assert.equal(wordFor("status", "partial"), "Partial");
});

test("a problem finds the message of a member", () => {
  const errors = [{ pointer: "/name", code: "MISSING", detail: "This member is needed." }];
  const problem = new Problem({ status: 422, code: "INVALID", title: "Invalid", detail: "", errors });
  assert.deepEqual([problem.at("/name"), problem.at("/kind")], ["This member is needed.", ""]);
});

test("an answer that is no problem document is told by its status", () => {
  const problem = problemOf(503, null, new Headers({ "retry-after": "7", "x-trace-id": "abc" }));
  assert.deepEqual([problem.code, problem.retryAfter, problem.retryable, problem.traceId], ["HTTP_503", 7, true, "abc"]);
});
