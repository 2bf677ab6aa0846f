/** What the answer to a push means, as the clients of Prometheus remote write and of Loki understand it. */
import type { HttpResult } from '#net/client/http-exchange.ts';
import { retryAfterMs } from '#net/client/retry-after.ts';

export interface Answer {
  readonly kind: 'ok' | 'retry' | 'permanent';
  /** HTTP status; -1 = there was no answer. */
  readonly status: number;
  /** For people; '' if it went well. */
  readonly message: string;
  /** Milliseconds the server asked to wait (Retry-After), at most {@link LONGEST_WAIT_MS}; 0 = it did not. */
  readonly retryAfterMs: number;
}

const LONGEST_TEXT = 256;
/** One absurd answer, or a server whose clock is wrong, must not silence a destination for days. */
export const LONGEST_WAIT_MS = 300_000;

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
  return { kind: 'retry', status, message, retryAfterMs: Math.min(retryAfterMs(headers, nowMs), LONGEST_WAIT_MS) };
}
