// @ts-check
/** Pure functions of records and conflicts. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { allOf, choiceOf, contestedOf, effectOf, movedSides, openOf, placeIn, WHOLE } from "../../console/app/pages/conflicts/facts.js";
import { askable, movedBetween, noteOf, outcomeOf, patchOf, sidesOf, togglePin, typed } from "../../console/app/pages/records/facts.js";
import { words } from "../../console/app/words.js";

const RECORD = { name: "A", city: "Lund", custom: { risk: 3 }, pinned: ["name"] };
const CONFLICT = {
  id: "c1",
  reason: "pinned",
  fields: [
    { field: "name", source: "B", platform: "A" },
    { field: "city", source: "Lund", platform: "Lund" },
    { field: "phone", source: "1", platform: null },
  ],
};
const CONTRACT = { id: "c2", field: "name", oneflowField: "topic", base: "x", dynamics: "y", oneflow: "z" };

test("a field that differs says why", () => {
  assert.equal(noteOf(false, true), "pinned");
  assert.equal(noteOf(true, true, "FIELD_PINNED"), "kept");
  assert.equal(noteOf(true, true, "IN_CONFLICT"), "waiting");
  assert.equal(noteOf(true, false, "SOURCE_CHANGED"), "coming");
  assert.equal(noteOf(true, false, "EDITED_HERE"), "edited");
  assert.equal(noteOf(false, false), "");
});

test("both sides of a field are told, and a side that is not known is not made up", () => {
  const sides = sidesOf("suppliers", RECORD, { because: { code: "EDITED_HERE" }, source: { values: { name: "A", city: "Malmo", "custom.zip": "1" } } });
  const found = Object.fromEntries(sides.map((each) => [each.name, each]));
  assert.deepEqual([found.city.source, found.city.stored, found.city.note], ["Malmo", "Lund", "edited"]);
  assert.deepEqual([found.phone.source, found.phone.differs], [undefined, false]);
  assert.deepEqual([found["custom.risk"].own, found["custom.zip"].own, found.phone.own], [true, false, false]);
  assert.deepEqual([found["custom.risk"].stored, found["custom.zip"].source], [3, "1"]);
});

test("only what was changed is sent, in the type that it had", () => {
  assert.equal(patchOf("suppliers", RECORD, { name: "A" }), null);
  assert.deepEqual(patchOf("suppliers", RECORD, { city: "", "custom.risk": "4", "custom.new": "x" }), { city: null, custom: { risk: 4, new: "x" } });
  assert.deepEqual(patchOf("products", { blocked: null }, { blocked: "true" }), { blocked: true });
  assert.deepEqual([typed("maybe", 3), typed("false", true), typed("", "a")], ["maybe", false, null]);
});

test("what somebody else changed is found, pins included", () => {
  const after = { ...RECORD, city: "Malmo", pinned: [] };
  assert.deepEqual(movedBetween("suppliers", RECORD, after), [
    { name: "city", before: "Lund", after: "Malmo" },
    { name: "pinned", before: "name", after: "" },
  ]);
});

test("a pin is set and taken off", () => assert.deepEqual([togglePin(["a"], "b"), togglePin(["a", "b"], "a")], [["a", "b"], ["b"]]));

test("what reading again came to is one word, the worst first", () => {
  assert.deepEqual([{ errors: 1, updated: 1 }, { unchanged: 1 }, { read: 0 }, undefined].map(outcomeOf), ["errors", "unchanged", "absent", "absent"]);
});

test("Business Central is asked for its own ids only", () =>
  assert.deepEqual(["11111111-1111-4111-8111-111111111111", "plt_1"].map(askable), [true, false]));

test("fields that are the same need no choice", () => {
  assert.deepEqual(openOf(CONFLICT), ["name", "phone"]);
  assert.deepEqual(openOf({ ...CONFLICT, fields: [CONFLICT.fields[1]] }), [WHOLE]);
});

test("a choice is complete, whole or by field", () => {
  assert.equal(choiceOf(CONFLICT, { name: "source" }), null);
  assert.equal(choiceOf(CONFLICT, allOf(CONFLICT, "platform")), "platform");
  assert.deepEqual(choiceOf(CONFLICT, { name: "source", phone: "platform" }), { name: "source", phone: "platform" });
  assert.equal(choiceOf({ ...CONFLICT, fields: [] }, { [WHOLE]: "source" }), "source");
});

test("every choice says what it will do", () => {
  const mixed = { name: "source", phone: "platform" };
  const keys = ["key", "duplicate", "pinned"].flatMap((reason) => [allOf(CONFLICT, "source"), allOf(CONFLICT, "platform"), mixed, {}].map((choice) => effectOf({ ...CONFLICT, reason }, choice)));
  const ours = ["dynamics", "oneflow"].map((side) => effectOf(CONTRACT, allOf(CONTRACT, side)));
  assert.deepEqual([...keys, ...ours].filter((key) => !(key in words.conflictEffects)), []);
});

test("a conflict of a contract has a base", () =>
  assert.deepEqual(contestedOf(CONTRACT), [{ name: "name", other: "topic", base: "x", values: { dynamics: "y", oneflow: "z" } }]));

test("the next conflict is the one after, else the first other one", () => {
  const queue = [{ id: "a" }, { id: "b" }];
  assert.deepEqual(placeIn(queue, "a"), { at: 1, next: "b", previous: null });
  assert.deepEqual(placeIn(queue, "b"), { at: 2, next: "a", previous: "a" });
  assert.deepEqual([placeIn(queue, "z").next, placeIn([{ id: "a" }], "a").next], ["a", null]);
});

test("values that moved are told by side", () => {
  const after = { ...CONFLICT, fields: [{ field: "name", source: "C", platform: "A" }] };
  assert.deepEqual(movedSides(CONFLICT, after), [{ name: "name", side: "source", before: "B", after: "C" }]);
});
