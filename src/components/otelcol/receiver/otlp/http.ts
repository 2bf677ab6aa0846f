/**
 * OTLP/HTTP. The order of the checks and every body are those of semantics 2.2 to 2.5 (Collector receiver/otlpreceiver
 * otlphttp.go, config/confighttp).
 */
import type { ReceiverEntry } from '#components/kit/component.ts';
import { JsonError } from '#codec/otlp/json/error.ts';
import { jsonToProto } from '#codec/otlp/json/read.ts';
import { EMPTY_RESPONSE_JSON } from '#codec/otlp/response.ts';
import { encodeStatus, statusToJson, type RpcStatus } from '#codec/rpc/status.ts';
import { inflate, InflateError } from '#net/compression/inflate.ts';
import { TOO_MUCH_ARRIVING } from '#net/server/receive-memory.ts';
import type { BodyResult, Headers, HttpExchange } from '#net/server/http.ts';
import type { Metadata } from '#shared/metadata.ts';
import { GRPC, httpStatusOf, isAccepted, Outcome, statusOf } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import { Cors } from './cors.ts';
import type { ReceiverCounters } from './counters.ts';
import type { HttpArgs } from './schema.ts';

type Format = 'protobuf' | 'json';
const CONTENT_TYPE: Readonly<Record<Format, string>> = { protobuf: 'application/x-protobuf', json: 'application/json' };
const DEFAULT_LIMIT_BYTES = 20 << 20;
const NO_HEADERS: Headers = [];
const EMPTY = Buffer.alloc(0);
/** Go's net/http says so when a body is longer than its limit; senders search for it. */
const TOO_LARGE = 'http: request body too large';

/** What an answer takes. */
interface Answerable {
  readonly exchange: HttpExchange;
  readonly format: Format;
  readonly cors: Headers;
}

/** A request on its way: what is needed once its headers are gone. */
interface Pending extends Answerable {
  readonly signal: Signal;
  /** '' = not compressed. */
  readonly encoding: string;
  readonly metadata: Metadata | null;
}

export class OtlpHttp {
  readonly #entry: ReceiverEntry;
  readonly #counters: ReceiverCounters;
  readonly #limitBytes: number;
  readonly #encodings: ReadonlySet<string>;
  readonly #includeMetadata: boolean;
  readonly #cors: Cors | null;
  readonly #paths: readonly (readonly [path: string, signal: Signal])[];

