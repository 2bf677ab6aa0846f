/**
 * A pull scanner over JSON text (RFC 8259) in UTF-8: values are left as byte ranges, so that strings and numbers can be taken
 * over exactly. Knows where it is, for errors: {@link JsonScanner.enter}, `leave`. Reused.
 */
import { MAX_DEPTH } from '#codec/protobuf/limits.ts';
import { JsonError } from './error.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const POINT = 0x2e;
const PLUS = 0x2b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** What a value is, told by its first byte. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null';

export class JsonScanner {
  buf: Buffer = Buffer.alloc(0);
  #pos = 0;
  readonly #path: (string | number)[] = [];

  /** Of the string or number read last: its bytes (a string without its quotes), and whether it has escapes. */
  start = 0;
  stop = 0;
  escaped = false;

  reset(buf: Buffer): void {
    this.buf = buf;
    this.#pos = 0;
    this.#path.length = 0;
  }

  /** The kind of the next value, which is not yet consumed. */
  peek(): JsonKind {
    this.#space();
    const byte = this.buf[this.#pos];
    switch (byte) {
      case QUOTE:
        return 'string';
      case OPEN_BRACE:
        return 'object';
      case OPEN_BRACKET:
        return 'array';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (byte === MINUS || isDigit(byte)) return 'number';
        return this.#unexpected('a value');
    }
  }

  /** Consumes `true`, `false` or `null`. */
  literal(word: 'true' | 'false' | 'null'): void {
    const stop = this.#pos + word.length;
    if (this.buf.toString('latin1', this.#pos, stop) !== word) this.fail(`expected ${word}`);
    this.#pos = stop;
  }

  /** Consumes a string; its range is `start`..`stop`. */
  string(): void {
    const buf = this.buf;
    let p = this.#pos + 1;
    this.start = p;
    this.escaped = false;
    for (;;) {
      const byte = buf[p];
      if (byte === QUOTE) break;
      if (byte === undefined) this.fail('string without an end');
      if (byte < 0x20) this.fail('control character in a string', p);
      if (byte === BACKSLASH) {
        this.escaped = true;
        p++;
      }
      p++;
    }
    if (p > buf.length) this.fail('string without an end');
    this.stop = p;
    this.#pos = p + 1;
  }

  /** The string or number read last as text. */
  text(): string {
    if (!this.escaped) return this.buf.toString('utf8', this.start, this.stop);
    try {
      return JSON.parse(this.buf.toString('utf8', this.start - 1, this.stop + 1)) as string;
    } catch {
      // The scanner vouches for everything but the escapes themselves.
      return this.fail('bad escape in a string', this.start);
    }
  }

  /** Consumes a number; its range is `start`..`stop`. True: it is written as an integer, without fraction and exponent. */
  number(): boolean {
    const buf = this.buf;
    let p = this.#pos;
    let integer = true;
    this.start = p;
    this.escaped = false;
    if (buf[p] === MINUS) p++;
    if (buf[p] === 0x30) p++;
    else p = this.#digits(p);
    if (buf[p] === POINT) {
      integer = false;
      p = this.#digits(p + 1);
    }
    if (buf[p] === 0x65 || buf[p] === 0x45) {
      integer = false;
      p++;
      if (buf[p] === PLUS || buf[p] === MINUS) p++;
      p = this.#digits(p);
    }
    this.stop = p;
    this.#pos = p;
    return integer;
  }

  /** Consumes `{` or `[`. */
  open(): void {
    this.#pos++;
  }

  /**
   * Inside an object: consumes up to the next member's value; its name is `start`..`stop`. False: the object is closed.
   * `first` says that no member was read yet.
   */
  member(first: boolean): boolean {
    if (!this.#next(first, CLOSE_BRACE)) return false;
    if (this.buf[this.#pos] !== QUOTE) this.#unexpected('a member name');
    this.string();
    this.#space();
    if (this.buf[this.#pos] !== COLON) this.#unexpected('a colon');
    this.#pos++;
    return true;
  }

  /** Inside an array: consumes up to the next element. False: the array is closed. */
  element(first: boolean): boolean {
    return this.#next(first, CLOSE_BRACKET);
  }

  /** Consumes any value. */
  skip(depth: number): void {
    switch (this.peek()) {
      case 'string':
        this.string();
        this.text();
        return;
      case 'number':
        this.number();
        return;
      case 'true':
        return this.literal('true');
      case 'false':
        return this.literal('false');
      case 'null':
        return this.literal('null');
      case 'object':
        this.checkDepth(depth);
        this.open();
        for (let first = true; this.member(first); first = false) this.skip(depth + 1);
        return;
      case 'array':
        this.checkDepth(depth);
        this.open();
        for (let first = true; this.element(first); first = false) this.skip(depth + 1);
    }
  }

  checkDepth(depth: number): void {
    if (depth > MAX_DEPTH) this.fail('nested too deeply');
  }

  /** Nothing but white space may follow. */
  finish(): void {
    this.#space();
    if (this.#pos < this.buf.length) this.#unexpected('the end of the text');
  }

  /** Notes for errors that what follows is the member or element `key`; `leave` takes it back. */
  enter(key: string | number): void {
    this.#path.push(key);
  }
  leave(): void {
    this.#path.pop();
  }

  fail(what: string, at = this.#pos): never {
    const path = this.#path
      .map((key, i) => (typeof key === 'number' ? `[${key}]` : i === 0 ? key : `.${key}`))
      .join('');
    throw new JsonError(what, path, at);
  }

  #next(first: boolean, close: number): boolean {
    this.#space();
    const byte = this.buf[this.#pos];
    if (byte === close) {
      this.#pos++;
      return false;
    }
    if (first) return true;
    if (byte !== COMMA) this.#unexpected('a comma or a closing bracket');
    this.#pos++;
    this.#space();
    return true;
  }

  #digits(p: number): number {
    const from = p;
    while (isDigit(this.buf[p])) p++;
    if (p === from) this.fail('bad number', p);
    return p;
  }

  #space(): void {
    const buf = this.buf;
    let p = this.#pos;
    for (let byte = buf[p]; byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09; byte = buf[++p]);
    this.#pos = p;
  }

  #unexpected(expected: string): never {
    if (this.#pos >= this.buf.length) this.fail(`unexpected end of the text, expected ${expected}`);
    return this.fail(`expected ${expected}`);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
