// @ts-check
/** The rules of the kit and of its hooks. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { verdictOf } from "../../console/app/pages/history/wording.js";
import { isRefusal, Problem } from "../../console/app/problem.js";
import { t, wordFor } from "../../console/app/words.js";

/** @param {number} status @param {Record<string, any>} [more] */
const told = (status, more = {}) => new Problem({ status, code: "CODE", title: "", detail: "", ...more });

test("only a refusal makes the next try a new request", () => {
  const statuses = [400, 401, 404, 412, 422, 0, 409, 429, 500, 502, 503];
  assert.deepEqual(statuses.filter((status) => isRefusal(told(status))), [400, 401, 404, 412, 422]);
  assert.equal(isRefusal(new DOMException("left", "AbortError")), false);
});

test("a word of the API that nobody knew is shown as what it says", () => {
  assert.deepEqual([wordFor("status", "on_hold"), wordFor("kinds", "REBUILD"), wordFor("events", "vendor.merged")], ["On hold", "Rebuild", "Vendor merged"]);
  assert.deepEqual([t("connect.ended_on_hold"), t("connect.phase_resting"), t("overview.brandNew")], ["On hold", "Resting", "Brand new"]);
  assert.equal(wordFor("recordFields", "myField"), "myField");
  const run = { status: "on_hold", endedAt: "2026-11-22T12:00:00Z", entities: {}, approval: null, error: null };
  assert.deepEqual(verdictOf(run), { tone: "warn", title: "On hold", text: "" });
});
