/**
 * Cross-origin requests of browsers, answered as the Collector's CORS layer does (rs/cors; semantics 2.7): credentials are
 * always allowed, methods are GET, POST and HEAD, a preflight is answered with 204 before anything else is looked at.
 */
import type { Headers, HttpExchange } from '#net/server/http.ts';
import type { CorsArgs } from './schema.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'OPTIONS']);
const ALWAYS_ALLOWED = ['accept', 'accept-language', 'content-type', 'content-language'];

export interface CorsAnswer {
  /** true: the request is a preflight; answer 204 with `headers`. false: add `headers` to its answer. */
  readonly preflight: boolean;
  readonly headers: Headers;
}

export class Cors {
  readonly #anyOrigin: boolean;
  readonly #origins: readonly ((origin: string) => boolean)[];
  readonly #anyHeader: boolean;
  readonly #headers: ReadonlySet<string>;
  readonly #exposed: string;
  readonly #maxAge: string;

  constructor(args: CorsArgs) {
    this.#anyOrigin = args.allowed_origins.includes('*');
    this.#origins = args.allowed_origins.map(originMatcher);
    this.#anyHeader = args.allowed_headers.includes('*');
    this.#headers = new Set([...ALWAYS_ALLOWED, ...args.allowed_headers.map((name) => name.toLowerCase())]);
    this.#exposed = args.exposed_headers.join(', ');
    const maxAge = args.max_age ?? 0;
    this.#maxAge = maxAge > 0 ? String(maxAge) : maxAge < 0 ? '0' : '';
  }

  answer(exchange: HttpExchange): CorsAnswer {
    const asked = exchange.header('access-control-request-method');
    if (exchange.method === 'OPTIONS' && asked !== '')
      return { preflight: true, headers: this.#preflight(exchange, asked) };
    return { preflight: false, headers: this.#actual(exchange) };
  }

  #preflight(exchange: HttpExchange, method: string): Headers {
    const headers: [string, string][] = [
      ['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
    ];
    const origin = exchange.header('origin');
    const wanted = exchange.header('access-control-request-headers');
    if (!this.#allows(origin) || !METHODS.has(method) || !this.#allowsHeaders(wanted)) return headers;
    headers.push(
      ['Access-Control-Allow-Origin', this.#anyOrigin ? '*' : origin],
      ['Access-Control-Allow-Methods', method],
    );
    if (wanted !== '') headers.push(['Access-Control-Allow-Headers', wanted]);
    headers.push(['Access-Control-Allow-Credentials', 'true']);
    if (this.#maxAge !== '') headers.push(['Access-Control-Max-Age', this.#maxAge]);
    return headers;
  }

  #actual(exchange: HttpExchange): Headers {
    const headers: [string, string][] = [['Vary', 'Origin']];
    const origin = exchange.header('origin');
    if (!this.#allows(origin) || !METHODS.has(exchange.method)) return headers;
    headers.push(['Access-Control-Allow-Origin', this.#anyOrigin ? '*' : origin]);
    if (this.#exposed !== '') headers.push(['Access-Control-Expose-Headers', this.#exposed]);
    headers.push(['Access-Control-Allow-Credentials', 'true']);
    return headers;
  }

  #allows(origin: string): boolean {
    if (origin === '') return false;
    const lower = origin.toLowerCase();
    return this.#anyOrigin || this.#origins.some((matches) => matches(lower));
  }

  #allowsHeaders(list: string): boolean {
    if (this.#anyHeader || list === '') return true;
    return list.split(',').every((name) => name.trim() === '' || this.#headers.has(name.trim().toLowerCase()));
  }
}

/** An origin may hold one `*`, which stands for any characters, also none. */
function originMatcher(pattern: string): (origin: string) => boolean {
  const lower = pattern.toLowerCase();
  const star = lower.indexOf('*');
  if (star < 0) return (origin) => origin === lower;
  const head = lower.slice(0, star);
  const tail = lower.slice(star + 1);
  return (origin) => origin.length >= head.length + tail.length && origin.startsWith(head) && origin.endsWith(tail);
}
