/** Configured headers of HTTP requests. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { MillraceError } from '#shared/errors.ts';

/** Belong to the connection (RFC 9110 7.6.1) or follow from the body. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Throws a {@link MillraceError} that names the header when it cannot be sent; values stay unsaid, they may be secret. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_HEADERS.has(name.toLowerCase()))
      throw new MillraceError('http_header', `the header "${name}" cannot be configured: HTTP sets it itself`);
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (error) {
      throw new MillraceError(
        'http_header',
        `the header "${name}" cannot be sent: its name or value holds characters that HTTP does not allow`,
        { cause: error },
      );
    }
  }
}

/** Throws a {@link MillraceError} that does not tell `value` when no header can carry it. */
export function sendable(value: string, what: string): string {
  try {
    validateHeaderValue('authorization', value);
    return value;
  } catch {
    throw new MillraceError('http_header', `${what} cannot be sent: HTTP does not allow all of the characters`);
  }
}

/** Whether a header can carry it. */
export function isSendable(value: string): boolean {
  try {
    validateHeaderValue('x', value);
    return true;
  } catch {
    return false;
  }
}
