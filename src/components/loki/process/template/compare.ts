/** Go's functions that compare. Values of different kinds cannot be compared. */
import { fn, refuse, type Fn } from './function.ts';
import { Float, isTrue, kindOf, type Value } from './value.ts';

type Basic = string | number | boolean;

function basic(value: Value, name: string): Basic {
  if (value instanceof Float) return value.value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return refuse(name, 'invalid type for comparison');
}

function pair(a: Value, b: Value, name: string): readonly [Basic, Basic] {
  if (kindOf(a) !== kindOf(b)) refuse(name, 'incompatible types for comparison');
  return [basic(a, name), basic(b, name)];
}

function isSame(a: Value, b: Value, name: string): boolean {
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null);
  const [x, y] = pair(a, b, name);
  return x === y;
}

function isLess(a: Value, b: Value, name: string): boolean {
  const [x, y] = pair(a, b, name);
  if (typeof x === 'boolean') refuse(name, 'invalid type for comparison');
  if (typeof x === 'string' && typeof y === 'string') return Buffer.compare(Buffer.from(x), Buffer.from(y)) < 0;
  return x < y;
}

export const compareFunctions: Readonly<Record<string, Fn>> = {
  // These two are run by the template itself, which looks at an argument only when it counts.
  and: fn(1, 100, (args) => args.at(-1)),
  or: fn(1, 100, (args) => args.at(-1)),
  not: fn(1, 1, ([value]) => !isTrue(value)),
  eq: fn(2, 100, ([a, ...rest], name) => rest.some((b) => isSame(a, b, name))),
  ne: fn(2, 2, ([a, b], name) => !isSame(a, b, name)),
  lt: fn(2, 2, ([a, b], name) => isLess(a, b, name)),
  le: fn(2, 2, ([a, b], name) => isLess(a, b, name) || isSame(a, b, name)),
  gt: fn(2, 2, ([a, b], name) => isLess(b, a, name)),
  ge: fn(2, 2, ([a, b], name) => isLess(b, a, name) || isSame(a, b, name)),
};
