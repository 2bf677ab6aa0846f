/**
 * Arithmetic of OTTL. Facts: Collector contrib `pkg/ottl/math.go`: ints wrap around and divide towards zero, an int with a double
 * gives a double, division by zero fails; times and durations take + and - only.
 */
import { fail } from './error.ts';
import type { MathOperator } from './syntax/ast.ts';
import { Duration, int64, Time, typeName, type Value } from './value.ts';

export function calculate(a: Value, operator: MathOperator, b: Value): Value {
  if (typeof a === 'bigint' && typeof b === 'bigint') return ints(a, operator, b);
  if (typeof a === 'number' || typeof a === 'bigint') {
    if (typeof b !== 'number' && typeof b !== 'bigint') fail(`arithmetic with a number and a ${typeName(b)}`);
    return doubles(Number(a), operator, Number(b));
  }
  if (a instanceof Time || a instanceof Duration) return moments(a, operator, b);
  return fail(`arithmetic takes numbers, times and durations, got ${typeName(a)}`);
}

export function negate(value: Value): Value {
  if (typeof value === 'bigint') return int64(-value);
  if (typeof value === 'number') return -value;
  return fail(`a ${typeName(value)} has no negative`);
}

function ints(a: bigint, operator: MathOperator, b: bigint): bigint {
  if (operator === '+') return int64(a + b);
  if (operator === '-') return int64(a - b);
  if (operator === '*') return int64(a * b);
  return b === 0n ? fail('division by 0') : int64(a / b);
}

function doubles(a: number, operator: MathOperator, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return b === 0 ? fail('division by 0') : a / b;
}

function moments(a: Time | Duration, operator: MathOperator, b: Value): Value {
  if (operator === '*' || operator === '/') fail(`times and durations take + and - only, got ${operator}`);
  const plus = operator === '+';
  if (a instanceof Time) {
    if (b instanceof Duration) return new Time(plus ? a.ns + b.ns : a.ns - b.ns);
    if (b instanceof Time && !plus) return new Duration(clamped(a.ns - b.ns));
  } else {
    if (b instanceof Duration) return new Duration(int64(plus ? a.ns + b.ns : a.ns - b.ns));
    if (b instanceof Time && plus) return new Time(a.ns + b.ns);
  }
  return fail(`${typeName(a)} ${operator} ${typeName(b)} has no meaning`);
}

/** Go's Time.Sub: what no Duration holds becomes the longest one. */
function clamped(ns: bigint): bigint {
  const limit = 2n ** 63n;
  return ns >= limit ? limit - 1n : ns < -limit ? -limit : ns;
}
