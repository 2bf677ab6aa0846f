/**
 * The gRPC server on @grpc/grpc-js. Listener and TLS are ours (the same code as for HTTP); sockets are injected into the
 * package's server. Messages are inflated here, in one synchronous step.
 */
import { Metadata, Server, ServerCredentials, ServerInterceptingCall, status } from '@grpc/grpc-js';
import type { sendUnaryData, ServerInterceptingCallInterface, ServerUnaryCall } from '@grpc/grpc-js';
import type { ServerHttp2Session } from 'node:http2';
import { createServer as createPlainServer, type Server as PlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inflate, InflateError } from '#net/compression/inflate.ts';
import { loadServerTls } from '#net/tls/load.ts';
import { reloadTls, type TlsReload } from '#net/tls/reload.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import { http2ServerOf, replaceDecompress } from './grpc-js-inside.ts';
import type { GrpcCall, GrpcHandler, GrpcServer, GrpcServerOptions } from './grpc.ts';
import { bind } from './listen.ts';
import { enforcePings } from './ping-policy.ts';
import { SilentSockets } from './silent-sockets.ts';

/** Bytes of a stream, and of a connection, that a client may send ahead. */
const WINDOW_BYTES = 1 << 20;

/** Time for a client to read its last answer before its connection is cut. */
const LINGER_MS = 500;

