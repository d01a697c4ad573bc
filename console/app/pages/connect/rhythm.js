// @ts-check
/** The step in which it is chosen when the hub looks for changes. */
import { Card, Section } from "../../kit.js";
import { html } from "../../preact.js";
import { go, href } from "../../router.js";
import { t } from "../../words.js";
import { ScheduleForm } from "./schedule-form.js";
import { PRESETS } from "./schedules.js";

/** @param {{integration: any, etag: string, reload: () => void}} props */
export default function Rhythm({ integration, etag, reload }) {
  const onward = () => go(href(["connect", integration.id, "done"]));
  return html`<${Section} title=${t("connect.step_schedule")} lead=${t("connect.scheduleLead")}>
    <${Card} class="connect-narrow"><${ScheduleForm} ...${{ integration, etag, reload }} suggested=${PRESETS[0].schedule ?? undefined} done=${onward} verb=${t("connect.saveAndGoOn")} /></${Card}>
  </${Section}>`;
}
