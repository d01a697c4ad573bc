// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { choosing, eventMessages, eventsOf, hostOf, isSame, latestFirst, standingOf } from "../../console/app/pages/webhooks/model.js";

test("a kind offers the events that it makes", () => {
  assert.ok(!eventsOf("oneflow").includes("sync.completed"));
  assert.ok(!eventsOf("business_central").includes("contract.synced"));
});

test("an event that was chosen stays on offer, whatever the kind", () => assert.ok(eventsOf("oneflow", ["sync.completed"]).includes("sync.completed")));

test("chosen events keep their order", () => assert.deepEqual(choosing(["a", "b", "c"], ["c"], "a", true), ["a", "c"]));

test("the hub's own decision is told apart from the owner's", () => {
  const words = [{ enabled: true }, { enabled: true, failingSince: "x" }, { enabled: false }, { enabled: false, disabledReason: "x" }].map((each) => standingOf(each).word);
  assert.deepEqual(words, ["on", "failing", "off", "stopped"]);
});

test("an address that is none stands for itself", () => assert.deepEqual([hostOf("https://a.example:8443/x"), hostOf("nothing")], ["a.example:8443", "nothing"]));

test("messages of all events are told at the events", () => {
  const errors = [{ pointer: "/events", detail: "A." }, { pointer: "/events/2", detail: "B." }, { pointer: "/url", detail: "C." }];
  assert.equal(eventMessages({ errors }), "A. B.");
});

test("endpoints are alike when they hear the same, in any order", () => {
  const one = { url: "u", events: ["a", "b"] };
  assert.ok(isSame(one, { url: "u", events: ["b", "a"] }));
  assert.ok(!isSame(one, { url: "u", events: ["a"] }));
});

test("the latest attempt comes first, with its number", () => {
  const attempts = /** @type {any[]} */ ([{ at: "1" }, { at: "2" }]);
  assert.deepEqual(latestFirst(attempts).map((each) => [each.at, each.number]), [["2", 2], ["1", 1]]);
});
