/** Converters of text. Offsets and lengths count bytes of UTF-8, as in Go. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { GoRegex, RegexError } from '#text/regex.ts';
import { equal } from '../compare.ts';
import { fail } from '../error.ts';
import type { Getter } from '../telemetry.ts';
import { isList, typeName, type Value } from '../value.ts';
import { joined, textOf } from '../text.ts';
import type { Arguments } from './arguments.ts';
import { sprintf } from './format.ts';
import { converter, type Converter } from './function.ts';

const CASES: Readonly<Record<string, (text: string) => string>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  snake: snakeCase,
  camel: camelCase,
};

/** As the package iancoleman/strcase, which upstream uses. */
function snakeCase(text: string): string {
  return text
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/([A-Za-z])([0-9])/g, '$1_$2')
    .replace(/([0-9])([A-Za-z])/g, '$1_$2')
    .replace(/[ \-.]/g, '_')
    .toLowerCase();
}

function camelCase(text: string): string {
  return text
    .trim()
    .replace(/(^|[ \-._]+)([A-Za-z0-9]?)/g, (_, __, letter: string) => letter.toUpperCase())
    .replace(/([0-9])([a-z])/g, (_, digit: string, letter: string) => digit + letter.toUpperCase());
}

const cased = (name: string, to: string): Converter =>
  converter(name, ['target'], 'string', `The string in ${to} case.`, (args) => {
    const target = args.string(0);
    return (t) => CASES[to](target(t));
  });

function convertCase(args: Arguments): Getter {
  const target = args.string(0);
  const to = args.literal(1);
  if (!Object.hasOwn(CASES, to)) throw args.wrong(1, `there is no case "${to}"`, 'one of lower, upper, snake, camel');
  return (t) => CASES[to](target(t));
}

function concat(args: Arguments): Getter {
  const values = args.list(0);
  const delimiter = args.string(1);
  return (t) => {
    const parts = values(t).filter((value) => value === null || typeof value !== 'object' || !isStructure(value));
    // nil is written as Go prints it.
    const by = delimiter(t);
    return joined(
      parts.map((part) => (part === null ? '<nil>' : textOf(part)!)),
      () => by,
    );
  };
}

const isStructure = (value: Value): boolean => isList(value) || value instanceof Map;

/** A regular expression that is known without data; null if it is not. */
export function fixedRegex(args: Arguments, i: number): GoRegex | null {
  const known = args.constant(i);
  if (typeof known !== 'string') return null;
  try {
    return new GoRegex(known);
  } catch (thrown) {
    if (thrown instanceof RegexError) throw args.wrong(i, thrown.message);
    throw thrown;
  }
}

/** Compiled once if it is a literal, else kept while it stays the same. */
export function regex(args: Arguments, i: number): Getter<GoRegex> {
  const fixed = fixedRegex(args, i);
  if (fixed !== null) return () => fixed;
  const pattern = args.string(i);
  let last: GoRegex | null = null;
  return (t) => {
    const text = pattern(t);
    if (last?.pattern === text) return last;
    try {
      return (last = new GoRegex(text));
    } catch (thrown) {
      if (thrown instanceof RegexError) return fail(thrown.message);
      throw thrown;
    }
  };
}

function isMatch(args: Arguments): Getter {
  const target = args.text(0);
  const pattern = regex(args, 1);
  return (t) => {
    const text = target(t);
    return text !== null && pattern(t).test(text);
  };
}

function split(args: Arguments): Getter {
  const target = args.string(0);
  const delimiter = args.string(1);
  return (t) => {
    const by = delimiter(t);
    const text = target(t);
    return by === '' ? [...text] : text.split(by);
  };
}

function substring(args: Arguments): Getter {
  const target = args.string(0);
  const start = args.int(1);
  const length = args.int(2);
  const safe = args.has(3) ? args.bool(3) : () => false;
  return (t) => {
    const bytes = Buffer.from(target(t));
    const from = start(t);
    const size = length(t);
    if (from < 0n) fail(`Substring begins at ${from}, before the text`);
    if (size <= 0n) fail(`Substring has the length ${size}, which is not above 0`);
    if (from + size > BigInt(bytes.length))
      fail(`Substring ends at ${from + size}, behind the text of ${bytes.length} bytes`);
    let first = Number(from);
    let last = Number(from + size);
    if (safe(t)) {
      while (first < last && isContinuation(bytes, first)) first++;
      while (last > first && isContinuation(bytes, last)) last--;
    }
    return bytes.toString('utf8', first, last);
  };
}