  constructor(args: HttpArgs, entry: ReceiverEntry, counters: ReceiverCounters) {
    this.#entry = entry;
    this.#counters = counters;
    this.#limitBytes = args.max_request_body_size > 0 ? args.max_request_body_size : DEFAULT_LIMIT_BYTES;
    this.#encodings = new Set(args.compression_algorithms);
    this.#includeMetadata = args.include_metadata;
    this.#cors = args.cors.allowed_origins.length > 0 ? new Cors(args.cors) : null;
    this.#paths = [
      [rooted(args.traces_url_path), TRACES],
      [rooted(args.metrics_url_path), METRICS],
      [rooted(args.logs_url_path), LOGS],
    ];
  }

  handle(exchange: HttpExchange): void {
    let cors = NO_HEADERS;
    if (this.#cors !== null) {
      const answer = this.#cors.answer(exchange);
      if (answer.preflight) return exchange.answer(204, answer.headers, EMPTY);
      cors = answer.headers;
    }
    const contentType = exchange.header('content-type');
    // An empty list switches decompression off: bodies are taken as they are.
    const encoding = this.#encodings.size === 0 ? '' : exchange.header('content-encoding');
    if (this.#encodings.size > 0 && !this.#encodings.has(encoding)) {
      return this.#failEarly(exchange, cors, contentType, `unsupported Content-Encoding: ${encoding}`);
    }
    const signal = this.#signalOf(exchange.path);
    if (signal === null)
      return exchange.answer(
        404,
        [...cors, ['Content-Type', 'text/plain; charset=utf-8'], ['X-Content-Type-Options', 'nosniff']],
        '404 page not found\n',
      );
    if (exchange.method !== 'POST')
      return this.#failPlain(exchange, cors, 405, '405 method not allowed, supported: [POST]');
    const format = formatOf(contentType);
    if (format === null)
      return this.#failPlain(
        exchange,
        cors,
        415,
        '415 unsupported media type, supported: [application/json, application/x-protobuf]',
      );

    const refusal = this.#entry.admit(signal);
    if (refusal !== Outcome.accepted) {
      this.#counters.turnedAway();
      return this.#answerFailure({ exchange, format, cors }, refusal);
    }

    const metadata = this.#includeMetadata ? exchange.metadata() : null;
    const pending: Pending = { exchange, signal, format, encoding, metadata, cors };
    exchange.readBody(this.#limitBytes, (result) => this.#received(pending, result));
  }

  #received(pending: Pending, result: BodyResult): void {
    if (result === 'too_large') return this.#fail(pending, TOO_LARGE);
    if (result === 'no_memory') return this.#refuse(pending);
    let bytes = result;
    try {
      if (pending.encoding !== '') bytes = inflate(pending.encoding, bytes, this.#limitBytes);
      if (pending.format === 'json') bytes = jsonToProto(pending.signal, bytes);
    } catch (error) {
      if (error instanceof InflateError)
        return this.#fail(pending, error.reason === 'too_large' ? TOO_LARGE : error.message);
      if (error instanceof JsonError) return this.#fail(pending, error.message);
      throw error;
    }
    this.#entry.offer(pending.signal, bytes, pending.metadata, (outcome, items, detail) =>
      this.#settled(pending, outcome, items, detail),
    );
  }

  #settled(pending: Pending, outcome: Outcome, items: number, detail?: string): void {
    const { exchange, signal, format, cors } = pending;
    this.#counters.answered(signal, outcome, items);
    if (isAccepted(outcome)) {
      exchange.answer(
        200,
        [...cors, ['Content-Type', CONTENT_TYPE[format]]],
        format === 'json' ? EMPTY_RESPONSE_JSON : EMPTY,
      );
      return;
    }
    this.#answerFailure(pending, outcome, detail);
  }

  #answerFailure({ exchange, format, cors }: Answerable, outcome: Outcome, detail?: string): void {
    const { grpc, message: reason, retryAfterS } = statusOf(outcome);
    const message = detail === undefined ? reason : `${reason}: ${detail}`;
    const http = httpStatusOf(grpc);
    const wait = retryAfterS > 0 && (http === 429 || http === 503);
    const headers: Headers = wait ? [...cors, ['Retry-After', String(retryAfterS)]] : cors;
    answerStatus(exchange, http, format, headers, {
      code: grpc,
      message,
      retryDelayMs: retryAfterS > 0 ? retryAfterS * 1000 : null,
    });
  }

  /** Too much is arriving at once, over all receivers. */
  #refuse({ exchange, format, cors }: Pending): void {
    this.#counters.failed();
    answerStatus(exchange, 503, format, cors, {
      code: GRPC.UNAVAILABLE,
      message: TOO_MUCH_ARRIVING,
      retryDelayMs: null,
    });
  }

  /** Bad input that was found after the format was known. */
  #fail({ exchange, format, cors }: Pending, message: string): void {
    this.#counters.failed();
    answerStatus(exchange, 400, format, cors, { code: GRPC.INVALID_ARGUMENT, message, retryDelayMs: null });
  }

  /** Bad input that was found before: the answer's format follows the Content-Type; one that we do not know gets a fixed body. */
  #failEarly(exchange: HttpExchange, cors: Headers, contentType: string, message: string): void {
    this.#counters.failed();
    const format = contentType === '' ? 'json' : formatOf(contentType);
    if (format !== null)
      return answerStatus(exchange, 400, format, cors, { code: GRPC.INVALID_ARGUMENT, message, retryDelayMs: null });
    exchange.answer(
      500,
      [...cors, ['Content-Type', CONTENT_TYPE.json]],
      '{"code": 13, "message": "failed to marshal error message"}',
    );
  }

  #failPlain(exchange: HttpExchange, cors: Headers, status: number, text: string): void {
    this.#counters.failed();
    exchange.answer(status, [...cors, ['Content-Type', 'text/plain']], text);
  }

  /** A path that ends with a slash takes everything below it, as in Go's ServeMux. */
  #signalOf(path: string): Signal | null {
    for (const [wanted, signal] of this.#paths) {
      if (path === wanted || (wanted.endsWith('/') && path.startsWith(wanted)))
        return this.#entry.has(signal) ? signal : null;
    }
    return null;
  }
}

function answerStatus(exchange: HttpExchange, http: number, format: Format, headers: Headers, status: RpcStatus): void {
  exchange.answer(
    http,
    [...headers, ['Content-Type', CONTENT_TYPE[format]]],
    format === 'json' ? statusToJson(status) : encodeStatus(status),
  );
}

/** The media type without its parameters. */
function formatOf(contentType: string): Format | null {
  const end = contentType.indexOf(';');
  const media = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  return media === CONTENT_TYPE.protobuf ? 'protobuf' : media === CONTENT_TYPE.json ? 'json' : null;
}

const rooted = (path: string): string => (path.startsWith('/') ? path : `/${path}`);
