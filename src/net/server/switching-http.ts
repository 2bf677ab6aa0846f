/**
 * An HTTP server that goes over from plain text to TLS, from one certificate to another, and back, while it listens. One
 * listener keeps the address; it hands each connection to the HTTP server as it is, or through a TLS server.
 *
 * Connections from before a switch get their present answer and no other one.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type Server as TcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { clientAuthOptions, isRefused, type ClientAuthType } from '#net/tls/client-auth.ts';
import { loadServerTls, type Loaded, type ServerTlsOptions } from '#net/tls/load.ts';
import { reloadTls, type TlsReload } from '#net/tls/reload.ts';
import type { TlsServerSettings } from '#net/tls/settings.ts';
import type { HttpServerOptions, StreamingExchange } from './http.ts';
import { bind } from './listen.ts';
import { NodeExchange, serverOptions } from './node-http.ts';
import { SilentSockets } from './silent-sockets.ts';

/** `clientAuth` decides over `settings.clientCa`, which may be absent. */
export interface SwitchedTls {
  readonly settings: TlsServerSettings;
  readonly clientAuth: ClientAuthType;
}

export interface SwitchingHttpOptions extends Omit<HttpServerOptions, 'tls' | 'handler'> {
  /** As {@link HttpServerOptions.handler}. */
  readonly handler: (exchange: StreamingExchange) => void;
}

interface Mode {
  /** null: plain text. */
  readonly tls: { readonly server: TlsServer; readonly reload: TlsReload } | null;
  /** Of what it was made; an equal one need not take its place. */
  readonly key: string;
}

export class SwitchingHttpServer {
  readonly #options: SwitchingHttpOptions;
  /** Never listens. */
  readonly #http: Server;
  readonly #listener: TcpServer;
  readonly #sockets = new SilentSockets();
  /** Of what the HTTP server got: raw sockets, and TLS sockets. */
  readonly #modes = new WeakMap<Socket, Mode>();
  #mode: Mode = { tls: null, key: '' };
  #stopping = false;

  constructor(options: SwitchingHttpOptions) {
    this.#options = options;
    this.#http = createHttpServer(serverOptions(options.timeouts));
    this.#http.timeout = options.timeouts.writeMs;
    this.#http.on('request', (req: IncomingMessage, res: ServerResponse) => {
      const closes = (): boolean => this.#stopping || !options.keepAlives || this.#modes.get(req.socket) !== this.#mode;
      options.handler(new NodeExchange(req, res, closes, options));
    });
    // What a node:http server does when it begins to listen: it watches over slow and idle connections from then on.
    this.#http.emit('listening');
    // As node:http makes its own.
    this.#listener = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    this.#sockets.watch(this.#listener);
  }

  /** Binds and accepts. Resolves with the bound address; rejects with a MillraceError. */
  async start(tls: SwitchedTls | null): Promise<string> {
    try {
      this.switchTo(tls);
      return await bind(this.#listener, this.#options.address, this.#options.who);
    } catch (thrown) {
      await this.stop(0);
      throw thrown;
    }
  }

  /**
   * New connections are made like this from now on; files are read again. Returns whether anything changed. Throws a
   * MillraceError when the settings cannot be used; everything stays as it is then.
   */
  switchTo(tls: SwitchedTls | null): boolean {
    const loaded = tls === null ? null : load(tls);
    const key = loaded === null ? '' : JSON.stringify([tls, loaded.digest]);
    if (key === this.#mode.key) return false;
    const before = this.#mode;
    this.#mode = { tls: tls === null || loaded === null ? null : this.#secure(tls, loaded), key };
    before.tls?.reload.stop();
    this.#http.closeIdleConnections();
    this.#sockets.destroySilent();
    return true;
  }

  /** Stops accepting, lets requests in flight be answered for at most `deadlineMs`, then closes every connection. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    this.#mode.tls?.reload.stop();
    // Ends idle connections and what it watches with; that it does not listen is no news.
    this.#http.close(() => {});
    if (!this.#listener.listening) return;
    const cancel = this.#options.clock.after(deadlineMs, () => this.#sockets.destroyAll());
    this.#sockets.destroySilent();
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    cancel();
  }

  #accept(socket: Socket): void {
    const mode = this.#mode;
    if (mode.tls === null) return this.#serve(socket, mode);
    socket.allowHalfOpen = false;
    mode.tls.server.emit('connection', socket);
  }

  #serve(socket: Socket, mode: Mode): void {
    this.#modes.set(socket, mode);
    this.#http.emit('connection', socket);
  }

  #secure(tls: SwitchedTls, loaded: Loaded<ServerTlsOptions>): NonNullable<Mode['tls']> {
    const { timeouts, clock, log } = this.#options;
    const { settings, clientAuth } = tls;
    const server = createTlsServer(
      { ...loaded.options, ALPNProtocols: ['http/1.1'], handshakeTimeout: timeouts.readHeaderMs },
      (socket) => {
        if (isRefused(clientAuth, socket)) socket.destroy();
        else this.#serve(socket, this.#modeOf(server));
      },
    );
    server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
    const reload = reloadTls(
      loaded,
      () => load(tls),
      (options) => server.setSecureContext(options),
      settings.reloadMs,
      clock,
      log,
    );
    return { server, reload };
  }

  /** A handshake may end after its mode has. */
  #modeOf(server: TlsServer): Mode {
    return this.#mode.tls?.server === server ? this.#mode : OVER;
  }
}

const OVER: Mode = { tls: null, key: 'over' };

function load({ settings, clientAuth }: SwitchedTls): Loaded<ServerTlsOptions> {
  const { options, digest } = loadServerTls(settings);
  return { options: { ...options, ...clientAuthOptions(clientAuth) }, digest };
}
