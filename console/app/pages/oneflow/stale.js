// @ts-check
/** Somebody else saved the mapping meanwhile: what differs, and which of both goes on. */
import { Banner, Button, Diff } from "../../kit.js";
import { html } from "../../preact.js";
import { t, wordFor } from "../../words.js";
import { differences, fieldOf } from "./rules.js";

/** @param {{mine: any, theirs: any, groups: any[], keep: () => void, take: () => void}} props */
export function Stale({ mine, theirs, groups, keep, take }) {
  const rows = differences(mine, theirs).map((each) => {
    const row = /** @type {any} */ (each.mine ?? each.theirs);
    const name = fieldOf(groups, row)?.field.label ?? row.dynamicsField;
    return { name, before: described(each.theirs), after: described(each.mine) };
  });
  const actions = html`<${Button} small onClick=${take}>${t("oneflow.takeTheirs")}</${Button}><${Button} small kind="primary" onClick=${keep}>${t("oneflow.keepMine")}</${Button}>`;
  return html`
    <${Banner} tone="warn" alert title=${t("oneflow.stale")} actions=${actions}>${t("oneflow.staleDetail")}</${Banner}>
    ${rows.length > 0 && html`<${Diff} caption=${t("oneflow.differences")} rows=${rows} before=${t("oneflow.theirs")} after=${t("oneflow.mine")} />`}
  `;
}

/** @param {any} row */
function described(row) {
  if (!row) return t("oneflow.absent");
  const policy = row.direction === "two_way" ? wordFor("policies", row.conflict) : "";
  return [row.oneflowField || t("oneflow.noName"), wordFor("directions", row.direction), policy, row.timeZone].filter(Boolean).join(" · ");
}
