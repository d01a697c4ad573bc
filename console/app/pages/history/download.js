// @ts-check
/** Files of a run: the API makes them, the page asks with its token and hands them to the browser. */
import { withQuery } from "../../api.js";
import { useSubmit } from "../../hooks.js";
import { Button, ProblemBanner, toast } from "../../kit.js";
import { html } from "../../preact.js";
import { problemOf, silence } from "../../problem.js";
import { noteEnd, token } from "../../session.js";
import { t } from "../../words.js";

/** @param {{path: (...rest: string[]) => string, errors: boolean}} props */
export function Downloads({ path, errors }) {
  const load = useSubmit(fetched);
  const button = (/** @type {string[]} */ parts, /** @type {string} */ format, /** @type {string} */ word) =>
    html`<li><${Button} kind="quiet" small busy=${load.busy} onClick=${() => load.run(withQuery(path(...parts), { format }))}>${t(`history.${word}`)}</${Button}></li>`;
  return html`<details class="history-downloads">
      <summary class="button">${t("history.download")}</summary>
      <ul class="history-files">
        ${button(["download"], "csv", "runCsv")}
        ${button(["download"], "json", "runJson")}
        ${errors && button(["errors", "download"], "csv", "errorsCsv")}
        ${errors && button(["errors", "download"], "json", "errorsJson")}
      </ul>
    </details>
    <div class="history-wide"><${ProblemBanner} problem=${load.problem} /></div>`;
}

/** @param {string} path */
async function fetched(path) {
  const reply = await fetch(path, { headers: { Authorization: `Bearer ${await token()}` }, cache: "no-store" }).catch(() => {
    throw silence(t("problem.network"), t("problem.networkDetail"));
  });
  if (reply.status === 401) noteEnd();
  if (!reply.ok) throw problemOf(reply.status, await reply.json().catch(() => null), reply.headers);
  save(await reply.blob(), nameOf(reply.headers.get("content-disposition")));
  toast(t(reply.headers.has("link") ? "history.filePart" : "history.fileDone"), reply.headers.has("link") ? "warn" : "ok");
}

/** Return the name of the file that a Content-Disposition tells. @param {string | null} header */
export function nameOf(header) {
  return /filename="([^"]+)"/.exec(header ?? "")?.[1] ?? "run";
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
