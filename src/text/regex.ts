/**
 * Regular expressions of users: Go's RE2 syntax and meaning, in time linear in the text whatever the pattern. The one door to re2js.
 *
 * Offsets count UTF-16 units of the text. Matchers are reused; a GoRegex belongs to one thread.
 */
import { createRequire } from 'node:module';
import type * as Re2js from 're2js';
import { errorText } from '#shared/errors.ts';

let loaded: typeof Re2js | null = null;
/** With the first pattern: 4 MB that most configurations do not need. */
function re2js(): typeof Re2js {
  loaded ??= createRequire(import.meta.url)('re2js') as typeof Re2js;
  return loaded;
}

/** Why a pattern cannot be used, for whoever wrote it. */
export class RegexError extends Error {
  constructor(pattern: string, why: string) {
    super(`invalid regular expression \`${pattern}\`: ${why}`);
    this.name = 'RegexError';
  }
}

/** Ranges of a match and of its groups: start and end of group i at 2i and 2i+1, -1 where the group took no part. */
export type Match = readonly number[];

export class GoRegex {
  readonly pattern: string;
  /** Capturing groups, without the whole match. */
  readonly groupCount: number;
  /** Names of groups with their numbers. */
  readonly names: ReadonlyMap<string, number>;
  readonly #compiled: Re2js.RE2JS;

  /** Throws {@link RegexError}. */
  constructor(pattern: string) {
    this.pattern = pattern;
    try {
      this.#compiled = re2js().RE2JS.compile(pattern);
    } catch (thrown) {
      throw new RegexError(pattern, errorText(thrown));
    }
    this.groupCount = this.#compiled.groupCount();
    this.names = new Map(Object.entries(this.#compiled.namedGroups()).map(([name, group]) => [name, Number(group)]));
  }

  /** Whether it matches anywhere in the text. */
  test(text: string): boolean {
    return this.#compiled.test(text);
  }

  /** Whether it matches the whole text. */
  testWhole(text: string): boolean {
    return this.#compiled.testExact(text);
  }

  /** The leftmost match. */
  find(text: string): Match | null {
    const matcher = this.#compiled.matcher(text);
    return matcher.find() ? this.#ranges(matcher) : null;
  }

  /**
   * All matches that do not overlap, from the left; an empty one right behind another is none (Go's FindAll). One at a time: a
   * long text may have a match at every character.
   */
  *findAll(text: string): Generator<Match> {
    let end = -1;
    for (const matcher = this.#compiled.matcher(text); matcher.find();) {
      if (matcher.start() === end && matcher.end() === end) continue;
      end = matcher.end();
      yield this.#ranges(matcher);
    }
  }

  /** The match of the whole text, as of a pattern between `^(?:` and `)$`. */
  findWhole(text: string): Match | null {
    const matcher = this.#compiled.matcher(text);
    return matcher.matches() ? this.#ranges(matcher) : null;
  }

  /** Every match replaced by {@link expand} of the template. */
  replaceAll(text: string, template: string): string {
    let out = '';
    let from = 0;
    for (const match of this.findAll(text)) {
      out += text.slice(from, match[0]) + this.expand(template, text, match);
      from = match[1];
    }
    return from === 0 && out === '' ? text : out + text.slice(from);
  }

  /**
   * Go's Regexp.Expand: `$1`, `${1}`, `$name`, `${name}`; a name without braces is as long as possible, so `$1x` is `${1x}`; `$$`
   * is `$`; what names no group that took part is nothing.
   */
  expand(template: string, text: string, match: Match): string {
    return template.replace(
      /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
      (_whole, braced: string | undefined, bare: string | undefined) => {
        const name = braced ?? bare;
        if (name === undefined) return '$';
        // Behind a zero there is no number: $01 is a name.
        const group = /^(?:0|[1-9]\d*)$/.test(name) ? Number(name) : (this.names.get(name) ?? -1);
        const start = match[2 * group] ?? -1;
        return start < 0 ? '' : text.slice(start, match[2 * group + 1]);
      },
    );
  }

  #ranges(matcher: ReturnType<Re2js.RE2JS['matcher']>): Match {
    const ranges: number[] = [];
    for (let group = 0; group <= this.groupCount; group++) ranges.push(matcher.start(group), matcher.end(group));
    return ranges;
  }
}
