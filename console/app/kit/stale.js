// @ts-check
/** Somebody else changed what is edited here: nothing is overwritten unseen, and nothing typed is lost. */
import { plain } from "../format.js";
import { html, useEffect, useState } from "../preact.js";
import { t } from "../words.js";
import { Button } from "./button.js";
import { Diff } from "./diff.js";
import { Banner } from "./notice.js";

const STALE = "PRECONDITION_FAILED";

/**
 * @typedef {{data: any, etag: string}} Version a thing as it was read
 */

/**
 * Hold what is edited as it was read last. `send(work)` does `work(etag)`; when somebody else was faster, it reads again and returns null:
 * `before` is then what was there when the form was filled in, until `settle`.
 * @param {Version} first @param {() => Promise<Version>} read
 */
export function useLatest(first, read) {
  const [held, setHeld] = useState({ latest: first, before: /** @type {any} */ (null) });
  useEffect(() => setHeld({ latest: first, before: null }), [first.etag]);
  /** @template T @param {(etag: string) => Promise<T>} work @returns {Promise<T | null>} */
  const send = async (work) => {
    try {
      return await work(held.latest.etag);
    } catch (error) {
      if (/** @type {any} */ (error).code !== STALE) throw error;
      const latest = await read();
      setHeld({ latest, before: held.latest.data });
      return null;
    }
  };
  const settle = (/** @type {Version} */ latest = held.latest) => setHeld({ latest, before: null });
  return { data: held.latest.data, before: held.before, send, settle };
}

/**
 * What somebody else changed meanwhile, beside what was typed, and which of both goes on. `keep` is left out while mine cannot be saved.
 * @param {{rows: Array<{name: any, before: any, after: any, mine?: any}>, keep: (() => any) | null, take: () => any, busy?: boolean, compares?: "times" | "sides"}} props
 *   `compares` tells what `before` and `after` are: what was read and what is there now, or theirs and mine
 */
export function Stale({ rows, keep, take, busy = false, compares = "times" }) {
  const sides = compares === "sides";
  return html`<${Banner} tone="warn" alert title=${t("stale.title")}>
    <p>${t(rows.length === 0 ? "stale.elsewhere" : sides ? "stale.differs" : "stale.here")}</p>
    ${rows.length > 0 && html`<${Diff} caption=${t("stale.title")} rows=${rows.map((row) => ({ ...row, note: noteOf(row) }))} before=${t(sides ? "stale.after" : "stale.before")} after=${t(sides ? "stale.yours" : "stale.after")} />`}
    <div class="stale-actions">
      ${keep && html`<${Button} small kind="primary" busy=${busy} onClick=${keep}>${t("stale.keep")}</${Button}>`}
      <${Button} small onClick=${take}>${t("stale.take")}</${Button}>
    </div>
  </${Banner}>`;
}

/** @param {{after: any, mine?: any}} row */
function noteOf({ after, mine }) {
  return mine !== undefined && plain(mine) !== plain(after) ? t("stale.mine", { value: plain(mine) }) : undefined;
}
