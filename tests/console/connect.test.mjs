// @ts-check
/** Pure functions of the guide and the settings. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { leaveFor, placeAfter } from "../../console/app/pages/connect/back.js";
import { BLANK, orderOf, patchOf, pointerOf, valuesOf } from "../../console/app/pages/connect/document.js";
import { isUnfinished, nextStep, stepAfter, stepFor, stepsOf } from "../../console/app/pages/connect/guide.js";
import { clockTime, presetOf } from "../../console/app/pages/connect/schedules.js";
import { readSettings, settingPointer, writeSettings } from "../../console/app/pages/settings/behaviour-table.js";

const CONNECTION = { tenantId: "t", clientId: "c", environment: "Production", grant: "client_credentials", companyId: null, clientSecretExpiresAt: "2027-01-31T00:00:00Z" };
const FRESH = { kind: "business_central", status: "active", schedule: null, lastRun: null, lastSyncedAt: null, settings: {}, connection: CONNECTION };

/** @param {Record<string, any>} changes @param {Record<string, any>} [connection] */
const integration = (changes, connection = {}) => ({ ...FRESH, ...changes, connection: { ...CONNECTION, ...connection } });

test("a guide goes on at the first step that is not done", () => {
  const signIn = { grant: "authorization_code" };
  const found = [
    nextStep(integration({}, signIn), false),
    nextStep(integration({}, { ...signIn, authorizedAt: "2026-01-01T00:00:00Z" }), false),
    nextStep(integration({}, { companyId: "x" }), false),
    nextStep(integration({}, { companyId: "x" }), true),
    nextStep(integration({ lastSyncedAt: "2026-01-01T00:00:00Z" }, { companyId: "x" }), false),
    nextStep(integration({ lastSyncedAt: "2026-01-01T00:00:00Z", schedule: "0 0 * * * *" }, { companyId: "x" }), false),
  ];
  assert.deepEqual(found, ["authorize", "company", "test", "sync", "schedule", "done"]);
});

test("a plan alone has synced nothing", () =>
  assert.equal(nextStep(integration({ lastRun: { plan: true } }, { companyId: "x" }), true), "sync"));

test("only who signs in has the step for it", () => {
  assert.deepEqual(stepsOf("business_central", false), ["credentials", "company", "test", "sync", "schedule", "done"]);
  assert.equal(stepAfter(integration({}, { grant: "authorization_code" }), "credentials"), "authorize");
  assert.equal(stepAfter(integration({}), "credentials"), "company");
});

test("a set-up is unfinished until something syncs or will", () => {
  const told = [integration({}), integration({ schedule: "0 0 * * * *" }, { companyId: "x" }), integration({ status: "setup_required", schedule: "x" }, { companyId: "x" })];
  assert.deepEqual(told.map(isUnfinished), [true, false, true]);
  assert.equal(isUnfinished({ ...FRESH, kind: "oneflow" }), false);
});

test("a failed check leads to the step with its field", () =>
  assert.deepEqual(["/connection/companyId", "/connection/environment", "/connection/clientSecret"].map(stepFor), ["company", "company", "credentials"]));

test("a patch holds what was changed, and secrets only when typed", () => {
  assert.deepEqual(patchOf("business_central", { tenantId: " x " }, { clientSecret: "" }), { connection: { tenantId: "x" } });
  assert.deepEqual(patchOf("business_central", { endsOn: "" }, { clientSecret: "s" }), { connection: { clientSecret: "s", clientSecretExpiresAt: null } });
  const ends = patchOf("oneflow", { orgUrl: "u", userEmail: "e" }, { clientSecret: "s", apiToken: "a" });
  assert.deepEqual(ends, { connection: { dynamics: { orgUrl: "u", clientSecret: "s" }, oneflow: { userEmail: "e", apiToken: "a" } } });
});

