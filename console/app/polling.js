// @ts-check
/** When something that is watched is asked for again; pure. */

const SLOWEST = 60_000;

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
export const isOver = ({ status }) => status >= 401 && status <= 404;
