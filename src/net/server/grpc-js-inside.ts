/**
 * The two places of @grpc/grpc-js 1.14.7 that have no public door. Everything that relies on them is here, is checked when
 * it is used, and has a test, so that another version of the package fails loudly.
 *
 * 1. The server's flow-control window (the channel option for it reaches clients only) and the sessions, for pings.
 * 2. Inflating messages: the package knows gzip and deflate only, and does it chunk by chunk.
 */
import type { Server, ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Http2Server } from 'node:http2';

/** The http2 server behind the one connection injector of `server`. */
export function http2ServerOf(server: Server): Http2Server {
  const servers = (server as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> }).http2Servers;
  const [first, second] = [...(servers?.keys() ?? [])];
  if (first === undefined || second !== undefined || typeof first.updateSettings !== 'function') {
    throw new Error('this version of @grpc/grpc-js keeps its http2 servers elsewhere');
  }
  return first;
}

/** A received message with its 5-byte frame header, and the call's grpc-encoding or 'identity'. May throw `{ code, details }`. */
export type Decompress = (framed: Buffer, encoding: string) => Buffer;

export function replaceDecompress(call: ServerInterceptingCallInterface, decompress: Decompress): void {
  const inside = call as unknown as { decompressMessage?: unknown };
  if (typeof inside.decompressMessage !== 'function') {
    throw new Error('this version of @grpc/grpc-js inflates messages elsewhere');
  }
  inside.decompressMessage = decompress;
}
