/** What the answer of an OTLP/HTTP server means (semantics 18.2; OTLP specification, OTLP/HTTP Response). */
import { decodeResponse, responseFromJson, type PartialSuccess } from '#codec/otlp/response.ts';
import { decodeStatus, statusFromJson } from '#codec/rpc/status.ts';
import type { SendResult } from '#components/kit/exporter/sender.ts';
import type { HttpResult } from '#net/client/http-exchange.ts';
import { retryAfterMs } from '#net/client/retry-after.ts';
import { GRPC } from '#shared/outcome.ts';

type Response = HttpResult & { readonly kind: 'response' };

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const LONGEST_TEXT = 256;

/** `copied`: what was posted is no part of the request's own bytes. `nowMs` is wall-clock time, for Retry-After dates. */
export function meaning(result: HttpResult, copied: boolean, nowMs: number): SendResult {
  const bytesDone = copied || result.bytesDone;
  if (result.kind === 'failure') {
    return {
      kind: 'retry',
      grpcCode: result.timedOut ? GRPC.DEADLINE_EXCEEDED : GRPC.UNAVAILABLE,
      message: result.message,
      retryAfterMs: 0,
      bytesDone,
    };
  }
  const { status } = result;
  if (status >= 200 && status <= 299) return { kind: 'ok', bytesDone };
  const said = errorMessage(result);
  const message = `HTTP status ${status}${said === '' ? '' : `: ${said}`}`;
  if (!RETRYABLE.has(status)) return { kind: 'permanent', grpcCode: grpcCode(status), message };
  const waitMs = status === 429 || status === 503 ? retryAfterMs(result.headers, nowMs) : 0;
  // Towards a sender, RESOURCE_EXHAUSTED invites a retry only together with a time to wait (OTLP specification).
  const code = status === 429 && waitMs > 0 ? GRPC.RESOURCE_EXHAUSTED : GRPC.UNAVAILABLE;
  return { kind: 'retry', grpcCode: code, message, retryAfterMs: waitMs, bytesDone };
}

/**
 * What a server adds to its success. null: it has a body of an OTLP type that cannot be read. The data is taken all the
 * same: unlike the Collector we do not count it as failed.
 */
export function remark(response: Response): PartialSuccess | null {
  const type = mediaType(response);
  if (response.body.length === 0) return { rejected: 0, message: '' };
  if (type === 'application/json') return responseFromJson(response.body.toString());
  if (type !== 'application/x-protobuf') return { rejected: 0, message: '' };
  try {
    return decodeResponse(response.body);
  } catch {
    return null; // said by the caller, who logs
  }
}

/** The gRPC status nearest to an HTTP status that is not retried. */
function grpcCode(status: number): number {
  switch (status) {
    case 400:
      return GRPC.INVALID_ARGUMENT;
    case 401:
      return GRPC.UNAUTHENTICATED;
    case 403:
      return GRPC.PERMISSION_DENIED;
    case 404:
      return GRPC.UNIMPLEMENTED;
    default:
      return GRPC.UNKNOWN;
  }
}

/** The message of a google.rpc.Status body, or the beginning of a text; '' if there is nothing to read. */
function errorMessage(response: Response): string {
  const { status, body } = response;
  if (status >= 300 && status <= 399)
    return `redirects are not followed; it points to ${printable(header(response, 'location'))}`;
  const type = mediaType(response);
  if (body.length === 0) return '';
  if (type === 'application/json') return statusFromJson(body.toString())?.message ?? '';
  if (type.startsWith('text/')) return printable(body.toString('utf8', 0, LONGEST_TEXT * 4));
  try {
    return decodeStatus(body).message;
  } catch {
    return ''; // no status message: an error page of something in between
  }
}

function printable(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}...` : line;
}

function mediaType(response: Response): string {
  const text = header(response, 'content-type');
  const end = text.indexOf(';');
  return (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
}

function header(response: Response, name: string): string {
  const value = response.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}
