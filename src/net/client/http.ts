/**
 * An HTTP client on undici, for the POST requests of exporters: one pool of connections per origin, one attempt per call,
 * every failure a value. Redirects are not followed.
 *
 * HTTP/2 is offered in the TLS handshake where the settings ask for it; without TLS it is always HTTP/1.1, as in Go's client.
 */
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { loadClientTls, type ClientTlsOptions } from '#net/tls/load.ts';
import { reloadTls, type TlsReload } from '#net/tls/reload.ts';
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { Peer } from './connect-error.ts';
import { CookieJar } from './cookies.ts';
import { joinHostPort } from './grpc-target.ts';
import { openDispatcher, type HttpSettings } from './http-dispatcher.ts';
import { Exchange, Pieces, type HttpResult } from './http-exchange.ts';
import type { HttpTarget } from './http-url.ts';
import { bareHost, type Proxy } from './proxy.ts';

/** Its `authorization` is sent where the headers of a request hold none. */
export interface Destination extends HttpTarget {
  readonly proxy: Proxy | null;
}

export class HttpClient {
  readonly #settings: HttpSettings;
  readonly #clock: Clock;
  readonly #jar: CookieJar | null;
  readonly #reload: TlsReload | null;
  #tls: ClientTlsOptions | null;
  /** By proxy, '' = none: as many as the destinations have proxies. Each keeps a pool per origin. */
  #dispatchers = new Map<string, Dispatcher>();
  /** Ends of dispatchers that were replaced: as many as there are reloads within a request's timeout. */
  readonly #closing = new Set<Promise<void>>();
  /** As many as the callers have requests under way. */
  readonly #exchanges = new Set<Exchange>();
  #closed = false;

  /** Reads TLS files: throws a MillraceError. Connects with the first request. */
  constructor(settings: HttpSettings, log: Logger, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#jar = settings.cookies ? new CookieJar(clock) : null;
    const tls = settings.tls;
    const loaded = tls === null ? null : loadClientTls(tls);
    this.#tls = loaded?.options ?? null;
    this.#reload =
      loaded === null || tls === null
        ? null
        : reloadTls(
            loaded,
            () => loadClientTls(tls),
            (options) => this.#replace(options),
            tls.reloadMs,
            clock,
            log,
          );
  }

  /**
   * One POST of `body`, the pieces one behind the other, which must not change until the promise has settled, nor after it
   * unless the result says `bytesDone`. `timeoutMs` covers connecting, sending and the response; 0 = no limit. Never rejects.
   */
  post(
    { url, authorization, proxy }: Destination,
    configured: Readonly<Record<string, string>>,
    body: readonly Buffer[],
    timeoutMs: number,
  ): Promise<HttpResult> {
    if (this.#closed)
      return Promise.resolve({ kind: 'failure', timedOut: false, message: 'the client was closed', bytesDone: true });
    const headers: Record<string, string> = { ...configured };
    if (authorization !== '') headers['authorization'] ??= authorization;
    const cookie = this.#jar?.header(url) ?? '';
    if (cookie !== '') headers['cookie'] = cookie;
    const pieces = body.length === 1 ? null : new Pieces(body);
    if (pieces !== null) headers['content-length'] = String(body.reduce((sum, piece) => sum + piece.length, 0));
    return new Promise((resolve) => {
      const exchange = new Exchange(peerOf(url, proxy), pieces, (result) => {
        cancelTimer();
        this.#exchanges.delete(exchange);
        const setCookie = result.kind === 'response' ? result.headers['set-cookie'] : undefined;
        if (setCookie !== undefined) this.#jar?.take(url, typeof setCookie === 'string' ? [setCookie] : setCookie);
        resolve(result);
      });
      this.#exchanges.add(exchange);
      const cancelTimer =
        timeoutMs > 0 ? this.#clock.after(timeoutMs, () => exchange.timeout(timeoutMs)) : () => undefined;
      try {
        this.#dispatcher(proxy).dispatch(
          {
            origin: url.origin,
            path: url.pathname + url.search,
            method: 'POST',
            headers,
            // undici's manual allows any iterable here, its types do not.
            body: pieces === null ? body[0] : (pieces as unknown as Readable),
            headersTimeout: 0,
            bodyTimeout: 0,
          },
          exchange,
        );
      } catch (error) {
        exchange.fail(error);
      }
    });
  }

  /** Takes no new requests, lets those under way finish. */
  async close(): Promise<void> {
    this.#stop();
    await Promise.all([...this.#dispatchers.values()].map((d) => d.close()).concat(...this.#closing));
  }

  /** Fails the requests under way. */
  async destroy(): Promise<void> {
    this.#stop();
    // A dispatcher of undici that is being closed no longer knows its requests.
    for (const exchange of this.#exchanges) exchange.cancel();
    await Promise.all([...this.#dispatchers.values()].map((d) => d.destroy()));
  }

  #stop(): void {
    this.#closed = true;
    this.#reload?.stop();
  }

  /** New requests use the new material; those under way finish on the old connections. */
  #replace(tls: ClientTlsOptions): void {
    this.#tls = tls;
    const old = [...this.#dispatchers.values()];
    this.#dispatchers = new Map();
    for (const dispatcher of old) {
      const closing = dispatcher.close().then(() => void this.#closing.delete(closing));
      this.#closing.add(closing);
    }
  }

  #dispatcher(proxy: Proxy | null): Dispatcher {
    const key = proxy === null ? '' : JSON.stringify(proxy);
    let dispatcher = this.#dispatchers.get(key);
    if (dispatcher === undefined)
      this.#dispatchers.set(key, (dispatcher = openDispatcher(this.#settings, this.#tls, proxy)));
    return dispatcher;
  }
}

function peerOf(url: URL, proxy: Proxy | null): Peer {
  const tls = url.protocol === 'https:';
  const name = joinHostPort(bareHost(url.hostname), Number(url.port) || (tls ? 443 : 80));
  // undici does not tell which of two TLS handshakes failed.
  const either = proxy?.tls === true ? `${name} or its proxy ${joinHostPort(proxy.host, proxy.port)}` : name;
  return { name: either, tls, plain: `write http://${name}` };
}
