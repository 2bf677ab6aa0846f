/**
 * One logfmt line in the making, as bytes (semantics 15.5; go-logfmt). Reused: grows, never shrinks below what a line needed.
 *
 *     key=value key="quo\"ted" empty= none=null
 *
 * A value is quoted where it holds a space, a control character, `=`, `"`, DEL, U+FFFD or bytes that are not UTF-8. Inside quotes
 * escapes are those of JSON; what is not UTF-8 is written `\ufffd`. Worker threads.
 */
import { copyBytes } from '#codec/protobuf/copy.ts';

const FIRST_BYTES = 1024;
/** A line that needed more gives its memory back. */
const KEPT_BYTES = 1 << 20;

const SPACE = 0x20;
const QUOTE = 0x22;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const DEL = 0x7f;
const HEX = Buffer.from('0123456789abcdef');
const NULL = Buffer.from('null');
const REPLACEMENT = Buffer.from('\\ufffd');
const BILLION = 1_000_000_000;
const DIGITS = Buffer.alloc(20);

export class LogfmtLine {
  buf: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  length = 0;

  reset(): void {
    this.length = 0;
    if (this.buf.length > KEPT_BYTES) this.buf = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Starts a pair. `key` is a result of {@link logfmtKey}, not empty. */
  key(key: Buffer): void {
    this.#room(key.length + 2);
    if (this.length > 0) this.buf[this.length++] = SPACE;
    copyBytes(key, 0, key.length, this.buf, this.length);
    this.length += key.length;
    this.buf[this.length++] = EQUALS;
  }

  /** A string. */
  text(from: Buffer, start: number, end: number): void {
    const isNull = end - start === 4 && NULL.compare(from, start, end) === 0;
    if (isNull || needsQuotes(from, start, end)) this.#quoted(from, start, end);
    else this.ascii(from, start, end);
  }

  /** Bytes: as a string, but `null` needs no quotes. */
  bytes(from: Buffer, start: number, end: number): void {
    if (needsQuotes(from, start, end)) this.#quoted(from, start, end);
    else this.ascii(from, start, end);
  }

  /** Bytes that need no quotes. */
  ascii(from: Buffer, start = 0, end = from.length): void {
    this.#room(end - start);
    copyBytes(from, start, end, this.buf, this.length);
    this.length += end - start;
  }

  /** A whole number of at most 53 bits. */
  integer(value: number): void {
    this.#room(DIGITS.length);
    if (value < 0) {
      this.buf[this.length++] = 0x2d;
      value = -value;
    }
    let at = DIGITS.length;
    while (value >= BILLION) {
      const high = Math.floor(value / BILLION);
      let low = (value - high * BILLION) | 0;
      for (let i = 0; i < 9; i++) {
        DIGITS[--at] = 0x30 + (low % 10);
        low = (low / 10) | 0;
      }
      value = high;
    }
    let rest = value | 0;
    do {
      DIGITS[--at] = 0x30 + (rest % 10);
      rest = (rest / 10) | 0;
    } while (rest > 0);
    while (at < DIGITS.length) this.buf[this.length++] = DIGITS[at++];
  }

  #quoted(from: Buffer, start: number, end: number): void {
    // At worst every byte becomes six.
    this.#room((end - start) * 6 + 2);
    const out = this.buf;
    let at = this.length;
    out[at++] = QUOTE;
    for (let i = start; i < end;) {
      const byte = from[i];
      if (byte < 0x80) {
        i++;
        if (byte === QUOTE || byte === BACKSLASH) {
          out[at++] = BACKSLASH;
          out[at++] = byte;
        } else if (byte >= SPACE && byte !== DEL) out[at++] = byte;
        else at = writeControl(out, at, byte);
        continue;
      }
      const size = runeBytes(from, i, end);
      if (size === 0) {
        REPLACEMENT.copy(out, at);
        at += REPLACEMENT.length;
        i += isReplacement(from, i, end) ? 3 : 1;
      } else for (const stop = i + size; i < stop; i++) out[at++] = from[i];
    }
    out[at++] = QUOTE;
    this.length = at;
  }

  #room(bytes: number): void {
    const need = this.length + bytes;
    if (need <= this.buf.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(need, this.buf.length * 2));
    this.buf.copy(grown, 0, 0, this.length);
    this.buf = grown;
  }
}

/** What is left of a key when everything that a key cannot hold is taken out; may be empty. */
export function logfmtKey(text: string): Buffer {
  const kept = [...text].filter((rune) => {
    const code = rune.codePointAt(0) as number;
    const lone = code >= 0xd800 && code <= 0xdfff;
    return code > SPACE && code !== EQUALS && code !== QUOTE && code !== DEL && code !== 0xfffd && !lone;
  });
  return Buffer.from(kept.join(''));
}

function needsQuotes(buf: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end;) {
    const byte = buf[i];
    if (byte < 0x80) {
      if (byte <= SPACE || byte === EQUALS || byte === QUOTE || byte === DEL) return true;
      i++;
      continue;
    }
    const size = runeBytes(buf, i, end);
    if (size === 0) return true;
    i += size;
  }
  return false;
}

/** Bytes of the UTF-8 rune at `at`, whose first byte is not ASCII; 0 if it is none, or U+FFFD, which Go cannot tell from none. */
function runeBytes(buf: Buffer, at: number, end: number): number {
  const first = buf[at];
  if (first < 0xc2 || first > 0xf4) return 0;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = buf[at + 1];
  if ((second & 0xc0) !== 0x80) return 0;
  if (size === 2) return 2;
  // Overlong forms, surrogates, beyond U+10FFFF.
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  if ((buf[at + 2] & 0xc0) !== 0x80) return 0;
  if (size === 4) return (buf[at + 3] & 0xc0) === 0x80 ? 4 : 0;
  return isReplacement(buf, at, end) ? 0 : 3;
}

const isReplacement = (buf: Buffer, at: number, end: number): boolean =>
  at + 3 <= end && buf[at] === 0xef && buf[at + 1] === 0xbf && buf[at + 2] === 0xbd;

function writeControl(out: Buffer, at: number, byte: number): number {
  const letter = byte === 0x0a ? 'n' : byte === 0x0d ? 'r' : byte === 0x09 ? 't' : '';
  out[at++] = BACKSLASH;
  if (letter !== '') {
    out[at++] = letter.charCodeAt(0);
    return at;
  }
  at += out.write('u00', at, 'latin1');
  out[at++] = HEX[byte >> 4];
  out[at++] = HEX[byte & 0xf];
  return at;
}
