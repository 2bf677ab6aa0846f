/**
 * `string.format`: Go's `fmt.Sprintf` for the values of the language. What does not fit is no error but shows in the text
 * (`%!d(string=hi)`, `%!d(MISSING)`, `%!(EXTRA int=1)`), as in Go. Facts: pkg.go.dev/fmt.
 */
import type { Value } from '../value.ts';
import { boundText, refuseSecrets } from './function.ts';
import { goType, writeValue, type Verb } from './verbs.ts';

/** Go's own bound on width, precision and positions. */
const MAX_NUMBER = 1_000_000;
/** Longest position in brackets, so that a text full of open ones takes no longer than another. */
const MAX_INDEX = 100;
const PLAIN: Verb = {
  letter: 'v',
  minus: false,
  plus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

export function format(spec: string, values: readonly Value[]): string {
  values.forEach((value, i) => refuseSecrets(value, i + 1));
  return new Formatter(spec, values).run();
}

class Formatter {
  readonly #spec: string;
  readonly #values: readonly Value[];
  readonly #pieces: string[] = [];
  #length = 0;
  /** Where in the text. */
  #at = 0;
  #next = 0;
  /** Values were chosen by position: then none counts as too many. */
  #reordered = false;
  /** The positions of this verb so far lead to a value. */
  #good = true;
  /** What stands just before is a position. */
  #afterIndex = false;

  constructor(spec: string, values: readonly Value[]) {
    this.#spec = spec;
    this.#values = values;
  }

  run(): string {
    while (this.#at < this.#spec.length) {
      const mark = this.#spec.indexOf('%', this.#at);
      const end = mark < 0 ? this.#spec.length : mark;
      this.#write(this.#spec.slice(this.#at, end));
      this.#at = end + 1;
      if (mark >= 0) this.#verb();
    }
    if (!this.#reordered && this.#next < this.#values.length) this.#extra();
    return this.#pieces.join('');
  }

  readonly #write = (piece: string): void => {
    boundText((this.#length += piece.length));
    this.#pieces.push(piece);
  };

  #verb(): void {
    this.#good = true;
    this.#afterIndex = false;
    const flags = /[-+# 0]*/y;
    flags.lastIndex = this.#at;
    const written = flags.exec(this.#spec)?.[0] ?? '';
    this.#at += written.length;
    this.#index();
    const { width, minus } = this.#width(written.includes('-'));
    const precision = this.#precision();
    if (!this.#afterIndex) this.#index();
    const point = this.#spec.codePointAt(this.#at);
    if (point === undefined) return this.#write('%!(NOVERB)');
    const letter = String.fromCodePoint(point);
    this.#at += letter.length;
    if (letter === '%') return this.#write('%');
    if (!this.#good) return this.#write(`%!${letter}(BADINDEX)`);
    if (this.#next >= this.#values.length) return this.#write(`%!${letter}(MISSING)`);
    const verb: Verb = {
      letter,
      minus,
      // `%+v` asks Go for the names of fields, which our values show anyway.
      plus: written.includes('+') && letter !== 'v',
      sharp: written.includes('#'),
      space: written.includes(' '),
      zero: written.includes('0'),
      width,
      precision,
    };
    writeValue(this.#write, verb, this.#values[this.#next++]);
  }

  #width(minus: boolean): { readonly width: number | undefined; readonly minus: boolean } {
    if (!this.#star()) {
      const width = this.#number();
      if (this.#afterIndex && width !== undefined) this.#good = false;
      return { width, minus };
    }
    const width = this.#taken();
    if (width === undefined) this.#write('%!(BADWIDTH)');
    return width !== undefined && width < 0 ? { width: -width, minus: true } : { width, minus };
  }

  #precision(): number | undefined {
    // A point at the very end is the verb.
    if (this.#spec[this.#at] !== '.' || this.#at + 1 === this.#spec.length) return undefined;
    this.#at++;
    if (this.#afterIndex) this.#good = false;
    this.#index();
    if (!this.#star()) return this.#number() ?? 0;
    const precision = this.#taken();
    if (precision === undefined || precision < 0) {
      this.#write('%!(BADPREC)');
      return undefined;
    }
    return precision;
  }

  #star(): boolean {
    if (this.#spec[this.#at] !== '*') return false;
    this.#at++;
    return true;
  }

  /** The next value as a width; undefined: it is none. */
  #taken(): number | undefined {
    this.#afterIndex = false;
    if (this.#next >= this.#values.length) return undefined;
    const value = this.#values[this.#next++];
    const number = typeof value === 'bigint' ? Number(value) : Infinity;
    return Math.abs(number) <= MAX_NUMBER ? number : undefined;
  }

  /** Digits. Go looks whether a number is too large before it takes the last digit; such a one ends the whole text. */
  #number(): number | undefined {
    const digits = /\d+/y;
    digits.lastIndex = this.#at;
    const found = digits.exec(this.#spec);
    if (found === null) return undefined;
    const number = Number(found[0]);
    const tooLarge = number > MAX_NUMBER * 10 + 9;
    this.#at = tooLarge ? this.#spec.length : digits.lastIndex;
    return tooLarge ? undefined : number;
  }

  /** `[2]`. */
  #index(): void {
    this.#afterIndex = false;
    if (this.#spec[this.#at] !== '[') return;
    this.#reordered = true;
    const length = this.#spec.slice(this.#at, this.#at + MAX_INDEX).indexOf(']');
    if (length < 0) {
      this.#good = false;
      this.#at++;
      return;
    }
    const written = this.#spec.slice(this.#at + 1, this.#at + length);
    this.#at += length + 1;
    const index = /^\d{1,7}$/.test(written) ? Number(written) - 1 : undefined;
    this.#afterIndex = index !== undefined;
    if (index === undefined || index < 0 || index >= this.#values.length) this.#good = false;
    else this.#next = index;
  }

  #extra(): void {
    this.#write('%!(EXTRA ');
    for (let i = this.#next; i < this.#values.length; i++) {
      const value = this.#values[i];
      if (i > this.#next) this.#write(', ');
      this.#write(goType(value));
      if (value === null) continue;
      this.#write('=');
      writeValue(this.#write, PLAIN, value);
    }
    this.#write(')');
  }
}
