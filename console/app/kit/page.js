// @ts-check
/** The frame of a page: heading, sections, cards, facts. */
import { html, useLayoutEffect, useRef } from "../preact.js";
import { t } from "../words.js";
import { Again } from "./again.js";
import { hasMoved, useLanding, useWindowName } from "./landing.js";
import { ProblemBanner } from "./notice.js";

/**
 * A page: its heading gets the focus when the page is new, and names the window.
 * @param {{title: string, part?: string, lead?: any, actions?: any, badge?: any, children?: any}} props `part` names what is open of the page, such as a tab
 */
export function Page({ title, part, lead, actions, badge, children }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useWindowName(part ? [part, title] : [title]);
  useLayoutEffect(() => {
    performance.mark("page-shown");
    if (hasMoved()) heading.current?.focus();
  }, []);
  return html`
    <header class="page-head">
      <div class="page-title">
        <h1 tabindex="-1" ref=${heading}>${title}</h1>
        ${badge}
      </div>
      ${actions && html`<div class="page-actions">${actions}</div>`}
      ${lead && html`<p class="lead">${lead}</p>`}
    </header>
    ${children}
  `;
}

/**
 * A part of a page with a heading of its own.
 * @param {{title: any, actions?: any, lead?: any, children?: any, level?: 2 | 3, lands?: boolean | string}} props
 *   `lands` lets the heading take the focus of somebody who comes from elsewhere in the tab: true for a list, the name of what is shown for one thing
 */
export function Section({ title, actions, lead, children, level = 2, lands }) {
  const heading = useLanding(lands);
  return html`<section class="section">
    <div class="section-head">
      <${`h${level}`} tabindex=${lands ? "-1" : undefined} ref=${heading}>${title}</${`h${level}`}>
      ${actions && html`<div class="section-actions">${actions}</div>`}
    </div>
    ${lead && html`<p class="muted">${lead}</p>`}
    ${children}
  </section>`;
}

/** A surface that holds one thing. @param {{children?: any, class?: string, as?: string}} props */
export function Card({ children, class: more = "", as = "div" }) {
  return html`<${as} class="card ${more}">${children}</${as}>`;
}

/** Names and values: `facts` is a list of [name, value]; those with an undefined value are left out. @param {{facts: Array<[string, any]>, columns?: boolean}} props */
export function Facts({ facts, columns = false }) {
  return html`<dl class="facts ${columns ? "facts-columns" : ""}">
    ${facts.filter(([, value]) => value !== undefined).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** A number that matters, with its name. @param {{name: string, value: any, note?: any, tone?: string}} props */
export function Figure({ name, value, note, tone = "" }) {
  return html`<div class="figure ${tone && `figure-${tone}`}"><dt>${name}</dt><dd>${value}${note && html`<span class="figure-note">${note}</span>`}</dd></div>`;
}

/** What stands where nothing is yet. @param {{title?: string, children?: any, actions?: any}} props */
export function Empty({ title = t("kit.empty"), children, actions }) {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children && html`<p class="muted">${children}</p>`}${actions}</div>`;
}

/** Grey lines in the place of what is on its way. @param {{lines?: number}} props */
export function Skeleton({ lines = 3 }) {
  return html`<div class="skeleton" role="status"><span class="visually-hidden">${t("kit.loading")}</span>${Array.from({ length: lines }, (_, line) => html`<span key=${line}></span>`)}</div>`;
}

/**
 * Show what useLoad brings: a skeleton, the problem with a way to try again, or `children(data)`.
 * @param {{of: {data: any, problem: any, loading: boolean, reload: () => void, watch?: "goes on" | "has ended"}, children: (data: any) => any, lines?: number}} props
 */
export function Loaded({ of, children, lines }) {
  const note = of.watch && of.data !== undefined && t(of.watch === "has ended" ? "again.ended" : "again.goesOn");
  return html`
    ${of.problem && html`<${ProblemBanner} problem=${of.problem} note=${note} actions=${html`<${Again} key=${of.problem.readyAt} of=${of} />`} />`}
    ${of.data !== undefined ? children(of.data) : of.loading && !of.problem && html`<${Skeleton} lines=${lines} />`}
  `;
}
