// @ts-check
/** Pure functions of Oneflow Settings, contracts and the widget. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { labelOf, labelsOf } from "../../console/app/pages/contracts/fields.js";
import { contractAddress, isLocked, orderOf, recordAddress, standingOf } from "../../console/app/pages/contracts/links.js";
import { matching } from "../../console/app/pages/oneflow/picker.js";
import { bodyOf, check, differences, editable, isSame, moved, rowFor, tablesFor } from "../../console/app/pages/oneflow/rules.js";
import { recordOf, tokenOf } from "../../console/app/widget/host.js";

const TOPIC = { name: "name", label: "Topic", type: "String", twoWay: true, reason: null };
const CUSTOMER = { name: "customerid", label: "Customer", type: "Customer", twoWay: false, reason: "It leads somewhere" };
const OWN = { entity: "opportunity", via: null, label: "Opportunity", fields: [TOPIC, CUSTOMER] };
const ACCOUNT = { entity: "account", via: "parentaccountid", label: "Account", fields: [{ ...TOPIC, label: "Account Name" }] };
const GROUPS = [OWN, ACCOUNT];
const TEMPLATE = {
  takesProducts: false,
  fields: [
    { customId: "topic", name: "Topic", active: true, system: false },
    { customId: "old", name: "Old", active: false, system: false },
    { customId: "number", name: "Number", active: true, system: true },
  ],
};
const ROW = { id: "row-1", dynamicsEntity: "opportunity", via: null, dynamicsField: "name", oneflowField: "topic", direction: "two_way", conflict: "manual", timeZone: null };
const mapping = (/** @type {any[]} */ fields = [ROW], /** @type {any} */ more = {}) => ({ fields, templateId: null, workspaceId: null, products: false, keyField: null, ...more });
const codes = (/** @type {any} */ made, /** @type {any} */ template = null) => check(made, GROUPS, template).map((each) => `${each.pointer} ${each.code}`);

test("opportunity and quote come first, then what is mapped, and no virtual table", () => {
  const tables = [["account", 0], ["quote", 0], ["new_deal", 2], ["opportunity", 0], ["party", 0]].map(([logicalName, mappedFields]) => ({ logicalName, label: logicalName, mappedFields, virtual: logicalName === "party" }));
  assert.deepEqual(tablesFor(tables, "").map((each) => each.logicalName), ["opportunity", "quote", "new_deal", "account"]);
  assert.deepEqual(tablesFor(tables, " QUO").map((each) => each.logicalName), ["quote"]);
});

test("a mapping that fits has no findings", () => assert.deepEqual(codes(mapping(), TEMPLATE), []));

test("a row tells what is wrong with its names", () => {
  const rows = [{ ...ROW, oneflowField: " " }, { ...ROW, id: "row-2", oneflowField: "b" }, { ...ROW, id: "row-3", dynamicsField: "customerid", oneflowField: "b", direction: "once" }];
  assert.deepEqual(codes(mapping(rows)), ["/fields/0/oneflowField ONEFLOW_NAME_MISSING", "/fields/1/dynamicsField DYNAMICS_FIELD_TWICE", "/fields/2/oneflowField ONEFLOW_NAME_NOT_UNIQUE"]);
});

test("two-way is refused with the reason of the field", () => {
  const [found] = check(mapping([{ ...ROW, dynamicsField: "customerid" }]), GROUPS, null);
  assert.deepEqual(found, { pointer: "/fields/0/direction", code: "TWO_WAY_NOT_AVAILABLE", detail: "It leads somewhere" });
});

test("a time zone is for times only, and a field must be there", () =>
  assert.deepEqual(codes(mapping([{ ...ROW, timeZone: "Europe/Oslo" }, { ...ROW, id: "row-2", dynamicsField: "gone", oneflowField: "b" }])), ["/fields/0/timeZone TIME_ZONE_NOT_NEEDED", "/fields/1/dynamicsField UNKNOWN_FIELD"]));

test("data fields are those of the template that can be filled", () => {
  const rows = ["old", "number", "nothing"].map((oneflowField, index) => ({ ...ROW, id: `row-${index + 1}`, oneflowField, dynamicsField: index ? `x${index}` : "name" }));
  const told = codes(mapping(rows), TEMPLATE).filter((each) => each.includes("oneflowField"));
  assert.deepEqual(told.map((each) => each.split(" ")[1]), ["INACTIVE_ONEFLOW_FIELD", "ONEFLOW_FIELD_READ_ONLY", "UNKNOWN_ONEFLOW_FIELD"]);
});

test("the whole is checked, too", () =>
  assert.deepEqual(codes(mapping([ROW], { workspaceId: "1", keyField: "topic", products: true }), TEMPLATE), ["/templateId TEMPLATE_MISSING", "/keyField KEY_FIELD_MAPPED", "/products PRODUCTS_NOT_TAKEN"]));

