/** What the answer to a push means, as the clients of Prometheus remote write and of Loki understand it. */
import type { HttpResult } from '#net/client/http-exchange.ts';

export interface Answer {
  readonly kind: 'ok' | 'retry' | 'permanent';
  /** HTTP status; -1 = there was no answer. */
  readonly status: number;
  /** For people; '' if it went well. */
  readonly message: string;
  /** Milliseconds the server asked to wait (Retry-After), 0 = it did not. */
  readonly retryAfterMs: number;
}

const LONGEST_TEXT = 256;

/**
 * 2xx: taken. 5xx and no answer at all: try again. 429: likewise if `retries429`. All else: never. `nowMs`: wall-clock time, for
 * dates in Retry-After.
 */
export function answerOf(result: HttpResult, retries429: boolean, nowMs: number): Answer {
  if (result.kind === 'failure') return { kind: 'retry', status: -1, message: result.message, retryAfterMs: 0 };
  const { status, headers, body } = result;
  if (status >= 200 && status <= 299) return { kind: 'ok', status, message: '', retryAfterMs: 0 };
  const said = body
    .toString('utf8', 0, LONGEST_TEXT * 4)
    .split(/[\r\n]/, 1)[0]
    .replace(/\s+/g, ' ')
    .trim();
  const cut = said.length > LONGEST_TEXT ? `${said.slice(0, LONGEST_TEXT)}...` : said;
  const message = `HTTP status ${status}${cut === '' ? '' : `: ${cut}`}`;
  if (Math.trunc(status / 100) !== 5 && (status !== 429 || !retries429))
    return { kind: 'permanent', status, message, retryAfterMs: 0 };
  const wait = headers['retry-after'];
  return { kind: 'retry', status, message, retryAfterMs: typeof wait === 'string' ? retryAfter(wait, nowMs) : 0 };
}

/** Milliseconds from a Retry-After header: whole seconds or an HTTP date; 0 for anything else or a time that has passed. */
function retryAfter(value: string, nowMs: number): number {
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = value.endsWith(' GMT') ? Date.parse(value) : NaN;
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
}
