// @ts-check
/** Where somebody has come to: the name of the window, and the focus when a move has left it nowhere. */
import { useEffect, useLayoutEffect, useRef } from "../preact.js";
import { t } from "../words.js";

const names = { detail: "", page: /** @type {string[]} */ ([]) };

/** Name the window; the narrowest name is the first. @param {string[]} page */
export function useWindowName(page) {
  useEffect(() => {
    names.page = page;
    show();
  }, [page.join("\n")]);
}

/**
 * Return the ref of a heading that takes the focus when it is shown after a move, unless something has it.
 * @param {boolean | string | undefined} lands the name of what is shown, for the window; true without one, false: it never takes the focus
 */
export function useLanding(lands) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  const detail = typeof lands === "string" ? lands : "";
  useEffect(() => {
    if (!detail) return undefined;
    names.detail = detail;
    show();
    return () => {
      names.detail = "";
      show();
    };
  }, [detail]);
  useLayoutEffect(() => {
    if (lands && hasMoved() && isFocusLost()) heading.current?.focus();
  }, []);
  return heading;
}

/** Whether somebody has gone from one address to another. */
export const hasMoved = () => document.documentElement.dataset.moved !== undefined;

const isFocusLost = () => !document.activeElement || document.activeElement === document.body;

function show() {
  document.title = [names.detail, ...names.page, t("shell.product")].filter(Boolean).join(" – ");
}