test("a new row gets the data field of the same name, unless it is taken", () => {
  assert.deepEqual(rowFor(mapping([]), OWN, TOPIC, TEMPLATE).oneflowField, "topic");
  const second = rowFor(mapping(), ACCOUNT, ACCOUNT.fields[0], TEMPLATE);
  assert.deepEqual([second.id, second.via, second.oneflowField], ["row-2", "parentaccountid", ""]);
});

test("what is edited goes back as it came, in whatever order its members are", () => {
  const { id: _, ...sent } = ROW;
  const shown = { ...mapping([sent]), updatedAt: "2026-01-01T00:00:00Z" };
  assert.deepEqual(bodyOf(editable(shown)), mapping([sent]));
  assert.equal(isSame(editable(shown), mapping([Object.fromEntries(Object.entries(ROW).reverse())])), true);
  assert.equal(isSame(editable(shown), mapping([{ ...ROW, direction: "once" }])), false);
});

test("a row is moved within its list only", () => {
  const rows = /** @type {any[]} */ ([1, 2, 3]);
  assert.deepEqual([moved(rows, 0, 1), moved(rows, 0, -1), moved(rows, 2, 1)], [[2, 1, 3], rows, rows]);
});

test("two mappings differ by rows that one lacks or has otherwise", () => {
  const other = { ...ROW, id: "row-9", via: "parentaccountid", dynamicsEntity: "account" };
  const found = differences(mapping([{ ...ROW, id: "row-7" }, other]), mapping());
  assert.deepEqual(found.map((each) => [each.key, each.theirs, each.mine?.id]), [["account|parentaccountid|name", null, "row-9"]]);
});

test("a search finds fields by every word, in the field or its table", () => {
  assert.deepEqual(matching(GROUPS, "account name").shown.map((each) => [each.entity, each.fields.length]), [["account", 1]]);
  const many = { ...OWN, fields: Array.from({ length: 100 }, (_, index) => ({ ...TOPIC, name: `f${index}` })) };
  const { shown, rest } = matching([many, ACCOUNT], "");
  assert.deepEqual([shown.length, shown[0].fields.length, rest], [1, 60, 41]);
});

test("addresses lead to both systems", () => {
  const at = (/** @type {string} */ orgUrl) => recordAddress({ connection: { dynamics: { orgUrl } } }, "opportunity", "1");
  assert.equal(at("https://contoso.api.crm4.dynamics.com"), "https://contoso.crm4.dynamics.com/main.aspx?pagetype=entityrecord&etn=opportunity&id=1");
  assert.equal(contractAddress("7/8"), "https://app.oneflow.com/contracts/7%2F8");
});

test("a contract that is over takes nothing", () => assert.deepEqual(["draft", "pending", "signed", "declined"].map(isLocked), [false, false, true, true]));

test("fields are counted by what they wait for", () => {
  const fields = ["in_step", "dynamics_changed", "conflict", "dynamics_changed", "problem"].map((status) => ({ status }));
  assert.deepEqual(standingOf(fields), { toPush: 2, toFetch: 0, conflicts: 1, problems: 1 });
});

test("a field of a related table goes by its own label, whichever way it is told of", () => {
  const body = { data: [{ name: "name", label: "Topic" }], related: [{ entity: "account", via: "parentaccountid", label: "Account", fields: [{ name: "name", label: "Account Name" }] }] };
  const fields = [{ dynamicsEntity: "opportunity", via: null, field: "name", oneflowField: "topic" }, { dynamicsEntity: "account", via: "parentaccountid", field: "name", oneflowField: "buyer" }];
  const told = ["buyer", "topic", "gone"].map((oneflowField) => labelOf({ oneflowField }, fields, labelsOf("opportunity", body)));
  assert.deepEqual(told, ["Account: Account Name", "Topic", undefined]);
});

test("blank texts and names of individuals are not sent", () => {
  const person = { name: " Ada ", email: "ada@a.example", phone: "", signatory: true };
  const form = { entity: "quote", recordId: "1", name: " ", templateId: null, workspaceId: null, another: false, parties: [{ type: "individual", name: "left over", countryCode: "SE", identificationNumber: "", participants: [person] }] };
  const sent = JSON.parse(JSON.stringify(orderOf(form)));
  assert.deepEqual(sent, { entity: "quote", recordId: "1", parties: [{ type: "individual", countryCode: "SE", participants: [{ name: "Ada", email: "ada@a.example", signatory: true }] }] });
});

test("a form of Dynamics names its record in its own way", () =>
  assert.deepEqual(recordOf("?integration=int_1&typename=quote&id=%7BABC-1%7D"), { integration: "int_1", entity: "quote", id: "abc-1" }));

test("a token counts from an allowed page only", () => {
  const data = { type: "hub.token", token: "t" };
  const said = (/** @type {any} */ message) => tokenOf(message, ["https://a.example"]);
  assert.deepEqual([said({ origin: "https://a.example", data }), said({ origin: "https://b.example", data })], ["t", ""]);
  assert.deepEqual([null, "hub.token", { type: "hub.ready", token: "t" }, { type: "hub.token", token: 7 }].map((each) => said({ origin: "https://a.example", data: each })), ["", "", "", ""]);
});
