/**
 * Whether a text is one of some texts, or some pattern matches somewhere in it: by its bytes where it has been asked before, so that
 * a span costs no string. Facts: Collector contrib `internal/filter/filterset`. Worker threads.
 */
import { GoRegex } from '#text/regex.ts';
import { BytesCache, isSame } from './bytes-cache.ts';

export interface TextMatch {
  /** UTF-8. */
  matches(buf: Buffer, start: number, stop: number): boolean;
}

/** How texts of a configuration are meant. */
export interface TextMatching {
  readonly type: 'strict' | 'regexp';
  /** Verdicts of patterns that are remembered, for each list of them. */
  readonly cacheSize: number;
}

/** null: there are no texts to compare with. */
export function textMatch(texts: readonly string[], { type, cacheSize }: TextMatching): TextMatch | null {
  if (texts.length === 0) return null;
  return type === 'strict' ? new EqualTexts(texts) : new PatternMatch(texts, cacheSize);
}

/** For a text that does not lie in a message. */
export function matchesText(match: TextMatch, text: string): boolean {
  const bytes = Buffer.from(text);
  return match.matches(bytes, 0, bytes.length);
}

class EqualTexts implements TextMatch {
  readonly #texts: readonly Buffer[];

  constructor(texts: readonly string[]) {
    this.#texts = texts.map((text) => Buffer.from(text));
  }

  matches(buf: Buffer, start: number, stop: number): boolean {
    for (const text of this.#texts) if (isSame(text, buf, start, stop)) return true;
    return false;
  }
}

/** Patterns of RE2 that are searched for, unanchored. */
export class PatternMatch implements TextMatch {
  readonly #patterns: readonly GoRegex[];
  readonly #verdicts: BytesCache<boolean>;

  constructor(patterns: readonly string[], cacheSize: number) {
    this.#patterns = [...new Set(patterns)].map((pattern) => new GoRegex(pattern));
    this.#verdicts = new BytesCache(cacheSize);
  }

  matches(buf: Buffer, start: number, stop: number): boolean {
    return this.#verdicts.get(buf, start, stop) ?? this.#decide(buf, start, stop);
  }

  #decide(buf: Buffer, start: number, stop: number): boolean {
    const text = buf.toString('utf8', start, stop);
    const verdict = this.#patterns.some((pattern) => pattern.test(text));
    return this.#verdicts.put(buf, start, stop, verdict);
  }
}
