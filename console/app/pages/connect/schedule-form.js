// @ts-check
/** When the hub looks for changes: presets, or a schedule of one's own with its next times. */
import { useSettled } from "../../hooks.js";
import { Button, Form, RadioField, TextField } from "../../kit.js";
import { html, useState } from "../../preact.js";
import { t } from "../../words.js";
import { EditNotes, useEdit } from "./editing.js";
import { Times, useTimes } from "./next-times.js";
import { PRESETS, presetOf } from "./schedules.js";

const PAUSE = 250;

/**
 * @param {{integration: any, etag: string, reload: () => void, done: (integration: any) => any, verb: string, suggested?: string, others?: any}} props
 *   `suggested` is offered while the integration has no schedule, and saved unless something else is chosen
 */
export function ScheduleForm({ integration, etag, reload, done, verb, suggested, others }) {
  const [custom, setCustom] = useState(false);
  const offered = integration.schedule === null ? suggested : undefined;
  const edit = useEdit({
    integration,
    etag,
    part: "schedule",
    read: ({ schedule }) => ({ schedule }),
    write: ({ schedule = offered }) => ({ schedule }),
    done: (reply) => done(reply.data),
  });
  const schedule = edit.dirty ? edit.value.schedule : (offered ?? integration.schedule);
  const take = (/** @type {string | null} */ next) => (offered ? edit.draft.set({ schedule: next }) : edit.set("schedule")(next));
  const chosen = custom ? "custom" : presetOf(schedule);
  const choose = (/** @type {string} */ id) => {
    setCustom(id === "custom");
    take(id === "custom" ? (schedule ?? PRESETS[0].schedule) : /** @type {any} */ (PRESETS.find((each) => each.id === id)).schedule);
  };
  const options = [...PRESETS.map(({ id }) => id), "custom"].map((value) => ({ value, name: t(`connect.preset_${value}`), help: t(`connect.presetHelp_${value}`) }));
  const send = () => (edit.dirty || offered ? edit.save.run(undefined) : done(integration));
  return html`<${Form} send=${send} problem=${edit.problem} label=${t("connect.step_schedule")} actions=${html`<${Button} submit kind="primary" busy=${edit.save.busy}>${verb}</${Button}>${others}`}>
    <${EditNotes} edit=${edit} nameOf=${() => t("connect.step_schedule")} reload=${reload} />
    <${RadioField} label=${t("connect.rhythm")} value=${chosen} set=${choose} options=${options} />
    ${schedule === null ? null : html`<${Coming} schedule=${schedule} custom=${chosen === "custom"} set=${take} problem=${edit.problem} />`}
  </${Form}>`;
}

/** @param {{schedule: string, custom: boolean, set: (schedule: string) => void, problem: any}} props */
function Coming({ schedule, custom, set, problem }) {
  const loaded = useTimes(useSettled(schedule, PAUSE));
  const wrong = problem?.at("/schedule") || loaded.problem?.at("/schedule") || "";
  const shown = loaded.problem ? null : loaded.data?.data.times;
  return html`
    ${custom && html`<${TextField} label=${t("connect.cron")} help=${t("connect.cronHelp")} value=${schedule} set=${set} error=${wrong} spellcheck="false" class="input connect-cron" />`}
    <div class="connect-times" aria-live="polite">
      ${shown && html`<h3>${t("connect.nextTimes")}</h3><${Times} times=${shown} />`}
      ${!shown && !wrong && loaded.problem && html`<p class="muted">${loaded.problem.title}</p>`}
    </div>
  `;
}
