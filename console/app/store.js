// @ts-check
/** Small values that several components watch. */
import { useEffect, useState } from "./preact.js";

/**
 * @template T
 * @param {T} first
 */
export function store(first) {
  let value = first;
  /** @type {Set<(value: T) => void>} */
  const watchers = new Set();
  return {
    get: () => value,
    /** @param {T} next */
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const tell of [...watchers]) tell(value);
    },
    /** @param {(value: T) => void} tell */
    watch(tell) {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
  };
}

/**
 * Return the value of a store, anew whenever it changes.
 * @template T
 * @param {{get: () => T, watch: (tell: (value: T) => void) => () => void}} watched
 * @returns {T}
 */
export function useStore(watched) {
  const [value, setValue] = useState(watched.get());
  useEffect(() => {
    setValue(watched.get());
    return watched.watch(setValue);
  }, [watched]);
  return value;
}
