/** `Retry-After` (RFC 9110 10.2.3): how long a server asks to wait before a request is sent again. */
import type { HttpResult } from './http-exchange.ts';

type Headers = (HttpResult & { readonly kind: 'response' })['headers'];

/** In milliseconds: whole seconds, or an HTTP date as seen at `nowMs` (wall clock). 0 for anything else or a time that has passed. */
export function retryAfterMs(headers: Headers, nowMs: number): number {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return 0;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = value.endsWith(' GMT') ? Date.parse(value) : NaN;
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - nowMs);
}
