// @ts-check
/** The rules of the kit and of its hooks. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { waitingFor } from "../../console/app/pages/overview/parts.js";
import { nextAsk } from "../../console/app/polling.js";
import { verdictOf } from "../../console/app/pages/history/wording.js";
import { isRefusal, Problem, problemOf } from "../../console/app/problem.js";
import { t, wordFor } from "../../console/app/words.js";

/** @param {number} status @param {Record<string, any>} [more] */
const told = (status, more = {}) => new Problem({ status, code: "CODE", title: "", detail: "", ...more });

test("only a refusal makes the next try a new request", () => {
  const statuses = [400, 401, 404, 412, 422, 0, 409, 429, 500, 502, 503];
  assert.deepEqual(statuses.filter((status) => isRefusal(told(status))), [400, 401, 404, 412, 422]);
  assert.equal(isRefusal(new DOMException("left", "AbortError")), false);
});

test("what is watched is asked for less often while it goes wrong, and not any more when it is refused or gone", () => {
  const wait = (/** @type {any} */ problem, failures = 1) => nextAsk({ every: 1_000, problem, failures, now: 0 });
  assert.deepEqual([wait(null, 0), wait(told(500)), wait(told(500), 3), wait(told(500), 30)], [1_000, 2_000, 8_000, 60_000]);
  assert.deepEqual([401, 403, 404].map((status) => wait(told(status))), [null, null, null]);
  assert.equal(wait(told(429, { readyAt: 7_000 })), 7_000);
  assert.equal(nextAsk({ every: 90_000, problem: told(500), failures: 2, now: 0 }), 90_000);
});

test("each thing that waits has the address that shows exactly that", () => {
  const some = { count: 3, more: false };
  const found = waitingFor({ id: "int_1", status: "reauth_required" }, { heldRuns: ["run_1"], failures: some, conflicts: some });
  const addresses = found.map(({ address }) => address.replace("#/integrations/int_1/", ""));
  assert.deepEqual(addresses, ["settings/consent", "history/run_1", "records?status=failures&type=all", "conflicts"]);
  assert.deepEqual(waitingFor({ id: "int_1", status: "active" }, { conflicts: { count: 0 } }), []);
});

test("the hub says in seconds or by a date when it takes the same again", () => {
  const now = Date.parse("2026-11-22T12:00:00Z");
  const ready = (/** @type {string} */ text) => problemOf(429, null, new Headers({ "retry-after": text }), now).readyAt;
  assert.deepEqual(["7", "Sun, 22 Nov 2026 12:00:30 GMT", "0", "soon"].map(ready), [now + 7_000, now + 30_000, null, null]);
});

test("a word of the API that nobody knew is shown as what it says", () => {
  assert.deepEqual([wordFor("status", "on_hold"), wordFor("kinds", "REBUILD"), wordFor("events", "vendor.merged")], ["On hold", "Rebuild", "Vendor merged"]);
  assert.deepEqual([t("connect.ended_on_hold"), t("run.phase_resting"), t("overview.brandNew")], ["On hold", "Resting", "Brand new"]);
  assert.equal(wordFor("recordFields", "myField"), "myField");
  const run = { status: "on_hold", endedAt: "2026-11-22T12:00:00Z", entities: {}, approval: null, error: null };
  assert.deepEqual(verdictOf(run), { tone: "warn", title: "On hold", text: "" });
});