test("an order is a whole body", () => {
  const order = orderOf("business_central", { ...BLANK.business_central, name: "N", endsOn: "2027-01-31" }, { clientSecret: "s" });
  assert.deepEqual([order.kind, order.name, order.schedule, order.connection.clientSecretExpiresAt], ["business_central", "N", null, "2027-01-31T00:00:00Z"]);
});

test("the form shows what the API tells, with days for times", () =>
  assert.deepEqual(valuesOf(FRESH), { tenantId: "t", clientId: "c", environment: "Production", grant: "client_credentials", endsOn: "2027-01-31" }));

test("each field has the pointer of its member", () => {
  const found = [["business_central", "endsOn"], ["oneflow", "endsOn"], ["oneflow", "apiToken"], ["oneflow", "name"]].map(([kind, name]) => pointerOf(kind, name));
  assert.deepEqual(found, ["/connection/clientSecretExpiresAt", "/connection/dynamics/clientSecretExpiresAt", "/connection/oneflow/apiToken", "/name"]);
});

test("a schedule is known by its preset, and times are told in a zone", () => {
  assert.deepEqual(["0 */15 * * * *", null, "0 1 * * * *"].map(presetOf), ["quarter", "hand", "custom"]);
  assert.equal(clockTime("2026-11-23T02:00:00Z", "Europe/Stockholm"), "Mon 23 Nov, 03:00");
});

test("settings are shown as people write them", () => {
  const shown = readSettings(integration({ settings: { largestLoss: 0.07, pageSize: 500, breaker: { blanks: { share: 0.29, count: 3 } } } }));
  assert.deepEqual([shown.realtime, shown.largestLoss, shown.pageSize, shown.overlapSeconds, shown.breaker], [true, "7", "500", "", true]);
  assert.deepEqual([shown.changesShare, shown.blanksShare, shown.blanksCount], ["", "29", "3"]);
  assert.equal(readSettings(integration({ settings: { breaker: false } })).breaker, false);
});

test("only changed settings are sent, a blank takes one away", () => {
  const now = integration({ settings: { pageSize: 500, realtime: false } });
  assert.deepEqual(writeSettings(now, { pageSize: "", largestLoss: "12.5", realtime: true }), { settings: { pageSize: null, largestLoss: 0.125, realtime: null } });
  assert.deepEqual(writeSettings(now, { pageSize: "many" }), { settings: { pageSize: "many" } });
  assert.deepEqual(writeSettings({ ...FRESH, kind: "oneflow" }, { automatic: true, contractTable: " x_deal " }), { settings: { automatic: true, contractTable: "x_deal" } });
});

test("the breaker is sent whole, or off", () => {
  assert.deepEqual(writeSettings(FRESH, { breaker: false }), { settings: { breaker: false } });
  const limits = { changes: { share: 0.3, count: null }, blanks: { share: null, count: null } };
  assert.deepEqual(writeSettings(FRESH, { changesShare: "30" }), { settings: { breaker: limits } });
});

test("a limit has its pointer", () => assert.deepEqual(["blanksCount", "pageSize"].map(settingPointer), ["/settings/breaker/blanks/count", "/settings/pageSize"]));

/** @param {Record<string, string>} kept */
function browser(kept) {
  const sessionStorage = { getItem: (/** @type {string} */ name) => kept[name] ?? null, setItem: (/** @type {string} */ name, /** @type {string} */ text) => void (kept[name] = text), removeItem: (/** @type {string} */ name) => void delete kept[name] };
  Object.assign(globalThis, { sessionStorage, location: { hash: "", assign: () => undefined } });
}

test("a sign-in comes back to where it was begun, once", () => {
  browser({});
  leaveFor("int_1", "https://login.example/", "#/integrations/int_1/settings");
  assert.deepEqual([placeAfter("int_1"), placeAfter("int_1")], ["#/integrations/int_1/settings", "#/connect/int_1"]);
});

test("a sign-in for another integration leads to its guide", () => {
  browser({});
  leaveFor("int_1", "https://login.example/", "#/integrations/int_1/settings");
  assert.equal(placeAfter("int_2"), "#/connect/int_2");
});
