/**
 * Glob patterns of users, as the Collector's components take them (gobwas/glob):
 *
 *     *        any text without a separator      [abc] [a-z] [!a-z]   one of, none of these characters
 *     **       any text                          {ab,c*}              one of these patterns
 *     ?        one character, no separator       \x                   the character x
 */
import { GoRegex, RegexError } from '#text/regex.ts';

/** Why a pattern cannot be used, for whoever wrote it. */
export class GlobError extends Error {
  constructor(pattern: string, why: string) {
    super(`invalid glob "${pattern}": ${why}`);
    this.name = 'GlobError';
  }
}

export class Glob {
  readonly pattern: string;
  readonly #regex: GoRegex;

  /** `separator`: one character. Throws {@link GlobError}. */
  constructor(pattern: string, separator: string) {
    this.pattern = pattern;
    try {
      this.#regex = new GoRegex(`(?s:${new Translation(pattern, separator).whole()})`);
    } catch (thrown) {
      if (thrown instanceof RegexError) throw new GlobError(pattern, 'it is too large, or has an empty range');
      throw thrown;
    }
  }

  /** Whether it matches the whole text. */
  test(text: string): boolean {
    return this.#regex.testWhole(text);
  }
}

class Translation {
  readonly #pattern: string;
  readonly #other: string;
  #at = 0;

  constructor(pattern: string, separator: string) {
    this.#pattern = pattern;
    this.#other = `[^${escaped(separator)}]`;
  }

  whole(): string {
    const out = this.#until('');
    if (this.#at < this.#pattern.length) throw new GlobError(this.#pattern, 'a "}" without a "{"');
    return out;
  }

  /** Up to one of these characters, or the end. */
  #until(stops: string): string {
    let out = '';
    while (this.#at < this.#pattern.length) {
      const c = this.#pattern[this.#at];
      if (stops.includes(c) || c === '}') return out;
      this.#at++;
      if (c === '*') out += this.#stars();
      else if (c === '?') out += this.#other;
      else if (c === '[') out += this.#set();
      else if (c === '{') out += this.#alternatives();
      else out += escaped(c === '\\' ? this.#literal() : this.#rest(c));
    }
    return out;
  }

  #stars(): string {
    if (this.#pattern[this.#at] !== '*') return `${this.#other}*`;
    while (this.#pattern[this.#at] === '*') this.#at++;
    return '.*';
  }

  #alternatives(): string {
    const all: string[] = [];
    do {
      all.push(this.#until(','));
      if (this.#at >= this.#pattern.length) throw new GlobError(this.#pattern, 'a "{" without a "}"');
    } while (this.#pattern[this.#at++] === ',');
    return `(?:${all.join('|')})`;
  }

  #set(): string {
    const not = this.#pattern[this.#at] === '!';
    if (not) this.#at++;
    let out = '';
    for (let first = true; ; first = false) {
      const c = this.#pattern[this.#at];
      if (c === undefined) throw new GlobError(this.#pattern, 'a "[" without a "]"');
      this.#at++;
      if (c === ']' && !first) break;
      if (c === '-' && !first && this.#pattern[this.#at] !== ']') out += '-';
      else out += escaped(c === '\\' ? this.#literal() : this.#rest(c));
    }
    return `[${not ? '^' : ''}${out}]`;
  }

  #literal(): string {
    const c = this.#pattern[this.#at];
    if (c === undefined) throw new GlobError(this.#pattern, 'a "\\" at the end');
    this.#at++;
    return this.#rest(c);
  }

  /** The whole character that begins with this unit. */
  #rest(unit: string): string {
    const code = this.#pattern.codePointAt(this.#at - 1);
    if (code === undefined || code < 0x1_0000) return unit;
    this.#at++;
    return String.fromCodePoint(code);
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}&~-]/g, '\\$&');
