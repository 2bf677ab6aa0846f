/** What a gRPC server's headers and trailers say (gRPC over HTTP2, Responses; HTTP to gRPC status mapping). */
import { ACCEPTED, failed, type Answer } from './sender.ts';

const RESOURCE_EXHAUSTED = '8';
const UNAVAILABLE = '14';
const BUSY_HTTP = new Set(['429', '502', '503', '504']);
const RETRY_INFO = 'google.rpc.RetryInfo';

/** Fields of headers and trailers together. */
export interface GrpcFields {
  readonly httpStatus: string;
  readonly status: string;
  readonly message: string;
  /** `grpc-status-details-bin` as it came. */
  readonly details: string;
}

export function grpcAnswer({ httpStatus, status, message, details }: GrpcFields): Answer {
  if (status === '0') return ACCEPTED;
  if (status === '') {
    if (httpStatus === '' || httpStatus === '200') return failed('the stream ended without grpc-status');
    return {
      outcome: 'refused',
      retryable: BUSY_HTTP.has(httpStatus),
      text: `HTTP status ${httpStatus} without grpc-status`,
    };
  }
  const retryable =
    status === UNAVAILABLE || (status === RESOURCE_EXHAUSTED && Buffer.from(details, 'base64').includes(RETRY_INFO));
  return { outcome: 'refused', retryable, text: `gRPC status ${status}: ${percentDecoded(message)}` };
}

/** grpc-message is percent-encoded UTF-8; one that is not is shown as it came. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
