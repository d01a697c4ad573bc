// @ts-check
import assert from "node:assert/strict";
import test from "node:test";

import { asTyped, changesOf, draftOf, isSame, isTroubled, messagesAt, optionOf, optionText, optionTrouble, ruleOf, unused, valueAt } from "../../console/app/pages/config/model.js";

const TARGETS = /** @type {any[]} */ ([
  { name: "name", kind: "text" },
  { name: "blocked", kind: "flag" },
]);
const RULES = [
  { source: "city", target: "city", transform: "trim" },
  { source: ["a", "b"], target: "address", transform: [{ name: "concat", separator: ", " }, "trim"], default: "x", required: true },
  { source: null, target: "custom.size", default: 7 },
  { source: "x", target: "blocked", default: false },
];

test("a rule comes out of its form as it went in", () => assert.deepEqual(RULES.map((rule) => ruleOf(draftOf(rule), TARGETS)), RULES));

test("digits stay text where the field holds text", () => {
  const draft = { target: "name", sources: [], steps: [], default: "007", required: false };
  assert.equal(ruleOf(draft, TARGETS).default, "007");
});

test("an option comes out of its text as it went in", () => {
  const values = /** @type {Array<[any, string]>} */ ([
    [["yes", "on"], "words"],
    [{ UK: "GB", "A B": "x = y" }, "codes"],
    [3, "index"],
    [", ", "text"],
  ]);
  assert.deepEqual(values.map(([value, kind]) => optionOf(optionText(value, kind), kind)), values.map(([value]) => value));
});

test("a text stays as it is typed while it means what is held", () => {
  const typed = /** @type {Array<[string, string]>} */ ([["a, b, ", "words"], ["1.0", "scalar"], ["UK = GB\n", "codes"], ["UK = GB\nD", "codes"], ["-", "index"]]);
  assert.deepEqual(typed.map(([text, kind]) => asTyped(text, optionOf(text, kind), kind)), typed.map(([text]) => text));
  assert.equal(asTyped("a, b, ", ["c"], "words"), "c");
});

test("what is half typed is kept as text, and told", () => {
  const typed = /** @type {Array<[string, string]>} */ ([["UK = GB\nD", "codes"], ["A = 1\n\nA = 2", "table"], ["1.5", "index"], ["0", "size"], ["0", "index"], ["A =", "table"]]);
  const told = typed.map(([text, kind]) => optionTrouble(optionOf(text, kind), kind));
  assert.deepEqual(told.map((each) => each && `${each.word} ${each.line}`), ["noEntry 2", "sameEntry 3", "notWhole 0", "notWhole 0", null, null]);
});

test("a rule with an option that is half typed is not taken over", () => {
  const transforms = [{ name: "map", combines: false, options: [{ name: "table", kind: "table", required: true }] }];
  assert.deepEqual(["D", { D: "E" }].map((table) => isTroubled([{ name: "map", table }], transforms)), [true, false]);
});

test("the order of members makes no difference", () => {
  const one = { source: { route: "v2.0", entitySet: "vendors" }, fields: [RULES[0]] };
  const other = { fields: [{ transform: "trim", target: "city", source: "city" }], source: { entitySet: "vendors", route: "v2.0" } };
  assert.equal(isSame(one, other), true);
});

test("added, removed and changed rules and another source are counted", () => {
  const before = { source: { route: "v2.0", entitySet: "vendors" }, fields: RULES };
  const after = { source: { route: "v2.0", entitySet: "vendors", filter: "x" }, fields: [{ ...RULES[0], source: "state" }, ...RULES.slice(2), { source: "e", target: "email" }] };
  assert.equal(changesOf(before, after), 4);
});

test("a message is found wherever below its rule it points, and not at its neighbour's", () => {
  const problem = { errors: [{ pointer: "/mapping/fields/1/source/0", detail: "one" }, { pointer: "/mapping/fields/10", detail: "ten" }] };
  assert.deepEqual(messagesAt(problem, "/fields/1"), ["one"]);
});

test("what no rule fills is told", () => assert.deepEqual(unused({ source: { route: "", entitySet: "" }, fields: RULES }, TARGETS).map((each) => each.name), ["name"]));

test("a custom field is found below custom", () => assert.equal(valueAt({ custom: { size: 7 } }, "custom.size"), 7));
