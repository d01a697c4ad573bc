// @ts-check
/** Somebody else saved the mapping meanwhile: what differs, and which of both goes on. */
import { Stale } from "../../kit.js";
import { html } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { differences, fieldOf } from "./rules.js";

/** @param {{mine: any, theirs: any, groups: any[], keep: () => void, take: () => void, busy: boolean}} props */
export function StaleMapping({ mine, theirs, groups, keep, take, busy }) {
  const rows = differences(mine, theirs).map((each) => {
    const row = /** @type {any} */ (each.mine ?? each.theirs);
    const name = fieldOf(groups, row)?.field.label ?? row.dynamicsField;
    return { name, before: described(each.theirs), after: described(each.mine) };
  });
  return html`<${Stale} rows=${rows} compares="sides" keep=${keep} take=${take} busy=${busy} />`;
}

/** @param {any} row */
function described(row) {
  if (!row) return t("oneflow.absent");
  const policy = row.direction === "two_way" ? wordFor("policies", row.conflict) : "";
  return [row.oneflowField || t("oneflow.noName"), wordFor("directions", row.direction), policy, row.timeZone].filter(Boolean).join(" · ");
}
