// @ts-check
/** What went wrong, as the API tells it (application/problem+json), or as the network does. */

/** The first request may be under way still, or was never looked at. */
const UNDECIDED = new Set([409, 429]);

export class Problem extends Error {
  /**
   * @param {{status: number, code: string, title: string, detail: string, errors?: Array<{pointer: string, code: string, detail: string}>,
   *   traceId?: string, retryable?: boolean, retryAfter?: number | null, readyAt?: number | null, body?: any}} facts
   */
  constructor(facts) {
    super(facts.detail || facts.title);
    this.name = "Problem";
    this.status = facts.status;
    this.code = facts.code;
    this.title = facts.title;
    this.detail = facts.detail;
    this.errors = facts.errors ?? [];
    this.traceId = facts.traceId ?? "";
    this.retryable = facts.retryable ?? false;
    this.retryAfter = facts.retryAfter ?? null;
    /** When the hub takes the same again, in milliseconds; null when it did not say. */
    this.readyAt = facts.readyAt ?? null;
    /** The whole document: some problems carry more, such as `runId`. */
    this.body = facts.body ?? {};
  }

  /** Return the message for one member of what was sent; `pointer` is its JSON pointer. @param {string} pointer */
  at(pointer) {
    return this.errors.filter((each) => each.pointer === pointer).map((each) => each.detail).join(" ");
  }
}

/** Return the problem that an answer tells. @param {number} status @param {any} body @param {Headers} headers @param {number} [now] milliseconds */
export function problemOf(status, body, headers, now = Date.now()) {
  const told = body && typeof body === "object" ? body : {};
  const wait = secondsOf(headers.get("retry-after") ?? "", now);
  return new Problem({
    status,
    code: told.code ?? `HTTP_${status}`,
    title: told.title ?? `HTTP ${status}`,
    detail: told.detail ?? "",
    errors: told.errors,
    traceId: told.traceId ?? headers.get("x-trace-id") ?? "",
    retryable: told.retryable ?? status >= 500,
    retryAfter: wait,
    readyAt: wait && now + wait * 1_000,
    body: told,
  });
}

/** Return the seconds that a Retry-After tells, which may be a date. @param {string} text @param {number} now */
function secondsOf(text, now) {
  const seconds = /^\d+$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1_000);
  return seconds > 0 ? seconds : null;
}

/** Whether an answer says for good that nothing was done: sending the same again would be a new try. @param {any} error */
export function isRefusal(error) {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && !UNDECIDED.has(error.status);
}

/** Return the problem of a request that got no answer. @param {string} title @param {string} detail */
export function silence(title, detail) {
  return new Problem({ status: 0, code: "NETWORK", title, detail, retryable: true });
}
