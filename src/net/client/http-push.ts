/**
 * Posts bytes to one URL over kept connections, with authorization, redirects, proxies and TLS as the Prometheus HTTP client has
 * them (prometheus/common `config/http_config.go`): for what pushes (Prometheus remote write, Loki).
 *
 * As Go's client: 307 and 308 are followed with the same body; after any other redirect there would be no body left to send, so
 * it is the answer. Who the client is stays with the host that it was told to ask.
 */
import type { Clock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import { authorizer, type Authorizer } from './http-auth.ts';
import { HttpClient } from './http.ts';
import type { HttpResult } from './http-exchange.ts';
import type { FetchSettings } from './http-fetch.ts';
import { parseHttpUrl, type HttpTarget } from './http-url.ts';
import { chosenProxy } from './proxy.ts';

/** As many as Go's client follows. */
const MAX_REDIRECTS = 10;
const PERSONAL: readonly string[] = ['authorization', 'cookie', 'cookie2', 'www-authenticate'];
/** Go's transport keeps an idle connection so long. */
const IDLE_MS = 300_000;

type Headers = Readonly<Record<string, string>>;

export class HttpPush {
  readonly #settings: FetchSettings;
  readonly #target: HttpTarget;
  readonly #clock: Clock;
  readonly #client: HttpClient;
  readonly #auth: Authorizer;
  readonly #closing = new AbortController();

  /**
   * Throws a MillraceError for a URL or TLS file that cannot be used. Connects with the first request; `connections`: most at a
   * time, 0 = a number that is large.
   */
  constructor(url: string, settings: FetchSettings, connections: number, log: Logger, clock: Clock) {
    this.#settings = settings;
    this.#target = parseHttpUrl(url);
    this.#clock = clock;
    this.#auth = authorizer(settings.auth, clock);
    this.#client = new HttpClient(
      {
        tls: this.#target.url.protocol === 'https:' || settings.followRedirects ? settings.tls : null,
        http2: settings.http2,
        http2PingMs: 0,
        maxConnections: connections,
        idleMs: IDLE_MS,
        keepAlive: true,
        cookies: false,
      },
      log,
      clock,
    );
  }

  /** `localhost:3100`, as metrics name the destination. */
  get host(): string {
    return this.#target.url.host;
  }

  /**
   * One POST of `body` with lower-cased `headers`, and what was answered in the end. The body must not change until the promise
   * has settled, nor after it unless the result says `bytesDone`. `timeoutMs` is for everything together; 0 = no limit. Never rejects.
   */
  async post(headers: Headers, body: readonly Buffer[], timeoutMs: number): Promise<HttpResult> {
    const endMs = this.#clock.monotonicMs() + timeoutMs;
    let personal: Headers;
    try {
      personal = await this.#personal(headers, timeoutMs);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return { kind: 'failure', timedOut: error.code === 'http_timeout', message: error.message, bytesDone: true };
    }
    let { url } = this.#target;
    let sent: Headers = { ...headers, ...personal };
    let bytesDone = true;
    for (let redirects = 0; ; redirects++) {
      const leftMs = timeoutMs === 0 ? 0 : Math.max(1, endMs - this.#clock.monotonicMs());
      const result = await this.#post(url, sent, body, leftMs);
      bytesDone &&= result.bytesDone;
      const next = this.#settings.followRedirects ? redirectOf(result, url) : null;
      if (result.kind === 'response' && result.status === 401) this.#auth.refused();
      if (next === null) return { ...result, bytesDone };
      if (redirects === MAX_REDIRECTS)
        return { kind: 'failure', timedOut: false, message: `more than ${MAX_REDIRECTS} redirects`, bytesDone };
      const isHome = next.hostname === this.#target.url.hostname;
      if (!isHome || (url.protocol === 'https:' && next.protocol === 'http:')) sent = this.#withoutPersonal(sent);
      url = next;
    }
  }

  /** Takes no new requests, lets those under way finish. */
  close(): Promise<void> {
    return this.#client.close();
  }

  /** Fails the requests under way. */
  destroy(): Promise<void> {
    this.#closing.abort();
    return this.#client.destroy();
  }

  async #post(url: URL, headers: Headers, body: readonly Buffer[], timeoutMs: number): Promise<HttpResult> {
    let proxy;
    try {
      proxy = chosenProxy(this.#settings.proxy, url);
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      return { kind: 'failure', timedOut: false, message: error.message, bytesDone: true };
    }
    return this.#client.post({ url, authorization: '', proxy }, headers, body, timeoutMs);
  }

  /** What is sent to the host of the configuration alone. A configured Authorization comes first, then the URL's, as in Go. */
  async #personal(configured: Headers, timeoutMs: number): Promise<Headers> {
    const secret: Record<string, string> = {};
    for (const [name, values] of Object.entries(this.#settings.secretHeaders))
      secret[name.toLowerCase()] = values.join(', ');
    if ('authorization' in configured) return secret;
    const authorization =
      this.#target.authorization !== '' ? this.#target.authorization : await this.#authorization(timeoutMs);
    return authorization === '' ? secret : { ...secret, authorization };
  }

  async #authorization(timeoutMs: number): Promise<string> {
    if (this.#settings.auth.kind !== 'oauth2') return this.#auth.header(this.#closing.signal);
    const timeout = new AbortController();
    const cancel = timeoutMs === 0 ? () => undefined : this.#clock.after(timeoutMs, () => timeout.abort());
    const signal = AbortSignal.any([timeout.signal, this.#closing.signal]);
    try {
      return await this.#auth.header(signal);
    } catch (error) {
      if (this.#closing.signal.aborted)
        throw new MillraceError('http_closed', 'the client was closed', { cause: error });
      if (timeout.signal.aborted)
        throw new MillraceError('http_timeout', `no access token within ${timeoutMs} ms`, { cause: error });
      throw error;
    } finally {
      cancel();
    }
  }

  #withoutPersonal(headers: Headers): Headers {
    const secret = Object.keys(this.#settings.secretHeaders).map((name) => name.toLowerCase());
    return Object.fromEntries(
      Object.entries(headers).filter(([name]) => !PERSONAL.includes(name) && !secret.includes(name)),
    );
  }
}

/** Where an answer leads to with the same body; null: nowhere. */
function redirectOf(result: HttpResult, from: URL): URL | null {
  if (result.kind === 'failure' || (result.status !== 307 && result.status !== 308)) return null;
  const { location } = result.headers;
  if (typeof location !== 'string' || location === '') return null;
  const to = URL.parse(location, from.href);
  if (to === null || (to.protocol !== 'http:' && to.protocol !== 'https:')) return null;
  // Somebody else's words: they do not say who we are.
  to.username = '';
  to.password = '';
  return to;
}
