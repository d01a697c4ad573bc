// @ts-check
/** Requests that are sent once more when somebody brings a new token, as the page around the widget does. */
import { Problem } from "../../problem.js";

/** @type {(() => Promise<boolean>) | null} */
let renewal = null;

/** Say how a new token is got; true when it came. @param {() => Promise<boolean>} renew */
export function renewBy(renew) {
  renewal = renew;
}

/** Do the work; a 401 changed nothing, so it may be done again with a new token. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401 || !renewal || !(await renewal())) throw error;
    return work();
  }
}
