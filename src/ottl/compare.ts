/**
 * Comparison of OTTL values. Facts: Collector contrib `pkg/ottl/compare.go`, LANGUAGE.md "Comparison Rules": values of types that do
 * not fit are unequal and in no order; an int and a double compare as doubles; false is less than true; only == and != compare
 * lists, maps and ids, by content; nil equals nil.
 */
import type { CompareOperator } from './syntax/ast.ts';
import { Duration, Id, isList, isMap, Time, type Value, type ValueMap } from './value.ts';

export function compare(a: Value, operator: CompareOperator, b: Value): boolean {
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    default: {
      const order = orderOf(a, b);
      if (Number.isNaN(order)) return false;
      if (operator === '<') return order < 0;
      if (operator === '<=') return order <= 0;
      return operator === '>' ? order > 0 : order >= 0;
    }
  }
}

export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === 'bigint' && typeof b === 'number') return Number(a) === b;
  if (typeof a === 'number' && typeof b === 'bigint') return a === Number(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof Time) return b instanceof Time && a.ns === b.ns;
  if (a instanceof Duration) return b instanceof Duration && a.ns === b.ns;
  if (a instanceof Id) return b instanceof Id && a.hex === b.hex;
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, i) => same(item, b[i]));
  return isMap(a) && isMap(b) && sameMap(a, b);
}

/** Inside lists and maps types must be the same, too. */
const same = (a: Value, b: Value): boolean => typeof a === typeof b && equal(a, b);

function sameMap(a: ValueMap, b: ValueMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) if (!b.has(key) || !same(value, b.get(key)!)) return false;
  return true;
}

/** Below, at or above 0; NaN where there is no order. Text is compared by its bytes, as Go does. */
export function orderOf(a: Value, b: Value): number {
  if (a === null && b === null) return 0;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (isNumber(a) && isNumber(b)) {
    const left = Number(a);
    const right = Number(b);
    return left < right ? -1 : left > right ? 1 : left === right ? 0 : NaN;
  }
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if ((a instanceof Time && b instanceof Time) || (a instanceof Duration && b instanceof Duration))
    return a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0;
  return NaN;
}

const isNumber = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** By code points, which is the order of the bytes of UTF-8. UTF-16 differs where a surrogate meets a unit above them. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const leftPair = left >= 0xd800 && left <= 0xdfff;
    const rightPair = right >= 0xd800 && right <= 0xdfff;
    return leftPair === rightPair ? left - right : leftPair ? 1 : -1;
  }
  return a.length - b.length;
}
