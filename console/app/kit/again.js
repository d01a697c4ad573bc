// @ts-check
/** A button that tries again, at once or when the hub takes it. */
import { html } from "../preact.js";
import { t } from "../words.js";
import { Button } from "./button.js";
import { useLeft } from "./time.js";

/** @param {{of: {problem: any, loading: boolean, reload: () => void}}} props */
export function Again({ of: { problem, loading, reload } }) {
  const left = useLeft(problem?.readyAt);
  return html`<${Button} small icon="refresh" busy=${loading} disabled=${left > 0} onClick=${reload}>${t("problem.again")}</${Button}>`;
}
