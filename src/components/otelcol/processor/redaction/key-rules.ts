/** What becomes of an attribute because of its key. Keys that come again are known by their bytes. */
import { BytesCache } from '#components/kit/match/bytes-cache.ts';
import { GoRegex } from '#text/regex.ts';
import type { Args } from './schema.ts';
import { SUMMARY_KEYS } from './summary.ts';

/** It stays as it is; it is removed; its whole value is masked; its value decides. */
export type Verdict = 'ignore' | 'remove' | 'mask' | 'look';

const KEYS_CACHED = 4096;

export class KeyRules {
  readonly #ignored: ReadonlySet<string>;
  readonly #ignoredPatterns: readonly GoRegex[];
  /** null: all keys are. */
  readonly #allowed: ReadonlySet<string> | null;
  readonly #maskedPatterns: readonly GoRegex[];
  readonly #known = new BytesCache<Verdict>(KEYS_CACHED);

  constructor(args: Args) {
    this.#ignored = new Set(args.ignored_keys);
    this.#ignoredPatterns = args.ignored_key_patterns.map((pattern) => new GoRegex(pattern));
    // What an earlier redaction has told stays.
    this.#allowed = args.allow_all_keys ? null : new Set([...args.allowed_keys, ...SUMMARY_KEYS]);
    this.#maskedPatterns = args.blocked_key_patterns.map((pattern) => new GoRegex(pattern));
  }

  verdict(buf: Buffer, start: number, stop: number): Verdict {
    return (
      this.#known.get(buf, start, stop) ??
      this.#known.put(buf, start, stop, this.verdictOf(buf.toString('utf8', start, stop)))
    );
  }

  verdictOf(key: string): Verdict {
    const matches = (pattern: GoRegex): boolean => pattern.test(key);
    if (this.#ignored.has(key) || this.#ignoredPatterns.some(matches)) return 'ignore';
    if (this.#allowed?.has(key) === false) return 'remove';
    return this.#maskedPatterns.some(matches) ? 'mask' : 'look';
  }
}
