/**
 * The cookies of one HTTP client (a bounded part of RFC 6265, enough for a load balancer's affinity): name and value with
 * Domain, Path, Max-Age, Expires and Secure. At most LIMIT cookies, the oldest leaves first.
 */
import type { Clock } from '#shared/clock.ts';

const LIMIT = 64;
const LONGEST = 4096;

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** Lower case. `hostOnly`: exactly this host, else its subdomains, too. */
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since the epoch; Infinity = until the process ends. */
  readonly expires: number;
}

export class CookieJar {
  readonly #clock: Clock;
  /** By name, domain and path. */
  readonly #cookies = new Map<string, Cookie>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the Set-Cookie values of a response to `url`. What does not belong to that host is ignored. */
  take(url: URL, values: readonly string[]): void {
    for (const text of values) {
      const cookie = text.length > LONGEST ? null : parse(text, url, this.#clock.now());
      if (cookie === null) continue;
      const key = `${cookie.name};${cookie.domain};${cookie.path}`;
      this.#cookies.delete(key);
      if (cookie.expires > this.#clock.now()) this.#cookies.set(key, cookie);
      const oldest = this.#cookies.keys().next();
      if (this.#cookies.size > LIMIT && oldest.done !== true) this.#cookies.delete(oldest.value);
    }
  }

  /** The Cookie header of a request to `url`; '' = none. */
  header(url: URL): string {
    const now = this.#clock.now();
    const pairs: string[] = [];
    for (const [key, cookie] of this.#cookies) {
      if (cookie.expires <= now) this.#cookies.delete(key);
      else if (belongs(cookie, url)) pairs.push(`${cookie.name}=${cookie.value}`);
    }
    return pairs.join('; ');
  }
}

function belongs(cookie: Cookie, url: URL): boolean {
  const host = url.hostname.toLowerCase();
  const sameHost = host === cookie.domain || (!cookie.hostOnly && host.endsWith(`.${cookie.domain}`));
  const path = url.pathname;
  const samePath =
    path === cookie.path ||
    (path.startsWith(cookie.path) && (cookie.path.endsWith('/') || path[cookie.path.length] === '/'));
  return sameHost && samePath && (!cookie.secure || url.protocol === 'https:');
}

function parse(text: string, url: URL, now: number): Cookie | null {
  const [pair = '', ...attributes] = text.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  if (equals < 1 || name === '') return null;
  const host = url.hostname.toLowerCase();
  let domain = host;
  let hostOnly = true;
  let path = url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/')));
  let secure = false;
  let expires = Infinity;
  let maxAge: number | null = null;
  for (const attribute of attributes) {
    const at = attribute.indexOf('=');
    const key = (at < 0 ? attribute : attribute.slice(0, at)).trim().toLowerCase();
    const value = at < 0 ? '' : attribute.slice(at + 1).trim();
    if (key === 'secure') secure = true;
    else if (key === 'path' && value.startsWith('/')) path = value;
    else if (key === 'max-age' && /^-?\d+$/.test(value)) maxAge = Number(value);
    else if (key === 'expires' && !Number.isNaN(Date.parse(value))) expires = Date.parse(value);
    else if (key === 'domain' && value !== '') {
      domain = value.replace(/^\./, '').toLowerCase();
      hostOnly = false;
    }
  }
  // A domain of one label would be sent to a whole top-level domain.
  if (domain !== host && (!host.endsWith(`.${domain}`) || !domain.includes('.'))) return null;
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    domain,
    hostOnly,
    path,
    secure,
    expires: maxAge === null ? expires : now + maxAge * 1000,
  };
}
