// @ts-check
/** Where somebody is in the guide: what is done, what is left. */
import { Icon } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";

/** @param {{steps: Array<{id: string, done: boolean}>, current: string, hrefOf: (id: string) => string | undefined}} props */
export function Steps({ steps, current, hrefOf }) {
  return html`<nav class="connect-steps" aria-label=${t("connect.steps")}>
    <ol>
      ${steps.map(({ id, done }, index) => {
        const name = html`
          <span class="connect-mark ${done ? "status-ok" : ""}" aria-hidden="true">${done ? html`<${Icon} name="ok" />` : index + 1}</span>
          <span>${t(`connect.step_${id}`)}${done && html`<span class="visually-hidden"> (${t("connect.stepDone")})</span>`}</span>
        `;
        const address = hrefOf(id);
        const here = id === current ? "step" : undefined;
        return html`<li key=${id} class=${here && "is-current"}>
          ${address ? html`<a href=${address} aria-current=${here}>${name}</a>` : html`<span class="connect-step" aria-current=${here}>${name}</span>`}
        </li>`;
      })}
    </ol>
  </nav>`;
}
