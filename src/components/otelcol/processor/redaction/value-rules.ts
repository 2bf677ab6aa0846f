/** What becomes of a value because of what it says. Texts that come again are known by their bytes. */
import { createHmac, hash } from 'node:crypto';
import { BytesCache } from '#components/kit/match/bytes-cache.ts';
import { GoRegex } from '#text/regex.ts';
import type { Args, HashFunction } from './schema.ts';

/** It is allowed; it has nothing in it that is blocked; or the text that takes its place. */
export type Fate = typeof ALLOWED | typeof SAME | string;
export const ALLOWED = 1;
export const SAME = 0;

const VALUES_CACHED = 4096;
const MASK = '****';

export class ValueRules {
  readonly #allowed: readonly GoRegex[];
  readonly #blocked: readonly GoRegex[];
  readonly #everything = new GoRegex('.*');
  readonly #mask: (text: string) => string;
  readonly #known = new BytesCache<Fate>(VALUES_CACHED);

  constructor(args: Args) {
    this.#allowed = args.allowed_values.map((pattern) => new GoRegex(pattern));
    this.#blocked = args.blocked_values.map((pattern) => new GoRegex(pattern));
    this.#mask = maskOf(args.hash_function, args.hmac_key?.secret ?? '');
  }

  fate(buf: Buffer, start: number, stop: number): Fate {
    return (
      this.#known.get(buf, start, stop) ??
      this.#known.put(buf, start, stop, this.fateOf(buf.toString('utf8', start, stop)))
    );
  }

  fateOf(text: string): Fate {
    if (this.allows(text)) return ALLOWED;
    let masked = text;
    for (const pattern of this.#blocked) masked = this.#replaced(masked, pattern);
    return masked === text ? SAME : masked;
  }

  allows(text: string): boolean {
    return this.#allowed.some((pattern) => pattern.test(text));
  }

  /** Line by line, as a dot matches. */
  maskWhole(text: string): string {
    return this.#replaced(text, this.#everything);
  }

  #replaced(text: string, pattern: GoRegex): string {
    let out = '';
    let done = 0;
    for (const [start, stop] of pattern.findAll(text)) {
      out += text.slice(done, start) + this.#mask(text.slice(start, stop));
      done = stop;
    }
    return out === '' ? text : out + text.slice(done);
  }
}

function maskOf(name: HashFunction, key: string): (text: string) => string {
  switch (name) {
    case '':
      return () => MASK;
    case 'hmac-sha256':
      return (text) => createHmac('sha256', key).update(text).digest('hex');
    case 'hmac-sha512':
      return (text) => createHmac('sha512', key).update(text).digest('hex');
    case 'sha3':
      return (text) => hash('sha3-256', text, 'hex');
    default:
      return (text) => hash(name, text, 'hex');
  }
}
