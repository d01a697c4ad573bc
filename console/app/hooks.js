// @ts-check
/** Hooks for pages: load, poll, list, submit, draft. */
import { get } from "./api.js";
import { dropDraft, readDraft, writeDraft } from "./drafts.js";
import { firstFilled } from "./lists.js";
import { useRepeats, watchOf } from "./polling.js";
import { isRefusal, Problem } from "./problem.js";
import { useCallback, useEffect, useRef, useState } from "./preact.js";
import { owner } from "./session.js";
import { t } from "./words.js";

const REUSED = "IDEMPOTENCY_KEY_REUSED";

/** @param {any} error */
const asProblem = (error) =>
  error instanceof Problem ? error : new Problem({ status: 0, code: "CONSOLE", title: error?.message ?? String(error), detail: "" });

/**
 * Load when the page is shown and whenever `deps` change; what is on its way is given up then.
 * While it loads again, the last data and the last problem stay.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {any[]} deps
 */
export function useLoad(load, deps) {
  const [state, setState] = useState(/** @type {{data: T | undefined, problem: Problem | null, loading: boolean}} */ ({ data: undefined, problem: null, loading: true }));
  const [turn, setTurn] = useState(0);
  const shown = useRef(/** @type {any[] | null} */ (null));
  useEffect(() => {
    const leaving = new AbortController();
    const same = shown.current?.every((each, index) => Object.is(each, deps[index])) ?? false;
    shown.current = deps;
    setState((before) => (same ? { ...before, loading: true } : { data: undefined, problem: null, loading: true }));
    load(leaving.signal).then(
      (data) => !leaving.signal.aborted && setState({ data, problem: null, loading: false }),
      (error) => !leaving.signal.aborted && setState((before) => ({ data: before.data, problem: asProblem(error), loading: false })),
    );
    return () => leaving.abort();
  }, [...deps, turn]);
  const reload = useCallback(() => setTurn((count) => count + 1), []);
  const set = useCallback((/** @type {T} */ data) => setState({ data, problem: null, loading: false }), []);
  return { ...state, reload, set };
}

/**
 * Like useLoad, and again every `every` milliseconds while `again(data)` holds and the page is visible; more slowly while it goes wrong,
 * and not any more when it is refused or gone. `watch` tells that of a problem.
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} load
 * @param {any[]} deps
 * @param {{every?: number, again?: (data: T) => boolean}} [how]
 */
export function usePoll(load, deps, { every = 2_000, again = () => true } = {}) {
  const loaded = useLoad(load, deps);
  const watched = loaded.data === undefined || again(loaded.data);
  useRepeats(loaded, watched ? every : null);
  return { ...loaded, watch: watched && loaded.problem ? watchOf(loaded.problem) : undefined };
}

/**
 * One page of a list at a time: `next` and `previous` replace what is shown, so the page never holds more than it shows.
 * @param {string | null} path of the first page, with its query; null lists nothing
 * @param {{every?: number | null}} [how] milliseconds after which the first page is read again, and so on
 */
export function useList(path, { every = null } = {}) {
  const [trail, setTrail] = useState({ path, at: [path], turns: 0 });
  const at = trail.path === path ? trail.at : [path];
  const here = at[at.length - 1];
  const loaded = useLoad(async (signal) => ({ at: here, ...(here ? await firstFilled((page) => get(page, { signal }), here) : { data: [], next: null }) }), [here]);
  const shown = loaded.data?.at === here ? loaded.data : undefined;
  useRepeats(loaded, at.length > 1 ? null : every);
  const go = (/** @type {Array<string | null>} */ places) => setTrail({ path, at: places, turns: trail.turns + 1 });
  return {
    items: /** @type {any[] | undefined} */ (shown?.data),
    problem: loaded.problem,
    loading: loaded.loading,
    reload: loaded.reload,
    page: at.length,
    watch: every && loaded.problem ? watchOf(loaded.problem) : undefined,
    /** How often somebody has turned the page. */
    turns: trail.turns,
    next: shown?.next ? () => go([...at, shown.next]) : null,
    previous: at.length > 1 ? () => go(at.slice(0, -1)) : null,
  };
}

/**
 * Run something that a button or form starts; a second start waits for the first to end.
 * @template A, T
 * @param {(argument: A) => Promise<T>} work
 */
export function useSubmit(work) {
  const [state, setState] = useState({ busy: false, problem: /** @type {Problem | null} */ (null) });
  const running = useRef(false);
  const run = async (/** @type {A} */ argument) => {
    if (running.current) return undefined;
    running.current = true;
    setState({ busy: true, problem: null });
    try {
      const done = await work(argument);
      setState({ busy: false, problem: null });
      return done;
    } catch (error) {
      setState({ busy: false, problem: asProblem(error) });
      return undefined;
    } finally {
      running.current = false;
    }
  };
  return { ...state, run, clear: () => setState({ busy: false, problem: null }) };
}

/**
 * Return `once(send)`, for what must not be done twice: `send(key)` gets an Idempotency-Key that is the same until an answer says what came
 * of it, good or refused. Without an answer, and after 409, 429 and trouble of the hub, sending again is the same request.
 */
export function useKey() {
  const [held] = useState(() => ({ key: crypto.randomUUID() }));
  /** @template T @param {(key: string) => Promise<T>} send */
  const once = async (send) => {
    try {
      const done = await send(held.key);
      held.key = crypto.randomUUID();
      return done;
    } catch (error) {
      if (isRefusal(error)) held.key = crypto.randomUUID();
      throw /** @type {any} */ (error).code === REUSED ? cameThrough(/** @type {Problem} */ (error)) : error;
    }
  };
  return once;
}

/** An earlier try was done after all, and something else is sent now. @param {Problem} problem */
function cameThrough({ status, code, traceId }) {
  return new Problem({ status, code, traceId, title: t("again.cameThrough"), detail: t("again.cameThroughDetail") });
}

/** Return a value once it has stayed the same for a moment. @template T @param {T} value @param {number} [pause] milliseconds */
export function useSettled(value, pause = 300) {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}

/**
 * State that survives an ended session and a reload, until it is cleared. Never for secrets: see `useState` for those.
 * @template T
 * @param {string} key of the form, such as `connect` or `mapping.int_1.suppliers`
 * @param {T} first
 */
export function useDraft(key, first) {
  const [begun] = useState(() => ({ owner: owner(), found: /** @type {T | undefined} */ (readDraft(owner(), key)) }));
  const [value, setValue] = useState(begun.found ?? first);
  const [restored, setRestored] = useState(begun.found !== undefined);
  const set = (/** @type {T | ((before: T) => T)} */ next) =>
    setValue((before) => {
      const chosen = typeof next === "function" ? /** @type {(before: T) => T} */ (next)(before) : next;
      writeDraft(begun.owner, key, chosen);
      return chosen;
    });
  const clear = (/** @type {T} */ back = first) => {
    dropDraft(begun.owner, key);
    setRestored(false);
    setValue(back);
  };
  return { value, set, clear, restored };
}
