// @ts-check
/** The one door to the vendored libraries. */
import { h } from "../vendor/preact.js";
import htm from "../vendor/htm.js";

export { render, Fragment, createContext } from "../vendor/preact.js";
export {
  useCallback,
  useContext,
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "../vendor/preact-hooks.js";

/** Templates instead of JSX: html`<p class="x">${text}</p>`. */
export const html = htm.bind(h);
