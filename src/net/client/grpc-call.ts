/**
 * One unary gRPC call on an HTTP/2 session (grpc/doc/PROTOCOL-HTTP2.md).
 *
 *     request     HEADERS :method POST, :path, te, content-type, grpc-timeout, grpc-encoding, metadata
 *                 DATA    u8 compressed, u32 BE length, message     END_STREAM
 *     response    HEADERS, DATA as above, HEADERS grpc-status, grpc-message (trailers); or one HEADERS (trailers-only)
 */
import {
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { inflate } from '#net/compression/inflate.ts';
import { readableText } from '#net/tls/openssl-text.ts';
import type { Clock } from '#shared/clock.ts';
import { errorText } from '#shared/errors.ts';
import { GRPC } from '#shared/outcome.ts';
import { codeOf, codeOfHttpStatus, codeOfReset, detailsOf, messageOf } from './grpc-status.ts';

export interface GrpcResult {
  /** gRPC status code; 0 = OK. */
  readonly code: number;
  readonly message: string;
  /** Encoded google.rpc.Status of grpc-status-details-bin (RetryInfo lies in it); null if the server sent none. */
  readonly details: Buffer | null;
  /** The response message without compression, memory of its own; null unless code is 0. */
  readonly response: Buffer | null;
  /** Certainly nobody reads the request's bytes any more. A server may answer before all is sent. */
  readonly bytesDone: boolean;
}

export interface CallResult extends GrpcResult {
  /** The server has certainly not looked at the call: it may be sent again elsewhere at once. */
  readonly unprocessed: boolean;
}

export interface Call {
  readonly headers: OutgoingHttpHeaders;
  /** The pieces of the message as it goes out, compressed if `compressed`; at least one. */
  readonly message: readonly Buffer[];
  readonly compressed: boolean;
  /** Milliseconds until the call is given up; 0 = never. */
  readonly timeoutMs: number;
}

/** Largest response taken, as grpc-go's default; an export response holds a count and a sentence. */
const RESPONSE_LIMIT = 4 << 20;

/** `bytesDone`: nothing of the request was written, and nothing will be. */
export const failed = (code: number, message: string, bytesDone: boolean, unprocessed = false): CallResult => ({
  code,
  message,
  details: null,
  response: null,
  bytesDone,
  unprocessed,
});

/** Starts the call; `done` is called exactly once, later. Every failure is a result. */
export function startCall(
  session: ClientHttp2Session,
  call: Call,
  clock: Clock,
  done: (result: CallResult) => void,
): void {
  let stream: ClientHttp2Stream;
  try {
    stream = session.request(call.headers, { endStream: false });
  } catch (error) {
    // Between the choice of a session and this line nothing awaits, but a session may be closing without having said so yet.
    const gone = session.closed || session.destroyed;
    queueMicrotask(() => done(failed(gone ? GRPC.UNAVAILABLE : GRPC.INTERNAL, errorText(error), true, gone)));
    return;
  }
  new UnaryCall(session, stream, call, clock, done);
}

class UnaryCall {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #done: (result: CallResult) => void;
  readonly #cancelTimer: () => void;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #headers: IncomingHttpHeaders | null = null;
  /** What carries grpc-status. */
  #trailers: IncomingHttpHeaders | null = null;
  #error = '';
  #ended = false;
  #settled = false;

  constructor(
    session: ClientHttp2Session,
    stream: ClientHttp2Stream,
    call: Call,
    clock: Clock,
    done: (result: CallResult) => void,
  ) {
    this.#session = session;
    this.#stream = stream;
    this.#done = done;
    stream.on('response', (headers) => {
      this.#headers = headers;
      if (codeOf(headers) !== null) this.#trailers = headers;
    });
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('trailers', (headers) => {
      this.#trailers = headers;
      if (this.#ended) this.#finish();
    });
    stream.on('end', () => {
      this.#ended = true;
      if (this.#trailers !== null) this.#finish();
    });
    stream.on('error', (error) => (this.#error = readableText(error)));
    stream.on('close', () => this.#finish());
    this.#cancelTimer =
      call.timeoutMs > 0 ? clock.after(call.timeoutMs, () => this.#timeout(call.timeoutMs)) : () => undefined;

    const prefix = Buffer.allocUnsafe(5);
    prefix[0] = call.compressed ? 1 : 0;
    const { message } = call;
    let length = 0;
    for (const piece of message) length += piece.length;
    prefix.writeUInt32BE(length, 1);
    // Corked, all go to the session in one write and leave in the same DATA frames, without a copy of the message.
    stream.cork();
    stream.write(prefix);
    for (let i = 0; i < message.length - 1; i++) stream.write(message[i]);
    stream.end(message[message.length - 1]);
  }

  #take(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size <= RESPONSE_LIMIT) this.#chunks.push(chunk);
    else this.#settle(failed(GRPC.RESOURCE_EXHAUSTED, `the response is larger than ${RESPONSE_LIMIT} bytes`, false));
  }

  #timeout(timeoutMs: number): void {
    this.#settle(failed(GRPC.DEADLINE_EXCEEDED, `no answer within ${Math.round(timeoutMs)} ms`, false));
  }

  #finish(): void {
    if (!this.#settled) this.#settle(this.#result());
  }

  #settle(result: CallResult): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelTimer();
    // The server may have answered before it read the whole message; nobody needs the rest.
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#done(result);
  }

  #result(): CallResult {
    const trailers = this.#trailers;
    const code = trailers === null ? null : codeOf(trailers);
    if (trailers === null || code === null) return this.#withoutStatus();
    if (code !== GRPC.OK)
      return {
        code,
        message: messageOf(trailers),
        details: detailsOf(trailers),
        response: null,
        bytesDone: this.#stream.writableFinished,
        unprocessed: false,
      };
    try {
      return {
        code,
        message: '',
        details: null,
        response: this.#response(),
        bytesDone: this.#stream.writableFinished,
        unprocessed: false,
      };
    } catch (error) {
      // The server took the data; only its remark is unreadable.
      return {
        code,
        message: `unreadable response: ${errorText(error)}`,
        details: null,
        response: Buffer.alloc(0),
        bytesDone: this.#stream.writableFinished,
        unprocessed: false,
      };
    }
  }

  #withoutStatus(): CallResult {
    const headers = this.#headers;
    const done = this.#stream.writableFinished;
    if (headers !== null && this.#ended) {
      const status = Number(headers[':status'] ?? 0);
      const type = headers['content-type'] ?? '';
      if (status !== 200)
        return failed(codeOfHttpStatus(status), `unexpected HTTP status ${status} from the server`, done);
      if (!type.startsWith('application/grpc'))
        return failed(GRPC.UNKNOWN, `unexpected content-type "${type}" from the server`, done);
      return failed(GRPC.UNKNOWN, 'the server ended the call without a status', done);
    }
    const reset = this.#stream.rstCode ?? constants.NGHTTP2_NO_ERROR;
    if (reset === constants.NGHTTP2_REFUSED_STREAM)
      return failed(GRPC.UNAVAILABLE, 'the server refused the stream', done, true);
    // A stream that never got an id never left this process.
    if (this.#session.destroyed || this.#session.closed) {
      return failed(
        GRPC.UNAVAILABLE,
        `the connection was lost${this.#error === '' ? '' : `: ${this.#error}`}`,
        done,
        this.#stream.id === undefined,
      );
    }
    return failed(codeOfReset(reset), `the server reset the stream with HTTP/2 error ${reset}`, done);
  }

  /** The first message of the response; empty if there is none. */
  #response(): Buffer {
    const bytes = Buffer.concat(this.#chunks, this.#size);
    if (bytes.length === 0) return bytes;
    if (bytes.length < 5) throw new Error('truncated message');
    const end = 5 + bytes.readUInt32BE(1);
    if (end > bytes.length) throw new Error('truncated message');
    const message = bytes.subarray(5, end);
    if (bytes[0] === 0) return message;
    return inflate(grpcEncoding(this.#headers?.['grpc-encoding']), message, RESPONSE_LIMIT);
  }
}

function grpcEncoding(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** grpc-timeout: at most 8 digits and a unit (m = milliseconds, S = seconds). `timeoutMs` > 0. */
export function grpcTimeout(timeoutMs: number): string {
  const ms = Math.ceil(timeoutMs);
  return ms < 100_000_000 ? `${ms}m` : `${Math.min(99_999_999, Math.ceil(ms / 1000))}S`;
}
