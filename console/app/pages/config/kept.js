// @ts-check
/** The form of a dialog that is open: what was changed in it survives an ended session and a reload. */
import { useDraft } from "../../hooks.js";
import { useState } from "../../preact.js";

/** Return the form, null while the dialog is closed. @param {string} key of the draft */
export function useKeptForm(key) {
  const kept = useDraft(key, /** @type {any} */ (null));
  const [begun, setBegun] = useState(/** @type {any} */ (null));
  const change = (/** @type {any} */ more) => kept.set((/** @type {any} */ now) => ({ ...(now ?? begun), ...more }));
  const close = () => {
    kept.clear(null);
    setBegun(null);
  };
  return { value: kept.value ?? begun, open: setBegun, change, close };
}