const isContinuation = (bytes: Buffer, at: number): boolean => at < bytes.length && (bytes[at] & 0xc0) === 0x80;

/** Go's strings.Trim: any of the characters of `cutset`, at both ends. */
function trim(args: Arguments): Getter {
  const target = args.string(0);
  const cutset = args.has(1) ? args.string(1) : () => ' ';
  return (t) => {
    const cut = new Set(cutset(t));
    const points = [...target(t)];
    let first = 0;
    let last = points.length;
    while (first < last && cut.has(points[first])) first++;
    while (last > first && cut.has(points[last - 1])) last--;
    return points.slice(first, last).join('');
  };
}

function index(args: Arguments): Getter {
  const target = args.value(0);
  const wanted = args.value(1);
  return (t) => {
    const value = target(t);
    const item = wanted(t);
    if (isList(value)) return BigInt(value.findIndex((element) => equal(element, item)));
    if (typeof value !== 'string') return fail(`Index takes a string or a list, got ${typeName(value)}`);
    if (typeof item !== 'string') return fail(`Index looks for a string in a string, got ${typeName(item)}`);
    const at = value.indexOf(item);
    return BigInt(at < 0 ? -1 : Buffer.byteLength(value.slice(0, at)));
  };
}

/** Whether the last digit is the check digit of the others by Luhn's sum; spaces do not count. */
function isValidLuhn(args: Arguments): Getter {
  const target = args.value(0);
  return (t) => {
    const value = target(t);
    const digits = typeof value === 'bigint' || typeof value === 'string' ? String(value).replaceAll(' ', '') : null;
    if (digits === null || !/^\d*$/.test(digits)) return fail('IsValidLuhn takes a string of digits, or an int');
    let sum = 0;
    for (let i = 0; i < digits.length; i++) {
      const digit = Number(digits[digits.length - 1 - i]);
      sum += i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
    }
    return digits !== '' && sum % 10 === 0;
  };
}

const pair = (name: string, other: string, doc: string, of: (value: string, end: string) => Value): Converter =>
  converter(name, ['value', other], name.startsWith('Has') ? 'bool' : 'string', doc, (args) => {
    const value = args.string(0);
    const end = args.string(1);
    return (t) => of(value(t), end(t));
  });

export const TEXTS: readonly Converter[] = [
  converter(
    'Concat',
    ['values', 'delimiter'],
    'string',
    'The values as text, lists and maps left out, with the delimiter between.',
    concat,
  ),
  converter(
    'ConvertCase',
    ['target', 'to_case'],
    'string',
    'The string in lower, upper, snake or camel case.',
    convertCase,
  ),
  cased('ToLowerCase', 'lower'),
  cased('ToUpperCase', 'upper'),
  cased('ToSnakeCase', 'snake'),
  cased('ToCamelCase', 'camel'),
  converter('Format', ['format_string', 'format_arguments'], 'string', "Go's fmt.Sprintf.", (args) => {
    const format = args.string(0);
    const values = args.list(1);
    return (t) => sprintf(format(t), values(t));
  }),
  pair('HasPrefix', 'prefix', 'Whether the string begins with the prefix.', (value, end) => value.startsWith(end)),
  pair('HasSuffix', 'suffix', 'Whether the string ends with the suffix.', (value, end) => value.endsWith(end)),
  pair('TrimPrefix', 'prefix', 'The string without the prefix.', (value, end) =>
    value.startsWith(end) ? value.slice(end.length) : value,
  ),
  pair('TrimSuffix', 'suffix', 'The string without the suffix.', (value, end) =>
    end !== '' && value.endsWith(end) ? value.slice(0, -end.length) : value,
  ),
  converter(
    'Index',
    ['target', 'value'],
    'int',
    'Where the value is first found in a string or list; -1 if it is not.',
    index,
  ),
  converter(
    'IsMatch',
    ['target', 'pattern'],
    'bool',
    'Whether the regular expression matches in the value as text; nil never does.',
    isMatch,
  ),
  converter(
    'IsValidLuhn',
    ['target'],
    'bool',
    'Whether the digits are a number with a check digit by Luhn, as that of a credit card.',
    isValidLuhn,
  ),
  converter('Split', ['target', 'delimiter'], 'any', 'The parts of the string between the delimiters.', split),
  converter(
    'Substring',
    ['target', 'start', 'length', 'utf8_safe?'],
    'string',
    'So many bytes of the string, from a position on.',
    substring,
  ),
  converter(
    'Trim',
    ['target', 'replacement?'],
    'string',
    'The string without the characters (a space) at its ends.',
    trim,
  ),
];
