/**
 * Operators. Facts: grafana/alloy `syntax/internal/transform`. Both sides are always evaluated; types must agree, but any two
 * values can be compared with `==` and `!=`. Integers are 64 bits wide and wrap around.
 *
 * Two oddities of Alloy are not copied: comparisons of integers beyond 2^63 with smaller ones are exact, and a whole number
 * to a negative power is a fraction.
 */
import { isDeepStrictEqual } from 'node:util';
import type { BinaryOperator, UnaryOperator } from '#config/syntax/token.ts';
import { isArray, isObject, isSecret, secretOf, typeName, type TypeName, type Value } from './value.ts';

/** An operand that does not fit; `message` follows its text. */
export interface Misfit {
  readonly side: 'left' | 'right';
  readonly message: string;
}

export type Result = { readonly value: Value } | { readonly misfit: Misfit };

const ok = (value: Value): Result => ({ value });
const misfit = (side: 'left' | 'right', message: string): Result => ({ misfit: { side, message } });

const OPERANDS: Readonly<Record<Exclude<BinaryOperator, '==' | '!='>, readonly TypeName[]>> = {
  '||': ['bool'],
  '&&': ['bool'],
  '+': ['number', 'string', 'capsule'],
  '-': ['number'],
  '*': ['number'],
  '/': ['number'],
  '%': ['number'],
  '^': ['number'],
  '<': ['number', 'string'],
  '<=': ['number', 'string'],
  '>': ['number', 'string'],
  '>=': ['number', 'string'],
};

export function unary(operator: UnaryOperator, operand: Value): Result {
  if (operator === '!')
    return typeof operand === 'boolean' ? ok(!operand) : misfit('left', `should be bool, got ${typeName(operand)}`);
  if (typeof operand === 'bigint') return ok(BigInt.asIntN(64, -operand));
  return typeof operand === 'number' ? ok(-operand) : misfit('left', `should be number, got ${typeName(operand)}`);
}

export function binary(leftOperand: Value, operator: BinaryOperator, rightOperand: Value): Result {
  const [left, right] = unwrapSecrets(leftOperand, rightOperand);
  if (operator === '==') return ok(equal(left, right));
  if (operator === '!=') return ok(!equal(left, right));
  const types = OPERANDS[operator];
  if (!types.includes(typeName(left)))
    return misfit('left', `should be one of [${types.join(' ')}] for binop ${operator}, got ${typeName(left)}`);
  if (!types.includes(typeName(right)))
    return misfit('right', `should be one of [${types.join(' ')}] for binop ${operator}, got ${typeName(right)}`);
  if (typeName(left) !== typeName(right)) return misfit('right', `should be ${typeName(left)}, got ${typeName(right)}`);

  if (typeof left === 'boolean' && typeof right === 'boolean')
    return ok(operator === '||' ? left || right : left && right);
  if (isSecret(left) && isSecret(right)) return ok(secretOf(left.secret + right.secret));
  if (typeof left === 'string' && typeof right === 'string') {
    // Strings are ordered by their UTF-8 bytes.
    return ok(
      operator === '+' ? left + right : compares(operator, Buffer.compare(Buffer.from(left), Buffer.from(right))),
    );
  }
  if (isNumber(left) && isNumber(right)) return numbers(left, operator, right);
  return misfit(
    'left',
    `could not perform binop ${operator} for unknown types lhs ${typeName(left)} rhs ${typeName(right)}`,
  );
}

/** A string beside a secret is taken for a secret. */
function unwrapSecrets(left: Value, right: Value): readonly [Value, Value] {
  if (isSecret(left) && typeof right === 'string') return [left, secretOf(right)];
  if (typeof left === 'string' && isSecret(right)) return [secretOf(left), right];
  return [left, right];
}

function isNumber(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

function numbers(left: bigint | number, operator: BinaryOperator, right: bigint | number): Result {
  if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=')
    return ok(compares(operator, order(left, right)));
  if ((operator === '/' || operator === '%') && Number(right) === 0) return misfit('right', 'divide by zero error');
  return ok(
    typeof left === 'bigint' && typeof right === 'bigint'
      ? integers(left, operator, right)
      : floats(Number(left), operator, Number(right)),
  );
}

/** Negative, zero, positive, or NaN when one is not a number. An integer beside a float is taken for a float. */
function order(left: bigint | number, right: bigint | number): number {
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0;
  const [a, b] = [Number(left), Number(right)];
  return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
}

function compares(operator: BinaryOperator, ordered: number): boolean {
  switch (operator) {
    case '<':
      return ordered < 0;
    case '<=':
      return ordered <= 0;
    case '>':
      return ordered > 0;
    default:
      return ordered >= 0;
  }
}

const MAX_INT64 = 2n ** 63n - 1n;

/** The result is unsigned only if both sides are beyond int64. */
function integers(left: bigint, operator: BinaryOperator, right: bigint): Value {
  const unsigned = left > MAX_INT64 && right > MAX_INT64;
  const wrap = (value: bigint): bigint => (unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value));
  switch (operator) {
    case '+':
      return wrap(left + right);
    case '-':
      return wrap(left - right);
    case '*':
      return wrap(left * right);
    case '/':
      return wrap(left / right);
    case '%':
      return wrap(left % right);
    default:
      return right < 0n ? Number(left) ** Number(right) : power(left, right, wrap);
  }
}

/** Square and multiply, so that a large exponent takes 64 steps at most. */
function power(base: bigint, exponent: bigint, wrap: (value: bigint) => bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = wrap(result * square);
    square = wrap(square * square);
  }
  return result;
}

function floats(left: number, operator: BinaryOperator, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    case '%':
      return left % right;
    default:
      return left ** right;
  }
}

/** Deep equality. Values of different types are never equal, nor are functions; 3 equals 3.0. */
export function equal(left: Value, right: Value): boolean {
  if (isNumber(left) && isNumber(right)) return order(left, right) === 0;
  if (typeName(left) !== typeName(right) || typeName(left) === 'function') return false;
  if (isArray(left) && isArray(right))
    return left.length === right.length && left.every((element, i) => equal(element, right[i]));
  if (isObject(left) && isObject(right)) {
    if (left.size !== right.size) return false;
    for (const [key, value] of left) if (!right.has(key) || !equal(value, right.get(key)!)) return false;
    return true;
  }
  return isDeepStrictEqual(left, right);
}
