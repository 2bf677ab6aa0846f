/**
 * The one door to undici: pools of connections, direct or through a proxy, from an exporter's settings.
 *
 * A direct connection tells each request the socket that it is written to. Nothing else in undici says so, and only the socket
 * knows when the last byte has left (`http-exchange.ts`).
 */
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Agent, buildConnector, Client, Pool, ProxyAgent, type Dispatcher } from 'undici';
import type { ClientTlsOptions } from '#net/tls/load.ts';
import type { TlsClientSettings } from '#net/tls/settings.ts';
import { joinHostPort } from './grpc-target.ts';
import { ContinueFilter } from './http-continue.ts';
import { Exchange } from './http-exchange.ts';
import { bareHost, type Proxy } from './proxy.ts';

export interface HttpSettings {
  /** For https URLs. null = there are none: nothing is read; an https URL would be verified by Node's own authorities. */
  readonly tls: TlsClientSettings | null;
  /** Offer HTTP/2 for https URLs. */
  readonly http2: boolean;
  /** Milliseconds between HTTP/2 pings, which drop a connection that does not answer; 0 = none. */
  readonly http2PingMs: number;
  /** Most connections per origin; 0 = {@link DEFAULT_CONNECTIONS}. Requests beyond it wait for one. */
  readonly maxConnections: number;
  /** Milliseconds an unused connection is kept; 0 = as long as the server keeps it. */
  readonly idleMs: number;
  /** false: a connection per request. */
  readonly keepAlive: boolean;
  readonly cookies: boolean;
  /** How long a connection may take to be made, and what ends the making. */
  readonly connecting?: { readonly timeoutMs: number; readonly signal: AbortSignal };
  /** Unix socket to connect to instead of the host of the URL. Never through a proxy. */
  readonly socketPath?: string | undefined;
}

export const DEFAULT_CONNECTIONS = 128;
const CONNECT_TIMEOUT_MS = 30_000; // Go's default dialler
const LONG_IDLE_MS = 2 ** 31 - 1;

type Connect = buildConnector.connector;

/** Pools of connections, one per origin, as the settings want them. */
export function openDispatcher(settings: HttpSettings, tls: ClientTlsOptions | null, proxy: Proxy | null): Dispatcher {
  const idleMs = settings.idleMs > 0 ? settings.idleMs : LONG_IDLE_MS;
  const options: Agent.Options = {
    connections: settings.maxConnections > 0 ? settings.maxConnections : DEFAULT_CONNECTIONS,
    // 0 closes each connection after its request.
    pipelining: settings.keepAlive ? 1 : 0,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    allowH2: settings.http2,
    h2Options: { pingInterval: settings.http2PingMs },
  };
  if (proxy === null) return directAgent(options, connector(tls, settings));
  return new ProxyAgent({
    ...options,
    uri: `${proxy.tls ? 'https' : 'http'}://${joinHostPort(proxy.host, proxy.port)}`,
    connectTimeout: settings.connecting?.timeoutMs ?? CONNECT_TIMEOUT_MS,
    ...(proxy.connectHeaders === undefined ? {} : { headers: copyOf(proxy.connectHeaders) }),
    ...(proxy.authorization === '' ? {} : { token: proxy.authorization }),
    ...(tls === null ? {} : { requestTls: { ...tls, allowH2: settings.http2 } }),
  });
}

/** undici derives the name to verify from the Host header; we verify the name that the settings or the URL give. */
function connector(tls: ClientTlsOptions | null, { http2, connecting, socketPath }: HttpSettings): Connect {
  const timeout = connecting?.timeoutMs ?? CONNECT_TIMEOUT_MS;
  const connect = buildConnector({
    ...tls,
    allowH2: http2,
    timeout,
    ...(socketPath === undefined ? {} : { socketPath }),
  });
  return (options, done) => {
    const host = bareHost(options.hostname);
    // No SNI for addresses (RFC 6066 3): node then verifies the address itself.
    const servername = tls?.servername ?? (isIP(host) === 0 ? host : '');
    // undici returns the socket that is connecting, which its types do not say.
    const socket = connect({ ...options, servername }, done) as unknown as Socket | undefined;
    if (connecting === undefined || socket === undefined) return;
    // undici would wait for the connection before it destroys it.
    const end = (): void => void socket.destroy();
    connecting.signal.addEventListener('abort', end, { once: true });
    socket.once('close', () => connecting.signal.removeEventListener('abort', end));
  };
}

const copyOf = (headers: Readonly<Record<string, readonly string[]>>): Record<string, string | string[]> =>
  Object.fromEntries(Object.entries(headers).map(([name, values]) => [name.toLowerCase(), [...values]]));

/** An Agent whose connections are made by `connect` and know their socket. */
function directAgent(options: Agent.Options, connect: Connect): Agent {
  return new Agent({
    ...options,
    factory: (origin, poolOptions: Pool.Options) =>
      new Pool(origin, {
        ...poolOptions,
        factory: (url, clientOptions: Client.Options) => new HttpConnection(url, clientOptions, connect),
      }),
  });
}

/** The socket of a connection as it is now; null before the first and for HTTP/2. */
interface Line {
  readonly socket: Socket;
  readonly filter: ContinueFilter;
}

/** One connection at a time, as undici's Client is. */
class HttpConnection extends Client {
  readonly #now: { line: Line | null };

  constructor(origin: string | URL, options: Client.Options, connect: Connect) {
    const now: { line: Line | null } = { line: null };
    super(origin, {
      ...options,
      connect: (target, done) =>
        connect(target, (...[error, socket]) => {
          // Over HTTP/2 several requests share the socket, and the session writes past its queue.
          now.line = error !== null || isHttp2(socket) ? null : { socket, filter: new ContinueFilter(socket) };
          if (error === null) done(null, socket);
          else done(error, null);
        }),
    });
    this.#now = now;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Exchange) {
      handler.startOn = () => {
        this.#now.line?.filter.expect();
        return this.#now.line?.socket ?? null;
      };
    }
    return super.dispatch(options, handler);
  }
}

const isHttp2 = (socket: Socket | TLSSocket): boolean => 'alpnProtocol' in socket && socket.alpnProtocol === 'h2';