/** gRPC's names for what `inflate` knows: "snappy" is the framed format, "deflate" zlib's (gRPC compression spec). */
const ENCODINGS: ReadonlyMap<string, string> = new Map([
  ['gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['zstd', 'zstd'],
  ['snappy', 'x-snappy-framed'],
]);
const ACCEPT_ENCODING = ['identity', ...ENCODINGS.keys()].join(',');

export class GrpcJsServer implements GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #grpc: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #raw = new SilentSockets();
  #listener: PlainServer | null = null;
  #reload: TlsReload | null = null;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#grpc = new Server({ ...channelOptions(options), interceptors: [(_method, call) => this.#intercept(call)] });
    for (const [path, handler] of options.methods) this.#grpc.register(path, unary(handler), same, same, 'unary');
  }

  start(): Promise<string> {
    const { tls, address, who, keepalive, clock, maxConcurrentStreams } = this.#options;
    const injector = this.#grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const http2 = http2ServerOf(this.#grpc);
    http2.updateSettings({
      initialWindowSize: WINDOW_BYTES,
      ...(maxConcurrentStreams > 0 ? { maxConcurrentStreams } : {}),
    });
    http2.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      session.setLocalWindowSize(WINDOW_BYTES);
      enforcePings(
        session,
        { minTimeMs: keepalive.minTimeMs || 300_000, permitWithoutStream: keepalive.permitWithoutStream },
        clock,
      );
    });
    const accept = (socket: Socket): void => {
      this.#sockets.add(socket);
      // The session reports errors of its socket; this one is for what comes before and after it.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    };
    this.#listener = tls === null ? createPlainServer({ noDelay: true }, accept) : this.#secure(tls, accept);
    this.#raw.watch(this.#listener);
    return bind(this.#listener, address, who);
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#reload?.stop();
    const listener = this.#listener;
    if (listener === null) return;
    this.#listener = null;
    const closed = new Promise<void>((resolve) => {
      if (listener.listening) listener.close(() => resolve());
      else resolve();
    });
    const cancel = this.#options.clock.after(deadlineMs, () => {
      for (const session of this.#sessions) session.destroy();
      // A session that was already closing only ends its socket and would wait for the client.
      for (const socket of this.#sockets) socket.destroy();
      this.#raw.destroyAll();
    });
    this.#raw.destroySilent();
    const lingering = [...this.#sockets].map((socket) => this.#destroySoonAfterEnd(socket));
    // Not the package's tryShutdown: on Node 24 it resolves before the last call is answered.
    await Promise.all([...this.#sessions].map(closeSession));
    for (const end of lingering) end();
    cancel();
    this.#grpc.forceShutdown();
    // What is left has no session: connections that never spoke HTTP/2.
    for (const socket of this.#sockets) socket.destroy();
    // Nor has a TLS handshake that was never finished.
    this.#raw.destroyAll();
    await closed;
  }

  /** A session whose calls are answered ends its socket; a client that keeps its side open must not hold up the rest. */
  #destroySoonAfterEnd(socket: Socket): () => void {
    let cancel = (): void => {};
    socket.once('finish', () => (cancel = this.#options.clock.after(LINGER_MS, () => socket.destroy())));
    return () => cancel();
  }

  #secure(tls: TlsServerSettings, accept: (socket: Socket) => void): PlainServer {
    const { clock, log } = this.#options;
    const loaded = loadServerTls(tls);
    const server = createTlsServer({ ...loaded.options, ALPNProtocols: ['h2'], noDelay: true }, accept);
    // A failed handshake ends its own connection and concerns nobody else.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#reload = reloadTls(
      loaded,
      () => loadServerTls(tls),
      (options) => server.setSecureContext(options),
      tls.reloadMs,
      clock,
      log,
    );
    return server;
  }

  #intercept(call: ServerInterceptingCallInterface): ServerInterceptingCall {
    replaceDecompress(call, (framed, encoding) => this.#decompress(framed, encoding));
    return new ServerInterceptingCall(call, {
      sendMetadata(metadata, next) {
        metadata.set('grpc-accept-encoding', ACCEPT_ENCODING);
        next(metadata);
      },
    });
  }

  #decompress(framed: Buffer, encoding: string): Buffer {
    const message = framed.subarray(5);
    if (framed[0] === 0) return message;
    if (encoding === 'identity') {
      this.#options.onRefused();
      throw new Refusal(status.INTERNAL, 'a message is marked as compressed, but the call names no compression');
    }
    try {
      return inflate(ENCODINGS.get(encoding) ?? `${encoding} (gRPC)`, message, this.#options.maxMessageBytes);
    } catch (error) {
      if (!(error instanceof InflateError)) throw error;
      this.#options.onRefused();
      throw refusal(error, encoding);
    }
  }
}

/** What grpc-js sends as the status of a call whose message could not be inflated: it reads these three properties. */
class Refusal extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata = new Metadata();
  constructor(code: status, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

function refusal({ reason, message }: InflateError, encoding: string): Refusal {
  if (reason === 'too_large') return new Refusal(status.RESOURCE_EXHAUSTED, message);
  if (reason === 'corrupt') return new Refusal(status.INTERNAL, `cannot inflate the message: ${message}`);
  const unknown = new Refusal(status.UNIMPLEMENTED, `compression "${encoding}" is not supported`);
  unknown.metadata.set('grpc-accept-encoding', ACCEPT_ENCODING);
  return unknown;
}

function channelOptions({ keepalive, maxMessageBytes }: GrpcServerOptions): Record<string, number> {
  const options: Record<string, number> = {
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.enable_channelz': 0,
  };
  const set = (name: string, ms: number): void => {
    if (ms > 0) options[name] = ms;
  };
  set('grpc.max_connection_idle_ms', keepalive.maxConnectionIdleMs);
  set('grpc.max_connection_age_ms', keepalive.maxConnectionAgeMs);
  set('grpc.max_connection_age_grace_ms', keepalive.maxConnectionAgeGraceMs);
  set('grpc.keepalive_time_ms', keepalive.timeMs || 2 * 3600_000);
  set('grpc.keepalive_timeout_ms', keepalive.timeoutMs || 20_000);
  return options;
}

/** Sends GOAWAY; resolves when the calls in flight are answered. */
function closeSession(session: ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    session.once('close', resolve);
    session.close();
  });
}

const same = (bytes: Buffer): Buffer => bytes;

function unary(handler: GrpcHandler) {
  return (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void => {
    try {
      handler(call.request, new Call(call, done));
    } catch (bug) {
      // grpc-js would answer UNKNOWN and go on; a bug must be seen, as it is in every other callback.
      queueMicrotask(() => {
        throw bug;
      });
      throw bug;
    }
  };
}

class Call implements GrpcCall {
  readonly #call: ServerUnaryCall<Buffer, Buffer>;
  readonly #done: sendUnaryData<Buffer>;

  constructor(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    this.#call = call;
    this.#done = done;
  }

  metadata(): Map<string, readonly string[]> {
    const all = new Map<string, readonly string[]>();
    const { metadata } = this.#call;
    for (const name of Object.keys(metadata.getMap())) {
      all.set(
        name,
        metadata.get(name).map((value) => (typeof value === 'string' ? value : value.toString('latin1'))),
      );
    }
    const host = this.#call.getHost();
    if (host !== '' && !all.has('host')) all.set('host', [host]);
    return all;
  }

  reply(response: Buffer): void {
    this.#done(null, response);
  }

  fail(code: number, message: string, details?: Buffer): void {
    const metadata = new Metadata();
    if (details !== undefined) metadata.set('grpc-status-details-bin', details);
    this.#done({ code, details: message, metadata });
  }
}
