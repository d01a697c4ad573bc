// @ts-check
/** The rules of the kit and of its hooks. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isRefusal, Problem } from "../../console/app/problem.js";

/** @param {number} status @param {Record<string, any>} [more] */
const told = (status, more = {}) => new Problem({ status, code: "CODE", title: "", detail: "", ...more });

test("only a refusal makes the next try a new request", () => {
  const statuses = [400, 401, 404, 412, 422, 0, 409, 429, 500, 502, 503];
  assert.deepEqual(statuses.filter((status) => isRefusal(told(status))), [400, 401, 404, 412, 422]);
  assert.equal(isRefusal(new DOMException("left", "AbortError")), false);
});
