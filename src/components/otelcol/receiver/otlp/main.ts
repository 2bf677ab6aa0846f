/** The receiver's sockets. Starts, re-binds what an update really changes, stops. */
import { isDeepStrictEqual } from 'node:util';
import { tlsServerSettings } from '#components/kit/blocks/tls.ts';
import type { CreateMainPart, MainContext, MainPart } from '#components/kit/component.ts';
import { Http2GrpcServer } from '#net/server/grpc/server.ts';
import { createHttpServer } from '#net/server/http-driver.ts';
import { parseAddress, warnIfOpen } from '#net/server/listen.ts';
import { ReceiverCounters } from './counters.ts';
import { exportMethods } from './grpc.ts';
import { OtlpHttp } from './http.ts';
import type { Args, GrpcArgs, HttpArgs } from './schema.ts';

/** For requests in flight when an update moves their listener. */
const UPDATE_DEADLINE_MS = 5_000;
const DEFAULT_MAX_MESSAGE_BYTES = 4 << 20;

interface Server {
  start(): Promise<string>;
  stop(deadlineMs: number): Promise<void>;
}

/** Arguments that only a new listener can take on, and the listener that has them. */
interface Listener {
  readonly endpoint: string;
  readonly socket: unknown;
  readonly server: Server;
}

export const create: CreateMainPart<Args> = (args, ctx) => new OtlpReceiver(args, ctx);

class OtlpReceiver implements MainPart<Args> {
  readonly #ctx: MainContext;
  readonly #grpcCounters: ReceiverCounters;
  readonly #httpCounters: ReceiverCounters;
  #args: Args;
  #http: OtlpHttp | null = null;
  #grpcListener: Listener | null = null;
  #httpListener: Listener | null = null;

  constructor(args: Args, ctx: MainContext) {
    this.#args = args;
    this.#ctx = ctx;
    this.#grpcCounters = new ReceiverCounters(ctx.meter, ctx.id, 'grpc');
    this.#httpCounters = new ReceiverCounters(ctx.meter, ctx.id, 'http');
  }

  async start(): Promise<void> {
    await this.#bringTo(this.#args);
  }

