/**
 * The gRPC server: our own HTTP/2 (`net/http2`) on node:net and node:tls. A message goes from the socket's buffer to its
 * handler without becoming a stream, an event or an object per frame (docs/decisions/0010).
 */
import { createServer as createPlainServer, type Server as PlainServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { DEFAULT_MAX_FRAME_BYTES } from '#net/http2/frame.ts';
import { loadServerTls } from '#net/tls/load.ts';
import { reloadTls, type TlsReload } from '#net/tls/reload.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import type { GrpcServer, GrpcServerOptions } from '../grpc.ts';
import { bind, unbind } from '../listen.ts';
import { SilentSockets } from '../silent-sockets.ts';
import { GrpcConnection, type ServerContext } from './connection.ts';
import { Deadlines } from './deadlines.ts';

/** Bytes of a stream, and of a connection, that a client may send ahead. */
const WINDOW_BYTES = 1 << 20;
/**
 * Larger ones would spare those clients a copy that use them, but what is announced holds for HEADERS too: h2 and Netty cut a
 * header block only there, and h2spec takes any HEADERS frame above the default for a fault.
 */
const MAX_FRAME_BYTES = DEFAULT_MAX_FRAME_BYTES;
/** As much as Node's own bound for HTTP/1.1 here: room for tokens and for what proxies add. */
const MAX_HEADER_LIST_BYTES = 64 * 1024;

export class Http2GrpcServer implements GrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #context: ServerContext;
  readonly #connections = new Set<GrpcConnection>();
  readonly #raw = new SilentSockets();
  #listener: PlainServer | null = null;
  #reload: TlsReload | null = null;
  /** Set by the first `stop`: the last connection has ended. */
  #ended: Promise<void> | null = null;

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    const {
      clock,
      memory,
      maxMessageBytes,
      maxConcurrentStreams,
      methods,
      keepalive,
      onRefused,
      admit = () => null,
    } = options;
    const deadlines = new Deadlines(clock);
    this.#context = {
      settings: {
        windowBytes: WINDOW_BYTES,
        maxFrameBytes: MAX_FRAME_BYTES,
        maxHeaderListBytes: MAX_HEADER_LIST_BYTES,
        maxConcurrentStreams,
      },
      methods,
      keepalive,
      deadlines,
      clock,
      memory,
      maxMessageBytes,
      nowMs: () => clock.monotonicMs(),
      onRefused,
      admit,
      ended: (call) => deadlines.forget(call),
    };
  }

  start(): Promise<string> {
    const { tls, address, who } = this.#options;
    const accept = (socket: Socket): void => {
      const connection = new GrpcConnection(socket, tls !== null, this.#context);
      this.#connections.add(connection);
      void connection.closed.then(() => this.#connections.delete(connection));
    };
    this.#listener =
      tls === null ? createPlainServer({ noDelay: true, pauseOnConnect: true }, accept) : this.#secure(tls, accept);
    this.#raw.watch(this.#listener);
    return bind(this.#listener, address, who);
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#reload?.stop();
    if (this.#listener === null) return;
    const cancel = this.#options.clock.after(deadlineMs, () => {
      for (const connection of this.#connections) connection.destroy();
      this.#raw.destroyAll();
    });
    this.#ended ??= this.#end(this.#listener);
    await this.#ended;
    cancel();
  }

  async #end(listener: PlainServer): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (listener.listening) unbind(listener, resolve);
      else resolve();
    });
    this.#raw.destroySilent();
    for (const connection of this.#connections) connection.drain();
    await Promise.all([...this.#connections].map((connection) => connection.closed));
    this.#context.deadlines.stop();
    // What is left never finished its TLS handshake.
    this.#raw.destroyAll();
    await closed;
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
}
