// @ts-check
/** Drawings of 16 by 16; they are never alone, words stand beside them. */
import { html } from "../preact.js";

const PATHS = {
  ok: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm3 4.8-3.7 4a.8.8 0 0 1-1.1 0L4.6 8.7",
  warn: "M8 2 14.5 13.5h-13L8 2Zm0 4.5v3.2m0 1.9v.1",
  bad: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM5.6 5.6l4.8 4.8m0-4.8-4.8 4.8",
  info: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13Zm0 5.7v4M8 4.8v.1",
  idle: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM5.5 8h5",
  paused: "M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM6.4 5.8v4.4m3.2-4.4v4.4",
  busy: "M13.6 6A6 6 0 0 0 3 4.3M2.4 10A6 6 0 0 0 13 11.7M13.8 2.5V6h-3.5M2.2 13.5V10h3.5",
  right: "m6 3.5 4.5 4.5L6 12.5",
  left: "M10 3.5 5.5 8l4.5 4.5",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  close: "m3.5 3.5 9 9m0-9-9 9",
  menu: "M2 4h12M2 8h12M2 12h12",
  home: "M2.5 7.5 8 2.8l5.5 4.7V13.5h-11zM6.5 13.5V9.5h3v4",
  plus: "M8 3v10M3 8h10",
  refresh: "M13.2 6.2A5.6 5.6 0 1 0 13.6 9M13.5 2.8v3.5H10",
};

/** @param {{name: keyof typeof PATHS}} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
