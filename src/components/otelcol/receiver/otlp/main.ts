/** The receiver's sockets. Starts, re-binds what an update really changes, stops. */
import { isDeepStrictEqual } from 'node:util';
import { tlsServerSettings } from '#components/kit/blocks/tls.ts';
import type { CreateMainPart, MainContext, MainPart } from '#components/kit/component.ts';
import type { GrpcServer } from '#net/server/grpc.ts';
import { Http2GrpcServer } from '#net/server/grpc/server.ts';
import { createHttpServer } from '#net/server/http-driver.ts';
import type { HttpServer } from '#net/server/http.ts';
import { parseAddress, warnIfOpen } from '#net/server/listen.ts';
import { errorText } from '#shared/errors.ts';
import { ReceiverCounters } from './counters.ts';
import { admission, exportMethods } from './grpc.ts';
import { OtlpHttp } from './http.ts';
import type { Args, GrpcArgs, HttpArgs } from './schema.ts';

/** For requests in flight on a listener that an update closes. */
const UPDATE_DEADLINE_MS = 30_000;
const DEFAULT_MAX_MESSAGE_BYTES = 4 << 20;

type Server = GrpcServer | HttpServer;

type Protocol = 'grpc' | 'http';
const PROTOCOLS: readonly Protocol[] = ['grpc', 'http'];

/** What a listener is made of: `socket` are arguments that only a new one can take on. */
interface Wanted {
  readonly endpoint: string;
  readonly socket: unknown;
  readonly make: () => Server | Promise<Server>;
}

interface Listener extends Wanted {
  readonly server: Server;
}

export const create: CreateMainPart<Args> = (args, ctx) => new OtlpReceiver(args, ctx);

class OtlpReceiver implements MainPart<Args> {
  readonly #ctx: MainContext;
  readonly #grpcCounters: ReceiverCounters;
  readonly #httpCounters: ReceiverCounters;
  #args: Args;
  #http: OtlpHttp | null = null;
  readonly #listeners: Record<Protocol, Listener | null> = { grpc: null, http: null };
  /** Servers that listen no more and still answer what was in flight. */
  readonly #leaving = new Set<Server>();

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
        this.#ctx.log.warn('could not return to the previous listeners', { err: errorText(again) }),
      );
      throw error;
    }
  }

  vacate(args: Args | null): Promise<void> {
    const wanted = args === null ? NOTHING : this.#wanted(args);
    for (const protocol of this.#changing(wanted)) this.#close(protocol);
    return Promise.resolve();
  }

  async stop(deadlineMs: number): Promise<void> {
    for (const protocol of PROTOCOLS) this.#close(protocol, deadlineMs);
    // Those that an update closed had a deadline of their own.
    await Promise.all([...this.#leaving].map((server) => server.stop(deadlineMs)));
  }

  async #bringTo(args: Args): Promise<void> {
    this.#args = args;
    const { log } = this.#ctx;
    if (args.grpc === undefined && args.http === undefined)
      log.warn('neither a grpc nor an http block is present: nothing is received');
    const wanted = this.#wanted(args);
    if (!receives(args)) log.warn('output names no component: nothing is received');
    if (wanted.http !== null) {
      this.#http = new OtlpHttp(args.http as HttpArgs, this.#ctx.entry, this.#httpCounters);
      warnUselessCors(args.http as HttpArgs, log);
    }
    const changing = this.#changing(wanted);
    // A port can be bound when nobody has it, neither the same protocol nor the other; one that nobody wants is closed only when
    // the new one listens.
    const ports = changing.map((protocol) => portOf(wanted[protocol]?.endpoint ?? ''));
    for (const protocol of changing)
      if (ports.includes(portOf(this.#listeners[protocol]?.endpoint ?? ''))) this.#close(protocol);
    for (const protocol of changing) {
      const opened = await this.#open(protocol, wanted[protocol]);
      this.#close(protocol);
      this.#listeners[protocol] = opened;
    }
  }

  /** What of the arguments becomes listeners. Like the Collector, which makes a receiver only for signals with a consumer. */
  #wanted(args: Args): Record<Protocol, Wanted | null> {
    const { grpc, http } = receives(args) ? args : {};
    return {
      grpc:
        grpc === undefined
          ? null
          : {
              endpoint: grpc.endpoint,
              socket: { ...grpc, include_metadata: null },
              make: () => this.#grpcServer(grpc),
            },
      http:
        http === undefined
          ? null
          : { endpoint: http.endpoint, socket: socketArgs(http), make: () => this.#httpServer(http) },
    };
  }

  /** Protocols whose listener does not serve any more, or is to come. */
  #changing(wanted: Readonly<Record<Protocol, Wanted | null>>): Protocol[] {
    return PROTOCOLS.filter((protocol) => {
      const present = this.#listeners[protocol];
      return !isDeepStrictEqual(present?.socket ?? null, wanted[protocol]?.socket ?? null);
    });
  }

  async #open(protocol: Protocol, wanted: Wanted | null): Promise<Listener | null> {
    if (wanted === null) return null;
    const server = await wanted.make();
    try {
      const endpoint = await server.start();
      this.#ctx.log.info(`listening for OTLP over ${protocol === 'grpc' ? 'gRPC' : 'HTTP'}`, { endpoint });
    } catch (error) {
      await server.stop(0);
      throw error;
    }
    return { ...wanted, server };
  }

  /** Listens no more at once; requests in flight are answered meanwhile. */
  #close(protocol: Protocol, deadlineMs = UPDATE_DEADLINE_MS): void {
    const server = this.#listeners[protocol]?.server;
    this.#listeners[protocol] = null;
    if (server === undefined) return;
    this.#leaving.add(server);
    void server.stop(deadlineMs).then(() => this.#leaving.delete(server));
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
      admit: admission(entry, this.#grpcCounters),
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

const NOTHING: Readonly<Record<Protocol, Wanted | null>> = { grpc: null, http: null };

const receives = ({ output: { traces, metrics, logs } }: Args): boolean =>
  traces.length + metrics.length + logs.length > 0;

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
