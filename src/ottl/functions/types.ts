/** Converters between types, and questions about them. Facts: Collector contrib `pkg/ottl/ottlfuncs/README.md`. */
import { fail } from '../error.ts';
import { textOf } from '../text.ts';
import {
  Duration,
  Id,
  int64,
  isList,
  isMap,
  Time,
  typeName,
  ZERO_SPAN_ID,
  ZERO_TRACE_ID,
  type Value,
} from '../value.ts';
import type { Arguments } from './arguments.ts';
import { converter, type Converter } from './function.ts';
import type { Getter } from '../telemetry.ts';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** nil where it cannot be one. */
export function toInt(value: Value): bigint | null {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1n : 0n;
    case 'number':
      return Number.isFinite(value) ? int64(clamped(Math.trunc(value))) : null;
    case 'string':
      return parseInt64(value, 10);
    default:
      return null;
  }
}

const clamped = (value: number): bigint => {
  const exact = BigInt(value);
  return exact > MAX ? MAX : exact < MIN ? MIN : exact;
};

export function toDouble(value: Value): number | null {
  switch (typeof value) {
    case 'bigint':
      return Number(value);
    case 'boolean':
      return value ? 1 : 0;
    case 'number':
      return value;
    case 'string':
      return parseDouble(value);
    default:
      return null;
  }
}

/** Go's strconv.ParseFloat, without hexadecimal floats. */
function parseDouble(text: string): number | null {
  // One way only to read each digit: two would take time in the square of their number.
  if (/^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : null;
  }
  if (/^[-+]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? NaN : null;
}

/** Go's strconv.ParseInt; null for what it refuses. */
export function parseInt64(text: string, base: number): bigint | null {
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  let digits = text.slice(sign.length).toLowerCase();
  if (base === 0) {
    const prefix = /^0([box]?)/.exec(digits);
    base = prefix === null || digits === '0' ? 10 : prefix[1] === 'b' ? 2 : prefix[1] === 'x' ? 16 : 8;
    if (digits.includes('_')) {
      if (/__|_$/.test(digits) || digits.startsWith('_')) return null;
      digits = digits.replaceAll('_', '');
    }
    if (prefix !== null && digits !== '0') digits = digits.slice(prefix[0].length);
  }
  if (digits === '' || digits.length > 1100) return null;
  let value = 0n;
  const factor = BigInt(base);
  for (const character of digits) {
    const digit = Number.parseInt(character, 36);
    if (Number.isNaN(digit) || digit >= base) return null;
    value = value * factor + BigInt(digit);
    if (value > MAX + 1n) return null;
  }
  const signed = sign === '-' ? -value : value;
  return signed > MAX ? null : signed;
}

export function toBool(value: Value): boolean | null {
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'bigint':
      return value !== 0n;
    case 'number':
      return value !== 0;
    case 'string':
      if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(value)) return true;
      return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(value) ? false : fail(`"${value}" is no bool`);
    default:
      return null;
  }
}

function isEmpty(value: Value): boolean {
  if (value === null || value === '' || value === 0n || value === 0 || value === false) return true;
  if (value instanceof Uint8Array || isList(value)) return value.length === 0;
  if (value instanceof Id) return value.hex === ZERO_TRACE_ID.hex || value.hex === ZERO_SPAN_ID.hex;
  if (value instanceof Duration || value instanceof Time) return value.ns === 0n;
  return isMap(value) && value.size === 0;
}

function parseIntOf(args: Arguments): Getter {
  const target = args.string(0);
  const base = args.int(1);
  return (t) => {
    const text = target(t);
    const radix = base(t);
    if (radix < 0n || radix === 1n || radix > 36n) fail(`ParseInt takes a base of 0 or 2 to 36, got ${radix}`);
    return parseInt64(text, Number(radix)) ?? fail(`ParseInt cannot read "${text}" in base ${radix}`);
  };
}

const of = (name: string, type: Converter['returns'], doc: string, convert: (value: Value) => Value): Converter =>
  converter(name, ['value'], type, doc, (args) => {
    const value = args.value(0);
    return (t) => convert(value(t));
  });

const is = (name: string, what: string, test: (value: Value) => boolean): Converter =>
  of(name, 'bool', `Whether the value is ${what}.`, test);

function id(name: string, digits: number): Converter {
  const pattern = new RegExp(`^[0-9a-fA-F]{${digits}}$`);
  return of(name, 'any', `The bytes, or the hex text of ${digits} digits, as an id.`, (value) => {
    if (value instanceof Id && value.hex.length === digits) return value;
    const hex = value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
    if (typeof hex !== 'string') return fail(`${name} takes bytes or a string, got ${typeName(value)}`);
    return pattern.test(hex)
      ? new Id(hex.toLowerCase())
      : fail(`${name} takes ${digits / 2} bytes or ${digits} hex digits`);
  });
}

export const TYPES: readonly Converter[] = [
  of('Int', 'int', 'The value as an int, doubles cut; nil if it cannot be one.', toInt),
  of('Double', 'double', 'The value as a double; nil if it cannot be one.', toDouble),
  of('String', 'string', 'The value as text, bytes in hex, lists and maps as JSON; nil stays nil.', textOf),
  of('Bool', 'bool', 'The value as a bool: numbers are true unless 0.', toBool),
  converter(
    'ParseInt',
    ['target', 'base'],
    'int',
    'The int that a string writes in a base; 0 goes by its prefix.',
    parseIntOf,
  ),
  is('IsString', 'a string', (value) => typeof value === 'string'),
  is('IsInt', 'an int', (value) => typeof value === 'bigint'),
  is('IsDouble', 'a double', (value) => typeof value === 'number'),
  is('IsBool', 'a bool', (value) => typeof value === 'boolean'),
  is('IsMap', 'a map', isMap),
  is('IsList', 'a list', isList),
  is('IsEmpty', 'nil, zero, or without content', isEmpty),
  id('TraceID', 32),
  id('SpanID', 16),
  id('ProfileID', 32),
];
