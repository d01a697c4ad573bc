// @ts-check
/** Requests that are sent once more when somebody brings a new token, as the page around the widget does. */
import { useLoad } from "../../hooks.js";
import { useEffect } from "../../preact.js";
import { Problem } from "../../problem.js";
import { session } from "../../session.js";
import { store } from "../../store.js";

const REFUSED = 401;

/** Whether requests go unanswered because nobody brings a token that the hub takes. */
export const refused = store(false);

/** @type {(() => Promise<boolean>) | null} */
let renewal = null;

/** Say how a new token is got; true when it came. @param {() => Promise<boolean>} renew */
export function renewBy(renew) {
  renewal = renew;
}

/** Do the work; a 401 changed nothing, so it may be done again with a new token. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
export async function attempt(work) {
  for (let renewed = false; ; renewed = true) {
    const used = session.get();
    try {
      const done = await work();
      refused.set(false);
      return done;
    } catch (error) {
      if (!renewal || !(error instanceof Problem) || error.status !== REFUSED) throw error;
      if (!renewed && (session.get() !== used || (await renewal()))) continue;
      refused.set(true);
      throw error;
    }
  }
}

/** Like useLoad, with `attempt`. @template T @param {(signal: AbortSignal) => Promise<T>} load @param {any[]} deps */
export function useAttempt(load, deps) {
  const loaded = useLoad((signal) => attempt(() => load(signal)), deps);
  useAgain(loaded.reload);
  return loaded;
}

/** Load again once a token is taken after all. @param {() => void} reload */
export function useAgain(reload) {
  useEffect(() => refused.watch((is) => is || reload()), [reload]);
}
