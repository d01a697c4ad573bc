// @ts-check
/** What people typed and did not send yet: kept in this tab, for each person apart. Never secrets. */

const DRAFTS = "hub.draft.";

/** Return the name that a draft is kept by. @param {string} owner who typed it @param {string} key of the form */
const nameOf = (owner, key) => `${DRAFTS}${owner}/${key}`;

/** Return what was typed, undefined when nothing was. @param {string} owner @param {string} key */
export function readDraft(owner, key) {
  try {
    return JSON.parse(sessionStorage.getItem(nameOf(owner, key)) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keep what was typed. @param {string} owner @param {string} key @param {any} value */
export const writeDraft = (owner, key, value) => sessionStorage.setItem(nameOf(owner, key), JSON.stringify(value));

/** Forget what was typed. @param {string} owner @param {string} key */
export const dropDraft = (owner, key) => sessionStorage.removeItem(nameOf(owner, key));

/** Forget what everybody else typed. @param {string} owner who uses the tab from now on */
export function dropOthers(owner) {
  const own = nameOf(owner, "");
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(DRAFTS) && !name.startsWith(own)) sessionStorage.removeItem(name);
}
