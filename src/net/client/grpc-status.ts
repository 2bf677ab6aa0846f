/**
 * How a call ended, from what HTTP/2 says (grpc/doc/PROTOCOL-HTTP2.md, http-grpc-status-mapping.md).
 */
import { constants, type IncomingHttpHeaders } from 'node:http2';
import { GRPC } from '#shared/outcome.ts';

/** The status of a response that carries no grpc-status. */
export function codeOfHttpStatus(status: number): number {
  switch (status) {
    case 400:
      return GRPC.INTERNAL;
    case 401:
      return GRPC.UNAUTHENTICATED;
    case 403:
      return GRPC.PERMISSION_DENIED;
    case 404:
      return GRPC.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return GRPC.UNAVAILABLE;
    default:
      return GRPC.UNKNOWN;
  }
}

/** The status of a stream that the server ended with RST_STREAM. */
export function codeOfReset(http2Code: number): number {
  switch (http2Code) {
    case constants.NGHTTP2_REFUSED_STREAM:
      return GRPC.UNAVAILABLE;
    case constants.NGHTTP2_CANCEL:
      return GRPC.CANCELLED;
    case constants.NGHTTP2_ENHANCE_YOUR_CALM:
      return GRPC.RESOURCE_EXHAUSTED;
    case constants.NGHTTP2_INADEQUATE_SECURITY:
      return GRPC.PERMISSION_DENIED;
    default:
      return GRPC.INTERNAL;
  }
}

/** grpc-status of trailers or of a trailers-only response; null if absent, UNKNOWN if it is no status code. */
export function codeOf(headers: IncomingHttpHeaders): number | null {
  const text = single(headers['grpc-status']);
  if (text === null) return null;
  const code = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return code >= 0 && code <= 16 ? code : GRPC.UNKNOWN;
}

/** grpc-message: percent-encoded UTF-8; what cannot be decoded is passed on as it is. */
export function messageOf(headers: IncomingHttpHeaders): string {
  const text = single(headers['grpc-message']) ?? '';
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not valid percent-encoding: the specification asks for the raw text
  }
}

/** grpc-status-details-bin: a google.rpc.Status message in base64, padded or not; null if absent. */
export function detailsOf(headers: IncomingHttpHeaders): Buffer | null {
  const text = single(headers['grpc-status-details-bin']);
  return text === null ? null : Buffer.from(text, 'base64');
}

function single(value: string | string[] | undefined): string | null {
  return value === undefined ? null : typeof value === 'string' ? value : (value[0] ?? null);
}
