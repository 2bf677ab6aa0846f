/** Comparison rules (Collector contrib `pkg/ottl/LANGUAGE.md`) and arithmetic (`pkg/ottl/math.go`). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compare } from '#ottl/compare.ts';
import { EvaluationError } from '#ottl/error.ts';
import { calculate } from '#ottl/math.ts';
import type { CompareOperator, MathOperator } from '#ottl/syntax/ast.ts';
import { Duration, Id, Time, type Value } from '#ottl/value.ts';

const OPERATORS = ['==', '!=', '<', '<=', '>', '>='] as const;
/** The operators that hold between two values. */
const holding = (a: Value, b: Value): CompareOperator[] => OPERATORS.filter((operator) => compare(a, operator, b));

const EQUAL = ['==', '<=', '>='];
const LESS = ['!=', '<', '<='];
const GREATER = ['!=', '>', '>='];
const UNEQUAL = ['!='];

describe('comparison', () => {
  const table: readonly (readonly [string, Value, Value, readonly string[]])[] = [
    ['ints', 1n, 2n, LESS],
    ['ints beyond 2^53', 9007199254740993n, 9007199254740992n, GREATER],
    ['an int and a double', 1n, 1, EQUAL],
    ['an int below a double', 1n, 1.5, LESS],
    ['doubles', 2.5, 1, GREATER],
    ['NaN', NaN, NaN, UNEQUAL],
    ['strings', 'a', 'b', LESS],
    ['strings by their bytes', '\uffff', '\u{10000}', LESS],
    ['a string and its beginning', 'ab', 'a', GREATER],
    ['bools', false, true, LESS],
    ['nils', null, null, EQUAL],
    ['nil and 0', null, 0n, UNEQUAL],
    ['nil and empty text', '', null, UNEQUAL],
    ['text and number', '1', 1n, UNEQUAL],
    ['bool and int', true, 1n, UNEQUAL],
    ['bytes', Buffer.from([1]), Buffer.from([1, 0]), LESS],
    ['bytes and nil', Buffer.alloc(0), null, UNEQUAL],
    ['times', new Time(2n), new Time(1n), GREATER],
    ['durations', new Duration(1n), new Duration(1n), EQUAL],
    ['a time and a duration', new Time(1n), new Duration(1n), UNEQUAL],
    ['ids', new Id('00'), new Id('00'), ['==']],
    ['other ids', new Id('00'), new Id('01'), UNEQUAL],
    ['lists', [1n, ['a']], [1n, ['a']], ['==']],
    ['lists of other types', [1n], [1], UNEQUAL],
    [
      'maps in another order',
      new Map([
        ['a', 1n],
        ['b', null],
      ]),
      new Map([
        ['b', null],
        ['a', 1n],
      ]),
      ['=='],
    ],
    ['maps', new Map([['a', 1n]]), new Map([['a', 2n]]), UNEQUAL],
    ['a list and a map', [], new Map(), UNEQUAL],
  ];
  for (const [what, a, b, expected] of table) test(what, () => assert.deepEqual(holding(a, b), expected));
});

describe('arithmetic', () => {
  const HOUR = 3_600_000_000_000n;
  const table: readonly (readonly [Value, MathOperator, Value, Value])[] = [
    [7n, '/', 2n, 3n],
    [-7n, '/', 2n, -3n],
    [2n ** 63n - 1n, '+', 1n, -(2n ** 63n)],
    [3n, '*', 1.5, 4.5],
    [1.5, '-', 1n, 0.5],
    [new Time(HOUR), '-', new Time(0n), new Duration(HOUR)],
    [new Time(1n), '+', new Duration(2n), new Time(3n)],
    [new Duration(1n), '+', new Time(2n), new Time(3n)],
    [new Duration(3n), '-', new Duration(1n), new Duration(2n)],
    [new Time(2n ** 64n - 1n), '-', new Time(0n), new Duration(2n ** 63n - 1n)],
  ];
  for (const [a, operator, b, expected] of table)
    test(`${typeof a} ${operator} ${typeof b} = ${String(expected)}`, () =>
      assert.deepEqual(calculate(a, operator, b), expected));

  const failing: readonly (readonly [Value, MathOperator, Value])[] = [
    [1n, '/', 0n],
    [1.5, '/', 0],
    [1n, '+', 'a'],
    ['a', '+', 'b'],
    [null, '-', 1n],
    [new Time(1n), '*', 2n],
    [new Time(1n), '+', new Time(1n)],
    [new Duration(1n), '-', new Time(1n)],
  ];
  for (const [a, operator, b] of failing)
    test(`${String(a)} ${operator} ${String(b)} fails`, () =>
      assert.throws(() => calculate(a, operator, b), EvaluationError));
});
