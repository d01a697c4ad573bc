// @ts-check
/** When something that is watched is asked for again. */
import { useEffect, useRef } from "./preact.js";
import { ended } from "./session.js";
import { useStore } from "./store.js";

const SLOWEST = 60_000;

/** Return what becomes of something that is watched after a problem. @param {import("./problem.js").Problem} problem @returns {"goes on" | "has ended"} */
export const watchOf = (problem) => (isOver(problem) ? "has ended" : "goes on");

/**
 * Load again and again; a session that is there again begins anew.
 * @param {{problem: import("./problem.js").Problem | null, data: any, loading: boolean, reload: () => void}} loaded
 * @param {number | null} every milliseconds, null: never
 */
export function useRepeats({ problem, data, loading, reload }, every) {
  const failures = useRef(0);
  const signedOut = useStore(ended);
  useEffect(() => void (failures.current = problem ? failures.current + 1 : 0), [problem]);
  useEffect(() => {
    if (every !== null && !signedOut && problem?.status === 401) reload();
  }, [signedOut]);
  useEffect(() => {
    const wait = loading || every === null ? null : nextAsk({ every, problem, failures: failures.current, now: Date.now() });
    if (wait === null) return undefined;
    const timer = setInterval(() => document.hidden || reload(), wait);
    return () => clearInterval(timer);
  }, [loading, data, problem, every]);
}

/**
 * Return the milliseconds until the next request, null when there is none: what was refused or is gone is not asked for again, and the
 * more often in a row it went wrong, the longer the pause.
 * @param {{every: number, problem: import("./problem.js").Problem | null, failures: number, now: number}} known `failures` in a row
 */
export function nextAsk({ every, problem, failures, now }) {
  if (!problem) return every;
  if (isOver(problem)) return null;
  const slower = Math.min(every * 2 ** failures, Math.max(every, SLOWEST));
  return Math.max(slower, (problem.readyAt ?? 0) - now);
}

/** Whether asking again would bring the same. @param {import("./problem.js").Problem} problem */
const isOver = ({ status }) => status >= 401 && status <= 404;
