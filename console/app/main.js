// @ts-check
/** Starts the console: settings, sign-in, shell. */
import { html, render } from "./preact.js";
import { toast } from "./kit.js";
import { placeAfter } from "./pages/connect/back.js";
import { follow } from "./router.js";
import { configure, finishSignIn, session } from "./session.js";
import { Shell } from "./shell.js";
import { useStore } from "./store.js";
import { NotReached, NotSetUp, Welcome } from "./welcome.js";
import { t } from "./words.js";

const AGAIN = 2_000;
const root = /** @type {HTMLElement} */ (document.getElementById("app"));

/** @param {{problem: string}} props */
function Console({ problem }) {
  return useStore(session) ? html`<${Shell} />` : html`<${Welcome} problem=${problem} />`;
}

async function start() {
  try {
    const settings = await configure();
    if (settings.missing.length > 0) return render(html`<${NotSetUp} missing=${settings.missing} />`, root);
  } catch {
    setTimeout(start, AGAIN);
    return render(html`<${NotReached} />`, root);
  }
  const problem = await finishSignIn();
  if (problem && session.get()) toast(problem, "warn");
  welcomeBack();
  follow();
  return render(html`<${Console} problem=${problem} />`, root);
}

/** After a consent the browser comes back with the integration in the query. */
function welcomeBack() {
  const id = new URLSearchParams(location.search).get("authorized");
  if (!id) return;
  history.replaceState(null, "", `${location.pathname}${placeAfter(id)}`);
  toast(t("shell.authorized"));
}

start();
