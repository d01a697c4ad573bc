// @ts-check
/** What a run's facts mean, in words. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { secondsLeft } from "../../console/app/format.js";
import { kindOf, progressText } from "../../console/app/kit/run.js";
import { added, completenessText, memberOf, momentOf, spanOf, titleOf as called, verdictOf } from "../../console/app/pages/history/wording.js";

const COUNTS = { read: 9, created: 1, updated: 2, unchanged: 6, conflicts: 0, errors: 0 };
const RUN = {
  kind: "delta",
  planOnly: false,
  status: "succeeded",
  endedAt: "2026-11-22T12:00:05Z",
  cancelRequested: false,
  watermark: { from: "2026-11-22T11:00:00Z", to: "2026-11-22T12:00:00Z" },
  entities: { suppliers: COUNTS, products: COUNTS },
  approval: null,
  error: null,
};

/** @param {any} changes */
const titleOf = (changes) => verdictOf({ ...RUN, ...changes }).title;

test("each end of a run has words of its own", () => {
  const ends = [
    { status: "succeeded" },
    { status: "failed" },
    { status: "cancelled" },
    { status: "running", endedAt: null },
    { status: "queued", endedAt: null },
    { status: "running", endedAt: null, cancelRequested: true },
    { status: "partial", error: { code: "LISTING_SHORT", message: "The source counts 3 more" } },
    { status: "partial", approval: { required: true } },
    { status: "succeeded", planOnly: true },
    { status: "partial", planOnly: true, entities: { suppliers: { ...COUNTS, errors: 1 } } },
    { status: "partial", entities: { suppliers: { ...COUNTS, errors: 1 } } },
  ];
  assert.deepEqual(ends.map(titleOf), [
    "Everything is in step",
    "The run failed",
    "The run was stopped",
    "The run is under way",
    "The run is about to start",
    "The run is stopping",
    "The run came through in part",
    "The run waits for your approval",
    "The plan is ready",
    "The plan is ready; some records could not be taken over",
    "1 record could not be taken over",
  ]);
});

test("why a run failed is told in the API's words", () => {
  const error = { code: "SOURCE_TIMEOUT", message: "Too slow", retryable: true };
  assert.deepEqual(verdictOf({ ...RUN, status: "failed", error }), { tone: "bad", title: "The run failed", text: "Too slow" });
});

test("what a run covers is told", () => {
  const spans = [{}, { watermark: { from: null, to: "2026-11-22T12:00:00Z" } }, { watermark: { from: null, to: null } }, { kind: "retry" }];
  assert.deepEqual(spans.map((changes) => spanOf({ ...RUN, ...changes })), [
    "changes from 22 Nov 2026, 11:00:00 UTC to 22 Nov 2026, 12:00:00 UTC",
    "everything, as of 22 Nov 2026, 12:00:00 UTC",
    "not known yet",
    "the failed records of an earlier run",
  ]);
});

test("a plan is called one", () => {
  const plan = { ...RUN, planOnly: true };
  assert.deepEqual([RUN, plan].map(kindOf), ["Delta", "Delta (plan)"]);
  assert.deepEqual([RUN, plan].map(called), ["Delta sync", "Plan of a delta sync"]);
});

test("counts are added up", () => assert.deepEqual(added([COUNTS, COUNTS, {}]), { ...COUNTS, read: 18, created: 2, updated: 4, unchanged: 12 }));

test("the end is expected by the present rate, where that can be known", () => {
  const progress = { phase: "reading", records: 250, expected: 1_000, ratePerSecond: 50 };
  assert.equal(secondsLeft(progress), 15);
  const run = { startedAt: "2026-11-22T12:00:00Z", progress };
  assert.equal(progressText(run, Date.parse("2026-11-22T12:00:05Z")), "250 of 1,000 records · 50 a second · 5.0 s so far · about 15 s left");
  assert.deepEqual([{ expected: null }, { ratePerSecond: 0 }, { records: 1_000 }].map((change) => secondsLeft({ ...progress, ...change })), [null, null, null]);
});

test("completeness counts everything that is missing, named or not", () => {
  const certificate = { verdict: "short", missing: [{}, {}], unnamed: 3, more: { missing: 10 } };
  assert.equal(completenessText(certificate), "15 records are missing from the listing");
  assert.equal(completenessText({ verdict: "short", missing: 1 }), "1 record is missing from the listing");
  assert.equal(completenessText(null), "Not judged: only changes were read");
});

test("a day is taken whole, in UTC", () =>
  assert.deepEqual([momentOf("2026-11-22", "first"), momentOf("2026-11-22", "last"), momentOf("", "last")], ["2026-11-22T00:00:00Z", "2026-11-22T23:59:59.999999Z", ""]));

test("members of a configuration have names", () =>
  assert.deepEqual(["schedule", "settings.pageSize", "fields.city", "connection.clientSecret", "unheard"].map(memberOf), ["Schedule", "Settings: pageSize", "Field: city", "Client secret", "unheard"]));
