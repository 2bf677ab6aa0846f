/**
 * The conversions that Alloy makes without being asked: number to string, and string to number.
 * Facts: grafana/alloy `syntax/internal/value`, convertValue.
 */

import type { Value } from './value.ts';

const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The string that a value stands for where a string is wanted; undefined when it stands for none. null is empty. */
export function asString(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return typeof value === 'bigint' || typeof value === 'number' ? numberText(value) : undefined;
}

/** The number that a value stands for where a number is wanted; undefined when it stands for none. null is 0. */
export function asNumber(value: Value): bigint | number | undefined {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  if (value === null) return 0n;
  return typeof value === 'string' ? numberOf(value) : undefined;
}

/** Decimal text of a number, never in exponent form, as Go's `strconv.FormatFloat(v, 'f', -1, 64)` writes it. */
export function numberText(value: bigint | number): string {
  if (typeof value === 'bigint') return value.toString();
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  const mark = text.indexOf('e');
  return mark < 0 ? text : expand(text.slice(0, mark), Number(text.slice(mark + 1)));
}

/** `1.5`, 21 -> `1500000000000000000000`. */
function expand(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  return (
    sign + (point >= digits.length ? digits.padEnd(point, '0') : `${digits.slice(0, point)}.${digits.slice(point)}`)
  );
}

function numberOf(text: string): bigint | number | undefined {
  if (/^-?\d+$/.test(text)) {
    // 20 digits hold every 64-bit integer with leading zeros aside; longer ones are not worth a BigInt.
    if (text.length > 64) return undefined;
    const value = BigInt(text);
    return value < MIN_INT64 || value > MAX_UINT64 || (text.startsWith('-') && value > 0n) ? undefined : value;
  }
  if (!/^\+?(\d+(?:\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text) || !/[.eE]/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
