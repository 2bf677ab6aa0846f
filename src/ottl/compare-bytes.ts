/**
 * Comparisons that need no values: of a field or an attribute with a constant, by its bytes. Where the bytes are not written as encoders
 * write them, and for whatever is not here, values are made and compared (`compare.ts`), with the same result.
 */
import { anyValueBytes, readAnyValue } from '#codec/otlp/any-value.ts';
import { ANY_VALUE } from '#codec/otlp/fields.ts';
import { LENGTH, VARINT } from '#codec/protobuf/limits.ts';
import { compare } from './compare.ts';
import type { Compiled, Located } from './compiled.ts';
import type { CompareOperator } from './syntax/ast.ts';
import type { Getter } from './telemetry.ts';
import type { Value } from './value.ts';

const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
const INT_TAG = (ANY_VALUE.intValue << 3) | VARINT;

/** Of an AnyValue that is not nil. */
const VALUE_TAGS = [0x0a, 0x10, 0x18, 0x21, 0x2a, 0x32, 0x3a];

const MIRRORED: Readonly<Record<CompareOperator, CompareOperator>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** null: there is no short way for these two. */
export function compareBytes(left: Compiled, operator: CompareOperator, right: Compiled): Getter<boolean> | null {
  if (right.constant !== undefined) return withConstant(left, operator, right.constant);
  if (left.constant !== undefined) return withConstant(right, MIRRORED[operator], left.constant);
  return null;
}

function withConstant(
  { number, located, get }: Compiled,
  operator: CompareOperator,
  constant: Value,
): Getter<boolean> | null {
  const size = typeof constant === 'bigint' ? Number(constant) : NaN;
  if (number !== undefined && Number.isSafeInteger(size)) return (t) => ordered(number(t), operator, size);
  if (located === undefined) return null;
  if (typeof constant === 'string') return withText(located, operator, constant);
  if (located.kind === 'text') return null;
  if (Number.isSafeInteger(size)) return withInt(located, operator, size);
  if (constant === null && (operator === '==' || operator === '!='))
    return (t) => {
      const message = located.locate(t);
      // An attribute without a value is nil; so is one whose value has unknown fields only.
      const isNil =
        message === null ||
        message.start === message.stop ||
        (!VALUE_TAGS.includes(message.buf[message.start]) && get(t) === null);
      return isNil === (operator === '==');
    };
  return null;
}

function withText(located: Located, operator: CompareOperator, constant: string): Getter<boolean> | null {
  if (operator !== '==' && operator !== '!=') return null;
  const { kind } = located;
  const equals = operator === '==';
  if (constant !== constant.toWellFormed()) return null;
  const wanted = kind === 'any' ? anyValueBytes(constant) : Buffer.from(constant);
  return (t) => {
    const message = located.locate(t);
    if (message === null) return (kind === 'text' && constant === '') === equals;
    const { buf, start, stop } = message;
    if (stop - start === wanted.length && same(buf, start, wanted)) return equals;
    // Text of one field that is written shortest, and differs: it is another text. Bytes that are no UTF-8 could still read the same.
    if (kind === 'any' && !(stop > start && buf[start] === STRING_TAG))
      return compare(readAnyValue(buf, start, stop), operator, constant);
    if (!constant.includes('\ufffd') && (kind === 'text' || isOneShort(buf, start, stop))) return !equals;
    const value = kind === 'any' ? readAnyValue(buf, start, stop) : buf.toString('utf8', start, stop);
    return compare(value, operator, constant);
  };
}

function withInt(located: Located, operator: CompareOperator, constant: number): Getter<boolean> {
  return (t) => {
    const message = located.locate(t);
    if (message === null) return compare(null, operator, BigInt(constant));
    const { buf, start, stop } = message;
    // Up to 28 bits, as most ints are.
    if (buf[start] !== INT_TAG || stop - start > 5 || stop - start < 2 || buf[stop - 1] > 0x7f)
      return compare(readAnyValue(buf, start, stop), operator, BigInt(constant));
    let value = 0;
    for (let at = start + 1, shift = 0; at < stop; at++, shift += 7) {
      // A byte that ends the varint before the end: something follows.
      if (at < stop - 1 && buf[at] < 0x80) return compare(readAnyValue(buf, start, stop), operator, BigInt(constant));
      value |= (buf[at] & 0x7f) << shift;
    }
    return ordered(value, operator, constant);
  };
}

function ordered(a: number, operator: CompareOperator, b: number): boolean {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

/** Whether the AnyValue is one string field with a length of one byte, or of two. */
function isOneShort(buf: Buffer, start: number, stop: number): boolean {
  const first = buf[start + 1];
  if (first < 0x80) return start + 2 + first === stop;
  const second = buf[start + 2];
  return second < 0x80 && second > 0 && start + 3 + (first & 0x7f) + second * 0x80 === stop;
}

function same(buf: Buffer, start: number, wanted: Buffer): boolean {
  for (let i = wanted.length - 1; i >= 0; i--) if (buf[start + i] !== wanted[i]) return false;
  return true;
}
