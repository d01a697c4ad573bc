// @ts-check
/** The talk between the widget and the page around it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { isFailure, listen } from "../../console/app/widget/host.js";

const FORM = "https://contoso.crm4.dynamics.com";
const HUB = "https://hub.example";
const SCRIPT = readFileSync(new URL("../../console/widget/host.js", import.meta.url), "utf8");

/** Return a widget whose page around is `say`. */
function widget() {
  /** @type {string[]} */
  const said = [];
  const page = /** @type {any} */ (globalThis);
  page.parent = { postMessage: (/** @type {any} */ word) => said.push(word.type) };
  let hear = (/** @type {any} */ _event) => {};
  page.addEventListener = (/** @type {string} */ _, /** @type {any} */ listener) => (hear = listener);
  const talk = listen([FORM], { take: () => said.push("taken"), failed: () => said.push("failed") });
  return { said, ...talk, hear: (/** @type {any} */ data) => hear({ source: page.parent, origin: FORM, data }) };
}

test("however many requests wait for a token, the page around is asked once", async () => {
  const { said, renew, hear } = widget();
  const waiting = [renew(), renew(), renew()];
  hear({ type: "hub.token", token: "t" });
  assert.deepEqual([await Promise.all(waiting), said], [[true, true, true], ["hub.token-expired", "taken"]]);
});

test("a page that got no token ends the waiting, and is asked anew", async () => {
  const { said, renew, hear } = widget();
  const first = renew();
  hear({ type: "hub.token-failed" });
  assert.equal(await first, false);
  const second = renew();
  hear({ type: "hub.token", token: "t" });
  assert.deepEqual([await second, said], [true, ["hub.token-expired", "failed", "hub.token-expired", "taken"]]);
});

test("only an allowed page can say that there is no token", () =>
  assert.deepEqual([FORM, HUB].map((origin) => isFailure({ origin, data: { type: "hub.token-failed" } }, [FORM])), [true, false]));

/** Return the host script around a frame; `token` is the page's function. @param {() => any} token */
function form(token) {
  /** @type {any[]} */
  const posted = [];
  const frame = { contentWindow: { postMessage: (/** @type {any} */ word) => posted.push(word.type) }, style: {} };
  /** @type {any} */
  const page = { addEventListener: (/** @type {string} */ _, /** @type {any} */ listener) => (page.hear = listener) };
  new Function("window", "console", SCRIPT)(page, { error: () => undefined });
  page.HubWidget.attach(frame, { hub: HUB, token });
  return { posted, ask: (type = "hub.ready") => page.hear({ origin: HUB, source: frame.contentWindow, data: { type } }) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("the host script gets one token at a time", async () => {
  let asked = 0;
  const { posted, ask } = form(async () => `t${(asked += 1)}`);
  ask();
  ask();
  await settled();
  ask("hub.token-expired");
  await settled();
  assert.deepEqual([asked, posted], [2, ["hub.token", "hub.token"]]);
});

test("the host script tells when there is no token, and gets one later", async () => {
  const answers = [() => assert.fail("blocked"), () => Promise.reject(new Error("closed")), () => "t"];
  const { posted, ask } = form(() => answers.shift()?.());
  for (const _ of [1, 2, 3]) {
    ask();
    await settled();
  }
  assert.deepEqual(posted, ["hub.token-failed", "hub.token-failed", "hub.token"]);
});
