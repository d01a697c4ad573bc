// @ts-check
/** A dialog to choose a field of Dynamics: of the table, of one that a lookup leads to, or of a participant or party. */
import { Button, Dialog, Empty, TextField } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";

const MOST = 60;

/**
 * @param {{groups: any[], taken: (group: any, field: any) => boolean, choose: (group: any, field: any) => void, onClose: () => void}} props
 *   `taken` tells whether a field is mapped already
 */
export function FieldPicker({ groups, taken, choose, onClose }) {
  const [search, setSearch] = useState("");
  const { shown, rest } = matching(groups, search);
  return html`<${Dialog} wide title=${t("oneflow.chooseField")} onClose=${onClose}>
    <${TextField} label=${t("oneflow.searchFields")} type="search" autofocus value=${search} set=${setSearch} />
    <div class="oneflow-picker">
      ${shown.length === 0 && html`<${Empty} title=${t("oneflow.noField")}>${t("oneflow.noFieldDetail")}</${Empty}>`}
      ${shown.map(
        (group) => html`<section key=${`${group.entity}|${group.via}`}>
          <h3>${group.label} ${group.via && html`<span class="muted small">${t("oneflow.via", { lookup: group.via })}</span>`}</h3>
          <ul>${group.fields.map((/** @type {any} */ field) => html`<li key=${field.name}><${Choice} field=${field} taken=${taken(group, field)} choose=${() => choose(group, field)} /></li>`)}</ul>
        </section>`,
      )}
      ${rest > 0 && html`<p class="muted small">${t("oneflow.moreFields", { count: rest })}</p>`}
    </div>
  </${Dialog}>`;
}

/** @param {{field: any, taken: boolean, choose: () => void}} props */
function Choice({ field, taken, choose }) {
  return html`<${Button} kind="quiet" class="oneflow-choice" disabled=${taken} onClick=${choose}>
    <span class="oneflow-choice-name">${field.label || field.name}</span>
    <code class="muted">${field.name}</code>
    <span class="muted small">${field.type}${taken ? ` · ${t("oneflow.taken")}` : field.twoWay ? "" : ` · ${t("oneflow.outward")}`}</span>
  </${Button}>`;
}

/**
 * Return the groups with the fields that a search finds, no more than a person looks through; `rest` is how many are left out.
 * @param {any[]} groups @param {string} search
 */
export function matching(groups, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let room = MOST;
  let rest = 0;
  const shown = [];
  for (const group of groups) {
    const found = group.fields.filter((/** @type {any} */ field) => {
      const text = `${group.label} ${group.via ?? ""} ${field.label} ${field.name} ${field.type}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
    if (found.length > 0 && room > 0) shown.push({ ...group, fields: found.slice(0, room) });
    rest += Math.max(0, found.length - room);
    room = Math.max(0, room - found.length);
  }
  return { shown, rest };
}
