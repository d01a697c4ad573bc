// @ts-check
/** What changes: before and after, side by side or one below the other. */
import { plain } from "../format.js";
import { html } from "../preact.js";
import { t } from "../words.js";

/**
 * @param {{caption: string, rows: Array<{name: any, before: any, after: any, note?: any}>, before?: string, after?: string}} props
 *   `before` and `after` may name the two sides otherwise
 */
export function Diff({ caption, rows, before = t("kit.before"), after = t("kit.after") }) {
  return html`<div class="table-box">
    <table class="table diff">
      <caption class="visually-hidden">${caption}</caption>
      <thead><tr><td class="corner"></td><th scope="col">${before}</th><th scope="col">${after}</th></tr></thead>
      <tbody>
        ${rows.map((row) => {
          const same = plain(row.before) === plain(row.after);
          return html`<tr class=${same ? "same" : "changed"}>
            <th scope="row" class="main">${row.name}${row.note && html`<span class="field-help">${row.note}</span>`}</th>
            <td data-name=${before}><${Value} value=${row.before} mark=${same ? "" : "del"} /></td>
            <td data-name=${after}><${Value} value=${row.after} mark=${same ? "" : "ins"} /></td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** A value of a record; a blank one is told as such. @param {{value: any, mark?: string}} props */
export function Value({ value, mark = "" }) {
  const blank = value === null || value === undefined || value === "";
  const text = html`<span class=${blank ? "muted" : ""}>${plain(value)}</span>`;
  return mark ? html`<${mark}>${text}</${mark}>` : text;
}
