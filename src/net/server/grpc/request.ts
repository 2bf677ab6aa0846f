/** What a request's headers say to gRPC (grpc/doc/PROTOCOL-HTTP2.md, Requests; statuses as grpc-go's server). */
import type { RequestHead } from '#net/http2/request-head.ts';
import type { RequestReceiver } from '#net/http2/stream.ts';
import { GRPC } from '#shared/outcome.ts';
import type { GrpcHandler } from '../grpc.ts';

export interface GrpcRequest {
  /** null: the request is refused, with the gRPC status `code`, or with the HTTP status `http` if that is not 200. */
  readonly handler: GrpcHandler | null;
  /** grpc-encoding, 'identity' without one. */
  readonly encoding: string;
  /** Milliseconds; 0 = no deadline. */
  readonly timeoutMs: number;
  readonly http: number;
  readonly code: number;
  readonly message: string;
}

/** A request that has not been answered, as its connection keeps it. */
export interface ArrivingRequest extends RequestReceiver {
  /** When its client last did something for it, monotonic milliseconds; Infinity: nothing is awaited of the client. */
  readonly lastProgressMs: number;
  /** Gives it up: it is answered, and its memory given back. */
  evict(): void;
}

/** What a request costs beside its message: stream, call, entries in tables, and its headers. */
const REQUEST_BYTES = 1024;

export const heldBytes = (head: RequestHead): number => REQUEST_BYTES + head.bytes;

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

export function readGrpcRequest(head: RequestHead, methods: ReadonlyMap<string, GrpcHandler>): GrpcRequest {
  let contentType = '';
  let encoding = 'identity';
  let timeout = '';
  for (const { name, value } of head.fields) {
    if (name === 'content-type') contentType = value;
    else if (name === 'grpc-encoding') encoding = value;
    else if (name === 'grpc-timeout') timeout = value;
  }
  const refuse = (code: number, message: string, http = 200): GrpcRequest => ({
    handler: null,
    encoding,
    timeoutMs: 0,
    http,
    code,
    message,
  });
  if (head.method !== 'POST')
    return refuse(
      GRPC.INTERNAL,
      `method ${head.method} is not allowed: this port speaks gRPC, OTLP over HTTP has another one`,
      405,
    );
  if (!/^application\/grpc(?:[+;]|$)/.test(contentType))
    return refuse(
      GRPC.INTERNAL,
      `content-type "${contentType}" is not application/grpc: this port speaks gRPC, OTLP over HTTP has another one`,
      415,
    );
  const timeoutMs = timeout === '' ? 0 : timeoutOf(timeout);
  if (timeoutMs < 0) return refuse(GRPC.INTERNAL, `malformed grpc-timeout "${timeout}"`);
  const handler = methods.get(head.path);
  if (handler === undefined) return refuse(GRPC.UNIMPLEMENTED, unknown(head.path, methods));
  return { handler, encoding, timeoutMs, http: 200, code: 0, message: '' };
}

/** At least a thousandth of a millisecond, since 0 means none; -1 when malformed. */
function timeoutOf(text: string): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  return match === null ? -1 : Math.max(1e-3, Number(match[1]) * UNIT_MS[match[2]]);
}

function unknown(path: string, methods: ReadonlyMap<string, GrpcHandler>): string {
  const slash = path.lastIndexOf('/');
  if (!path.startsWith('/') || slash === 0) return `malformed method name ${path}`;
  const service = path.slice(0, slash + 1);
  const known = [...methods.keys()].some((method) => method.startsWith(service));
  const name = service.slice(1, -1);
  return known ? `unknown method ${path.slice(slash + 1)} for service ${name}` : `unknown service ${name}`;
}