  async update(args: Args): Promise<void> {
    const before = this.#args;
    try {
      await this.#bringTo(args);
    } catch (error) {
      // What could not be bound must not take down what was working.
      await this.#bringTo(before).catch((again: unknown) =>
        this.#ctx.log.error('could not return to the previous listeners', { err: String(again) }),
      );
      throw error;
    }
  }

  async stop(deadlineMs: number): Promise<void> {
    const servers = [this.#grpcListener, this.#httpListener];
    this.#grpcListener = null;
    this.#httpListener = null;
    await Promise.all(servers.map((listener) => listener?.server.stop(deadlineMs)));
  }

  async #bringTo(args: Args): Promise<void> {
    this.#args = args;
    const { log } = this.#ctx;
    if (args.grpc === undefined && args.http === undefined)
      log.warn('neither a grpc nor an http block is present: nothing is received');
    const { traces, metrics, logs } = args.output;
    // Like the Collector, which makes a receiver only for signals with a consumer.
    const wanted = traces.length + metrics.length + logs.length > 0;
    if (!wanted) log.warn('output names no component: nothing is received');
    const { grpc, http } = wanted ? args : {};

    this.#http = http === undefined ? null : new OtlpHttp(http, this.#ctx.entry, this.#httpCounters);
    if (http !== undefined) warnUselessCors(http, log);
    this.#grpcListener = await this.#place(
      this.#grpcListener,
      grpc?.endpoint ?? '',
      grpc === undefined ? null : { ...grpc, include_metadata: null },
      () => this.#grpcServer(grpc as GrpcArgs),
      'gRPC',
    );
    this.#httpListener = await this.#place(
      this.#httpListener,
      http?.endpoint ?? '',
      http === undefined ? null : socketArgs(http),
      () => this.#httpServer(http as HttpArgs),
      'HTTP',
    );
  }

  /** Keeps `present` when it serves, else replaces it; `socket` null means that no listener is wanted. */
  async #place(
    present: Listener | null,
    endpoint: string,
    socket: unknown,
    make: () => Server | Promise<Server>,
    protocol: string,
  ): Promise<Listener | null> {
    if (present !== null && isDeepStrictEqual(present.socket, socket)) return present;
    // A port can be bound again only when it is free; another one is bound first, so that nothing is missed.
    const moves = present !== null && socket !== null && portOf(present.endpoint) !== portOf(endpoint);
    if (present !== null && !moves) {
      this.#forget(present);
      await present.server.stop(UPDATE_DEADLINE_MS);
    }
    if (socket === null) return null;
    const server = await make();
    try {
      this.#ctx.log.info(`listening for OTLP over ${protocol}`, { endpoint: await server.start() });
    } catch (error) {
      await server.stop(0);
      throw error;
    }
    if (moves) await present.server.stop(UPDATE_DEADLINE_MS);
    return { endpoint, socket, server };
  }

  #forget(listener: Listener): void {
    if (this.#grpcListener === listener) this.#grpcListener = null;
    if (this.#httpListener === listener) this.#httpListener = null;
  }

  #grpcServer(args: GrpcArgs): Server {
    const { id: who, log, clock, entry, receive, share } = this.#ctx;
    const address = parseAddress(args.endpoint, args.transport, share?.('grpc'));
    warnIfOpen(address, args.tls !== undefined, log);
    const { server_parameters: server, enforcement_policy: policy } = args.keepalive;
    return new Http2GrpcServer({
      who,
      address,
      tls: args.tls === undefined ? null : tlsServerSettings(args.tls),
      methods: exportMethods(entry, this.#grpcCounters, () => this.#args.grpc?.include_metadata === true),
      maxMessageBytes: args.max_recv_msg_size > 0 ? args.max_recv_msg_size : DEFAULT_MAX_MESSAGE_BYTES,
      maxConcurrentStreams: args.max_concurrent_streams ?? 0,
      keepalive: {
        maxConnectionIdleMs: server.max_connection_idle ?? 0,
        maxConnectionAgeMs: server.max_connection_age ?? 0,
        maxConnectionAgeGraceMs: server.max_connection_age_grace ?? 0,
        timeMs: server.time,
        timeoutMs: server.timeout,
        minTimeMs: policy.min_time,
        permitWithoutStream: policy.permit_without_stream,
      },
      memory: receive,
      onRefused: () => this.#grpcCounters.failed(),
      log,
      clock,
    });
  }

  async #httpServer(args: HttpArgs): Promise<Server> {
    const { id: who, log, clock, flags, share, receive } = this.#ctx;
    const address = parseAddress(args.endpoint, 'tcp', share?.('http'));
    warnIfOpen(address, args.tls !== undefined, log);
    return createHttpServer(flags.httpDriver, {
      who,
      address,
      tls: args.tls === undefined ? null : tlsServerSettings(args.tls),
      timeouts: {
        idleMs: args.idle_timeout,
        readHeaderMs: args.read_header_timeout,
        readMs: args.read_timeout ?? 0,
        writeMs: args.write_timeout,
      },
      keepAlives: args.keep_alives_enabled,
      handler: (exchange) => this.#http?.handle(exchange),
      memory: receive,
      log,
      clock,
    });
  }
}

/** The port's digits; a socket's path as it is. */
const portOf = (endpoint: string): string => /:(\d+)$/.exec(endpoint)?.[1] ?? endpoint;

/** The rest is in `OtlpHttp`, which an update replaces without touching a socket. */
function socketArgs(args: HttpArgs): unknown {
  const { endpoint, tls, idle_timeout, read_timeout, read_header_timeout, write_timeout, keep_alives_enabled } = args;
  return { endpoint, tls, idle_timeout, read_timeout, read_header_timeout, write_timeout, keep_alives_enabled };
}

function warnUselessCors({ cors }: HttpArgs, log: MainContext['log']): void {
  if (
    cors.allowed_origins.length > 0 ||
    (cors.allowed_headers.length === 1 && cors.allowed_headers[0] === 'X-Requested-With')
  )
    return;
  if (cors.allowed_headers.length > 0) log.warn('cors.allowed_headers has no effect without cors.allowed_origins');
}
