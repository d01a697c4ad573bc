// @ts-check
/** Tabs that are links: each has an address. */
import { html } from "../preact.js";

/** @param {{label: string, tabs: Array<{id: string, name: string, href: string, count?: number}>, current: string}} props */
export function Tabs({ label, tabs, current }) {
  return html`<nav class="tabs" aria-label=${label}>
    <ul>
      ${tabs.map(
        (tab) => html`<li key=${tab.id}>
          <a href=${tab.href} aria-current=${tab.id === current ? "page" : undefined}>${tab.name}${tab.count ? html` <span class="count">${tab.count}</span>` : ""}</a>
        </li>`,
      )}
    </ul>
  </nav>`;
}
