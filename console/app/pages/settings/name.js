// @ts-check
/** The name of an integration. */
import { Button, Form, TextField } from "../../kit.js";
import { html } from "../../preact.js";
import { t } from "../../words.js";
import { EditNotes, useEdit } from "../connect/editing.js";

/** @param {{integration: any, etag: string, reload: () => void, done: () => void}} props */
export function Name({ integration, etag, reload, done }) {
  const edit = useEdit({ integration, etag, part: "name", read: ({ name }) => ({ name }), write: (changes) => changes, done });
  return html`<${Form} send=${() => edit.save.run(undefined)} problem=${edit.problem} label=${t("settings.part_name")} actions=${html`<${Button} submit kind="primary" busy=${edit.save.busy}>${t("settings.save")}</${Button}>`}>
    <${EditNotes} edit=${edit} nameOf=${() => t("connect.name")} reload=${reload} />
    <${TextField} label=${t("connect.name")} required value=${edit.value.name} set=${edit.set("name")} pointer="/name" problem=${edit.problem} />
  </${Form}>`;
}
