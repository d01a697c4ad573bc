// @ts-check
/** Cause and fix of every code of docs/errors.md; written by `make words`. */
export const errors = {};
