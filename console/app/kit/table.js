// @ts-check
/** Lists as tables that become stacked cards where there is little room. */
import { html, useEffect, useRef } from "../preact.js";
import { t } from "../words.js";
import { Button } from "./button.js";
import { Empty, Loaded } from "./page.js";
import { announce } from "./notice.js";

/**
 * @typedef {{name: string, show: (row: any) => any, align?: "end", wide?: boolean, main?: boolean}} Column
 *   `name` is the heading, `main` names the row (its first line where rows are cards), `wide` may wrap
 */

/**
 * @param {{caption: string, columns: Column[], rows: any[], keyOf?: (row: any) => string, empty?: any, onRow?: (row: any) => string | undefined}} props
 *   `caption` is for screen readers
 */
export function DataTable({ caption, columns, rows, keyOf = (row) => row.id, empty }) {
  if (rows.length === 0) return empty ?? html`<${Empty} />`;
  return html`<div class="table-box">
    <table class="table">
      <caption class="visually-hidden">${caption}</caption>
      <thead>
        <tr>${columns.map((column) => html`<th scope="col" class=${classOf(column)}>${column.name}</th>`)}</tr>
      </thead>
      <tbody>
        ${rows.map((row) => html`<tr key=${keyOf(row)}>${columns.map((column) => cell(column, row))}</tr>`)}
      </tbody>
    </table>
  </div>`;
}

/**
 * A DataTable over useList: skeleton, problem, rows, and previous or next page.
 * @param {{list: ReturnType<typeof import("../hooks.js").useList>, caption: string, columns: Column[], keyOf?: (row: any) => string, empty?: any}} props
 */
export function ListTable({ list, empty, ...table }) {
  return html`<${Listed} list=${list} empty=${empty}>${(/** @type {any[]} */ rows) => html`<${DataTable} ...${table} rows=${rows} />`}</${Listed}>`;
}

/**
 * A page of useList, whatever it looks like: `children(items)` makes its rows. Who turns the page is led to the first row of the next one.
 * @param {{list: ReturnType<typeof import("../hooks.js").useList>, children: (items: any[]) => any, empty?: any, lines?: number}} props
 */
export function Listed({ list, children, empty, lines = 8 }) {
  const pager = useRef(/** @type {HTMLElement | null} */ (null));
  const turned = useRef(list.turns);
  useEffect(() => {
    if (!list.items || turned.current === list.turns) return;
    turned.current = list.turns;
    const row = /** @type {HTMLElement | null} */ (pager.current?.previousElementSibling?.querySelector("tbody tr, li"));
    row?.setAttribute("tabindex", "-1");
    row?.focus();
    announce(t("again.turned", { page: list.page, count: list.items.length }));
  }, [list.items, list.turns]);
  const shown = (/** @type {any[]} */ items) => html`${items.length > 0 ? children(items) : (empty ?? html`<${Empty} />`)}<${Pager} list=${list} box=${pager} />`;
  return html`<${Loaded} of=${{ ...list, data: list.items }} lines=${lines}>${shown}</${Loaded}>`;
}

/** @param {{list: {page: number, next: (() => void) | null, previous: (() => void) | null}, box?: any}} props `box` is its ref */
export function Pager({ list, box }) {
  if (!list.next && !list.previous) return null;
  return html`<nav class="pager" ref=${box} aria-label=${t("kit.pages")}>
    <${Button} small icon="left" disabled=${!list.previous} onClick=${list.previous ?? undefined}>${t("kit.previous")}</${Button}>
    <span class="muted" aria-live="polite">${t("kit.page", { page: list.page })}</span>
    <${Button} small icon="right" disabled=${!list.next} onClick=${list.next ?? undefined}>${t("kit.next")}</${Button}>
  </nav>`;
}

/** @param {Column} column @param {any} row */
function cell(column, row) {
  const shown = column.show(row);
  if (column.main) return html`<th scope="row" class=${classOf(column)}>${shown}</th>`;
  return html`<td class=${classOf(column)} data-name=${column.name}>${shown}</td>`;
}

/** @param {Column} column */
function classOf(column) {
  return [column.align === "end" && "end", column.wide && "wide", column.main && "main"].filter(Boolean).join(" ");
}
