/**
 * Fetches what lies behind a URL: redirects, authorization, proxies and TLS as the Prometheus HTTP client has them
 * (prometheus/common `config/http_config.go`), for what is polled by the configuration.
 *
 * Who the client is stays with the host that it was told to ask: a redirect to another host, or from https to http, is followed
 * without Authorization, Cookie and the secret headers.
 */
import type { Clock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { authorizer, type Authorizer, type HttpAuth } from './http-auth.ts';
import { HttpHop, statusText, type HopAnswer, type HopSettings } from './http-hop.ts';
import { parseHttpUrl, shownUrl } from './http-url.ts';

export interface FetchSettings extends HopSettings {
  readonly auth: HttpAuth;
  readonly followRedirects: boolean;
  /** Sent with every request; secret. */
  readonly secretHeaders: Readonly<Record<string, readonly string[]>>;
}

export interface FetchRequest {
  /** May hold user and password. */
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** '' = none. */
  readonly body: string;
  /** For everything together. */
  readonly timeoutMs: number;
  /** Of the answer. */
  readonly maxBytes: number;
}

/** As many as Go's client follows. */
const MAX_REDIRECTS = 10;
/** What tells who the client is. */
const PERSONAL: ReadonlySet<string> = new Set(['authorization', 'cookie', 'cookie2', 'host', 'www-authenticate']);

type Headers = Readonly<Record<string, string | readonly string[]>>;

export class HttpFetch {
  readonly #settings: FetchSettings;
  readonly #clock: Clock;
  readonly #hop: HttpHop;
  readonly #auth: Authorizer;

  constructor(settings: FetchSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#hop = new HttpHop(settings);
    this.#auth = authorizer(settings.auth, clock);
  }

  /**
   * The body of an answer with status 200. Rejects with a MillraceError that says what was asked, without passwords and query,
   * and why there is no such answer.
   */
  async fetch(request: FetchRequest, signal: AbortSignal): Promise<Buffer> {
    const timeout = new AbortController();
    const cancelTimer = this.#clock.after(request.timeoutMs, () => timeout.abort());
    try {
      return await this.#follow(request, AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      const why = timeout.signal.aborted && !signal.aborted ? `no answer within ${request.timeoutMs} ms` : null;
      if (why === null && !(error instanceof MillraceError)) throw error;
      throw new MillraceError(
        why === null ? (error as MillraceError).code : 'http_timeout',
        `${request.method} ${shownUrl(request.url)}: ${why ?? (error as MillraceError).message}`,
        { cause: error },
      );
    } finally {
      cancelTimer();
    }
  }

  async #follow(request: FetchRequest, signal: AbortSignal): Promise<Buffer> {
    const first = parseHttpUrl(request.url);
    let { url } = first;
    let method = request.method;
    let body = request.body === '' ? null : Buffer.from(request.body);
    const personal = await this.#personal(request.headers, first.authorization, signal);
    let isAtHome = true;
    let headers = lowerCased(request.headers);
    for (let redirects = 0; ; redirects++) {
      const sent = isAtHome ? { ...headers, ...personal } : headers;
      const answer = await this.#hop.send({ url, method, headers: sent, body, maxBytes: request.maxBytes, signal });
      const next = this.#settings.followRedirects ? redirectOf(answer, url) : null;
      if (next === null) return this.#contentOf(answer);
      if (redirects === MAX_REDIRECTS) throw new MillraceError('redirects', `more than ${MAX_REDIRECTS} redirects`);
      isAtHome &&= next.hostname === first.url.hostname && (next.protocol === 'https:' || url.protocol === 'http:');
      if (!isAtHome) headers = without(headers, PERSONAL);
      if (![307, 308].includes(answer.status) && method !== 'HEAD' && method !== 'GET') {
        method = 'GET';
        body = null;
        headers = without(headers, CONTENT);
      }
      url = next;
    }
  }

  /** What is sent to the host of the configuration alone. A configured Authorization comes first, then the URL's, as in Go. */
  async #personal(configured: Readonly<Record<string, string>>, ofUrl: string, signal: AbortSignal): Promise<Headers> {
    const secret: Record<string, string | readonly string[]> = {};
    for (const [name, values] of Object.entries(this.#settings.secretHeaders)) secret[name.toLowerCase()] = values;
    if ('authorization' in lowerCased(configured)) return secret;
    const authorization = ofUrl !== '' ? ofUrl : await this.#auth.header(signal);
    return authorization === '' ? secret : { ...secret, authorization };
  }

  #contentOf({ status, headers, body }: HopAnswer): Buffer {
    if (status === 200) return body;
    if (status === 401) this.#auth.refused();
    const location = status >= 300 && status < 400 ? headers['location'] : undefined;
    const to = typeof location === 'string' ? ` (a redirect, which is not followed)` : '';
    throw new MillraceError('http_status', `the answer is ${statusText(status)}, not 200 OK${to}`);
  }
}

/** Where an answer leads to; null: it is none that leads elsewhere. */
function redirectOf({ status, headers }: HopAnswer, from: URL): URL | null {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(status) || typeof location !== 'string' || location === '') return null;
  const to = URL.parse(location, from.href);
  if (to === null || (to.protocol !== 'http:' && to.protocol !== 'https:'))
    throw new MillraceError('redirects', 'a redirect leads to something that is no http or https URL');
  // Somebody else's words: they do not say who we are.
  to.username = '';
  to.password = '';
  return to;
}

const CONTENT: ReadonlySet<string> = new Set(['content-type', 'content-encoding', 'content-language']);

const lowerCased = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

const without = (
  headers: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name)));
