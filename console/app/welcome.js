// @ts-check
/** What somebody sees who is not signed in. */
import { useSubmit } from "./hooks.js";
import { Banner, Button, ProblemBanner, useWindowName } from "./kit.js";
import { html } from "./preact.js";
import { beginSignIn } from "./session.js";
import { Logo } from "./shell.js";
import { t } from "./words.js";

/** @param {{problem: string}} props `problem` is why the last sign-in did not work, or "" */
export function Welcome({ problem }) {
  const begin = useSubmit(() => beginSignIn());
  return html`<${Front} title=${t("shell.product")}>
    <${ProblemBanner} problem=${begin.problem} />
    ${problem && !begin.problem && html`<${Banner} tone="bad" alert title=${t("signIn.failed")}>${problem}</${Banner}>`}
    <p class="lead">${t("signIn.lead")}</p>
    <${Button} kind="primary" busy=${begin.busy} onClick=${() => begin.run(undefined)}>${t(begin.problem ? "problem.again" : "signIn.button")}</${Button}>
  </${Front}>`;
}

/** @param {{missing: string[]}} props names of settings */
export function NotSetUp({ missing }) {
  return html`<${Front} title=${t("signIn.notSetUp")}>
    <p class="lead">${t("signIn.notSetUpDetail")}</p>
    <dl class="facts">
      ${missing.map((name) => html`<div><dt><code>${name}</code></dt><dd>${t(`signIn.${name}`, { origin: location.origin })}</dd></div>`)}
    </dl>
  </${Front}>`;
}

/** Say that the hub does not answer. */
export function NotReached() {
  return html`<${Front} title=${t("signIn.notReached")}><p class="lead" role="alert">${t("signIn.notReachedDetail")}</p></${Front}>`;
}

/** @param {{title: string, children?: any}} props */
function Front({ title, children }) {
  useWindowName(title === t("shell.product") ? [] : [title]);
  return html`<main class="front"><div class="front-card"><${Logo} /><h1>${title}</h1>${children}</div></main>`;
}
