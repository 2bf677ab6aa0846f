/**
 * An OTLP destination for tests: a gRPC server on @grpc/grpc-js (raw buffers, so an implementation other than ours judges
 * our client) and an HTTP server on node:http, each on its own port of 127.0.0.1. It records every request decompressed
 * and answers as scripted.
 *
 *     const sink = await startOtlpSink();
 *     sink.script({ kind: 'grpc', code: 14, message: 'busy', retryDelayMs: 1000 });   // the next request, then ok again
 *     ... export to sink.grpcEndpoint or sink.httpUrl ...
 *     await sink.waitForRequests(2);
 *     await sink.close();
 *
 * gRPC encodings: identity, gzip, deflate (what grpc-js knows; it answers UNIMPLEMENTED to others: for those and for
 * frame-level misbehaviour use `raw-grpc-server.ts`). HTTP: gzip, deflate, zlib, zstd, snappy (block format).
 */
import type { SecureContextOptions } from 'node:tls';
import { listenGrpc } from './sink-grpc.ts';
import { listenHttp } from './sink-http.ts';
import { SocketDoor } from './socket-door.ts';

export type SinkSignal = 'traces' | 'metrics' | 'logs';

/** One request as the sink took it. */
export interface SinkRequest {
  readonly transport: 'grpc' | 'http';
  /** From the gRPC method or the HTTP path's last word; null for any other HTTP path. */
  readonly signal: SinkSignal | null;
  readonly path: string;
  /** The OTLP message without compression: protobuf, or JSON text when `contentType` says so. Its own copy. */
  readonly bytes: Buffer;
  /** Bytes of the body as they were on the wire; -1 for gRPC, where grpc-js does not tell. */
  readonly wireBytes: number;
  readonly contentType: string;
  /** content-encoding, '' if absent; '' for gRPC, where grpc-js does not tell (nor content-type and grpc-timeout). */
  readonly encoding: string;
  /** Lower-cased names; repeated values joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Number of the TCP connection it came on, counted from 1 per transport. */
  readonly connection: number;
}

/** What to do with one request. A `grpc` answer given to HTTP is sent as its status body, and the other way round by code 13. */
export type Answer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'grpc'; readonly code: number; readonly message: string; readonly retryDelayMs?: number }
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Buffer;
    }
  /** Never answered; ends with the client's cancellation or the sink's close. */
  | { readonly kind: 'hang' }
  /** Answered ok when the promise resolves. */
  | { readonly kind: 'held'; readonly until: Promise<void> }
  /** The TCP connection is destroyed. */
  | { readonly kind: 'reset' };

export interface SinkOptions {
  /** Both servers speak TLS with this certificate. */
  readonly tls?: SecureContextOptions & { readonly requestCert?: boolean };
}

/** Asked once per request, in order of arrival. */
export type Answerer = (request: SinkRequest) => Answer;

export class OtlpSink {
  /** Every request in order of arrival, whatever was answered. */
  readonly requests: SinkRequest[] = [];
  /** Requests answered ok or partial, or held to be answered ok, in order of arrival. */
  readonly accepted: SinkRequest[] = [];
  /** Answers for requests when the script is empty. */
  answerer: Answerer = () => ({ kind: 'ok' });
  /** `127.0.0.1:PORT` */
  readonly grpcEndpoint: string;
  /** `http://127.0.0.1:PORT` or https */
  readonly httpUrl: string;
  readonly #grpc: SocketDoor;
  readonly #http: SocketDoor;
  readonly #closers: readonly (() => void)[];
  readonly #script: Answer[] = [];
  #waiters: { readonly ready: () => boolean; readonly resolve: () => void }[] = [];

  /** The doors are open; use {@link startOtlpSink}. */
  constructor(grpc: SocketDoor, http: SocketDoor, options: SinkOptions) {
    this.#grpc = grpc;
    this.#http = http;
    const take = (request: SinkRequest): Answer => this.#take(request);
    this.#closers = [listenGrpc(grpc, take, options), listenHttp(http, take, options)];
    this.grpcEndpoint = `127.0.0.1:${grpc.port}`;
    this.httpUrl = `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${http.port}`;
  }

  /** Queues answers for the next requests of either transport. */
  script(...answers: readonly Answer[]): void {
    this.#script.push(...answers);
  }

  /** Records the request and says what to answer. */
  #take(request: SinkRequest): Answer {
    const answer = this.#script.shift() ?? this.answerer(request);
    this.requests.push(request);
    if (answer.kind === 'ok' || answer.kind === 'partial' || answer.kind === 'held') this.accepted.push(request);
    const waiting = this.#waiters;
    this.#waiters = waiting.filter((w) => !w.ready());
    for (const w of waiting) if (w.ready()) w.resolve();
    return answer;
  }

  /** Resolves when `condition` holds; it is looked at after each request. */
  async waitUntil(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => this.#waiters.push({ ready: condition, resolve }));
  }
  waitForRequests(count: number): Promise<void> {
    return this.waitUntil(() => this.requests.length >= count);
  }
  waitForAccepted(count: number): Promise<void> {
    return this.waitUntil(() => this.accepted.length >= count);
  }

  /** TCP connections accepted so far. */
  get grpcConnections(): number {
    return this.#grpc.accepted;
  }
  get httpConnections(): number {
    return this.#http.accepted;
  }

  /** Stops listening and destroys every connection: connecting is refused until {@link up}. */
  async down(): Promise<void> {
    await Promise.all([this.#grpc.down(), this.#http.down()]);
  }
  /** Listens on the same ports again. */
  async up(): Promise<void> {
    await Promise.all([this.#grpc.up(), this.#http.up()]);
  }
  /** Destroys the open connections and goes on listening. */
  dropConnections(): void {
    this.#grpc.dropConnections();
    this.#http.dropConnections();
  }
  async close(): Promise<void> {
    await this.down();
    for (const close of this.#closers) close();
  }
}

export async function startOtlpSink(options: SinkOptions = {}): Promise<OtlpSink> {
  const grpc = new SocketDoor();
  const http = new SocketDoor();
  await Promise.all([grpc.up(), http.up()]);
  return new OtlpSink(grpc, http, options);
}
