// @ts-check
/** The way to Microsoft's sign-in page and back to where it was left. */
import { href } from "../../router.js";

const LEFT = "hub.authorizing";

/** Leave for the sign-in page; `back` is where to go on afterwards. @param {string} id @param {string} address @param {string} back */
export function leaveFor(id, address, back) {
  sessionStorage.setItem(LEFT, JSON.stringify({ id, back }));
  location.assign(address);
}

/** Return where to go on after a sign-in for this integration: the guide when it was begun elsewhere. @param {string} id */
export function placeAfter(id) {
  const left = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
  sessionStorage.removeItem(LEFT);
  return left?.id === id ? left.back : href(["connect", id]);
}
