/**
 * What the verbs of `string.format` make of one value. Facts: pkg.go.dev/fmt. A value that a verb does not fit shows as Go
 * shows it: `%!d(string=hi)`. Not offered: `%b` and `%x` of numbers with a fraction,
 * `%w`.
 */
import { goQuote, goQuoteCharacter, isPrintable } from '#config/syntax/go-quote.ts';
import { numberText } from '../convert.ts';
import { printValue } from '../print.ts';
import { isArray, isFunction, isObject, type Value } from '../value.ts';
import { exact, exponentText, fixedText, rounded, shortest, type Decimal } from './decimal.ts';

export interface Verb {
  readonly letter: string;
  readonly minus: boolean;
  readonly plus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** Takes the text piece by piece, so that it can be bounded before it is long. */
export type Write = (piece: string) => void;

export function writeValue(write: Write, verb: Verb, value: Value): void {
  if (value === null && 'Tv'.includes(verb.letter)) return write(padded(verb, '<nil>'));
  if (verb.letter === 'T') return write(padded(verb, firstCharacters(goType(value), verb.precision)));
  if (value === null) return write(`%!${verb.letter}(<nil>)`);
  if (isArray(value)) return writeList(write, verb, value);
  if (isObject(value)) return writeObject(write, verb, value);
  const text = scalar(verb, value);
  if (text !== undefined) return write(text);
  // `#` would quote the text, but means the usual for a number.
  const shown = {
    ...verb,
    letter: typeof value === 'number' ? 'g' : 'v',
    sharp: typeof value === 'number' && verb.sharp,
  };
  write(`%!${verb.letter}(${goType(value)}=${scalar(shown, value) ?? ''})`);
}

/** `%#v` shows values as Go source. */
function asSource(verb: Verb): boolean {
  return verb.letter === 'v' && verb.sharp;
}

function writeList(write: Write, verb: Verb, list: readonly Value[]): void {
  write(asSource(verb) ? '[]interface {}{' : '[');
  list.forEach((element, i) => {
    if (i > 0) write(asSource(verb) ? ', ' : ' ');
    writeElement(write, verb, element);
  });
  write(asSource(verb) ? '}' : ']');
}

function writeObject(write: Write, verb: Verb, object: ReadonlyMap<string, Value>): void {
  write(asSource(verb) ? 'map[string]interface {}{' : 'map[');
  sortedKeys(object).forEach((key, i) => {
    if (i > 0) write(asSource(verb) ? ', ' : ' ');
    writeElement(write, verb, key);
    write(':');
    writeElement(write, verb, object.get(key)!);
  });
  write(asSource(verb) ? '}' : ']');
}

function writeElement(write: Write, verb: Verb, value: Value): void {
  if (value === null) write(asSource(verb) ? 'interface {}(nil)' : '<nil>');
  else writeValue(write, verb, value);
}

/** In the order of their UTF-8 bytes, as Go sorts them. */
export function sortedKeys(object: ReadonlyMap<string, unknown>): string[] {
  return Array.from(object.keys(), (key) => ({ key, bytes: Buffer.from(key) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
}

/** undefined: the verb does not fit. */
function scalar(verb: Verb, value: Exclude<Value, null>): string | undefined {
  const { letter } = verb;
  if (typeof value === 'string') return ofText(verb, value.toWellFormed());
  if (typeof value === 'bigint') return ofWhole(verb, value);
  if (typeof value === 'number') return ofFloat(verb, value);
  if (typeof value === 'boolean') return letter === 't' || letter === 'v' ? padded(verb, String(value)) : undefined;
  return letter === 'v' || letter === 's' ? padded(verb, printValue(value)) : undefined;
}

function ofText(verb: Verb, text: string): string | undefined {
  const { letter, precision } = verb;
  if (letter === 'x' || letter === 'X') return ofBytes(verb, Buffer.from(text));
  const cut = firstCharacters(text, precision);
  if (letter === 'q' || asSource(verb)) return padded(verb, goQuote(cut, verb.plus, verb.sharp && letter === 'q'));
  return letter === 's' || letter === 'v' ? padded(verb, cut) : undefined;
}

function firstCharacters(text: string, count: number | undefined): string {
  if (count === undefined || count >= text.length) return text;
  let end = 0;
  for (let i = 0; i < count && end < text.length; i++) end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  return text.slice(0, end);
}

/** `% x` parts the bytes, `%#x` writes 0x before the first or, parted, before each. */
function ofBytes(verb: Verb, bytes: Buffer): string {
  const { letter, space, sharp, precision } = verb;
  const hex = bytes.subarray(0, precision ?? bytes.length).toString('hex');
  const cased = letter === 'X' ? hex.toUpperCase() : hex;
  const prefix = sharp && hex !== '' ? `0${letter}` : '';
  return padded(verb, prefix + (space ? (cased.match(/../g) ?? []).join(` ${prefix}`) : cased));
}

const RADIX: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };

function ofWhole(verb: Verb, value: bigint): string | undefined {
  const { letter, precision, sharp } = verb;
  if (letter === 'c') return padded(verb, characterOf(value));
  if (letter === 'q') return padded(verb, goQuoteCharacter(characterOf(value), verb.plus));
  if (letter === 'U') return ofCodePoint(verb, value);
  const radix = Object.hasOwn(RADIX, letter) ? RADIX[letter] : undefined;
  if (radix === undefined) return undefined;
  const sign = signOf(verb, value < 0n);
  if (precision === 0 && value === 0n) return padded({ ...verb, zero: false }, '');
  const filled = verb.zero && !verb.minus ? (verb.width ?? 0) - sign.length : 0;
  let digits = (value < 0n ? -value : value).toString(radix).padStart(precision ?? filled, '0');
  if (letter === 'X') digits = digits.toUpperCase();
  if (sharp && radix === 8 && !digits.startsWith('0')) digits = `0${digits}`;
  if (letter === 'O') digits = `0o${digits}`;
  else if (sharp && radix === 2) digits = `0b${digits}`;
  else if (sharp && radix === 16) digits = `0${letter}${digits}`;
  return padded({ ...verb, zero: false }, sign + digits);
}

function characterOf(value: bigint): string {
  const valid = value >= 0n && value <= 0x10ffffn && (value < 0xd800n || value > 0xdfffn);
  return valid ? String.fromCodePoint(Number(value)) : '\ufffd';
}

function ofCodePoint(verb: Verb, value: bigint): string {
  const digits = BigInt.asUintN(64, value).toString(16).toUpperCase();
  const character = characterOf(value);
  const shown = verb.sharp && value >= 0n && value <= 0x10ffffn && isPrintable(character) ? ` '${character}'` : '';
  return padded({ ...verb, zero: false }, `U+${digits.padStart(Math.max(verb.precision ?? 4, 4), '0')}${shown}`);
}

function signOf({ plus, space }: Verb, negative: boolean): string {
  if (negative) return '-';
  return plus ? '+' : space ? ' ' : '';
}

function ofFloat(verb: Verb, value: number): string | undefined {
  const lower = verb.letter.toLowerCase();
  if (!'efgv'.includes(lower) || verb.letter === 'V') return undefined;
  if (!Number.isFinite(value)) {
    const text = numberText(value).replace('+', '');
    const sign = Number.isNaN(value) || value > 0 ? signOf(verb, false) : '';
    return padded({ ...verb, zero: false }, value === Infinity && sign === '' ? `+${text}` : sign + text);
  }
  const sign = signOf(verb, value < 0 || Object.is(value, -0));
  let text = sharpened(verb, lower, magnitude(lower, Math.abs(value), verb.precision));
  if (verb.letter === 'E' || verb.letter === 'G') text = text.toUpperCase();
  const missing = (verb.width ?? 0) - sign.length - text.length;
  if (verb.zero && !verb.minus && missing > 0 && sign !== '') return sign + '0'.repeat(missing) + text;
  return padded(verb, sign + text);
}

/** No more digits than these stand behind the point of a float64; further ones are zeros. */
const MAX_PLACES = 1074;

function magnitude(letter: string, value: number, precision: number | undefined): string {
  if (letter === 'f' || letter === 'e') {
    const places = precision ?? 6;
    const all = exact(value);
    const count = Math.min(places, MAX_PLACES) + (letter === 'e' ? 1 : all.point);
    const number = rounded(all, count);
    return letter === 'e' ? exponentText(number, places) : fixedText(number, places);
  }
  const number: Decimal = precision === undefined ? shortest(value) : rounded(exact(value), Math.max(precision, 1));
  const { digits, point } = number;
  const limit = Math.max(precision ?? 6, 1);
  const longest = precision !== undefined && limit > digits.length && digits.length >= point ? digits.length : limit;
  if (point - 1 < -4 || point - 1 >= longest) return exponentText(number, Math.max(digits.length - 1, 0));
  return fixedText(number, Math.max(digits.length - point, 0));
}

/** `#` keeps the point, and the zeros that `%g` drops. */
function sharpened({ sharp, precision }: Verb, letter: string, text: string): string {
  if (!sharp || letter === 'v') return text;
  const [number = '', tail] = text.split('e');
  const significant = number.replace('.', '').replace(/^0+/, '').length;
  const wanted =
    letter === 'g' ? (precision ?? 6) - (Number(number) === 0 ? number.replace('.', '').length : significant) : 0;
  return `${number}${number.includes('.') ? '' : '.'}${'0'.repeat(Math.max(wanted, 0))}${tail === undefined ? '' : `e${tail}`}`;
}

function padded({ width = 0, minus, zero }: Verb, text: string): string {
  if (width <= 0 || text.length >= width * 2) return text;
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}

export function goType(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'bigint') return value > 2n ** 63n - 1n ? 'uint64' : 'int';
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  if (isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return isFunction(value) ? 'function' : 'capsule';
}
