/** Compares an item that is expected with one that came out, field by field. Both are canonical. */
import { GoRegex } from '#text/regex.ts';
import { isCondition } from '../items/canonical.ts';
import { isList, isMap, type Value, type ValueMap } from '../items/value.ts';

export interface Difference {
  /** `attributes.http.route` */
  readonly path: string;
  /** undefined: nothing is expected there. */
  readonly expected: Value | undefined;
  /** undefined: there is nothing. */
  readonly actual: Value | undefined;
}

/** Lists of things that have no order. */
const UNORDERED: ReadonlySet<string> = new Set(['events', 'links', 'exemplars']);

/** `exact`: what is not mentioned must not be there. */
export function differences(expected: ValueMap, actual: ValueMap, exact: boolean): readonly Difference[] {
  const found: Difference[] = [];
  compareMaps(expected, actual, '', exact, found);
  return found;
}

export const fits = (expected: ValueMap, actual: ValueMap, exact: boolean): boolean =>
  differences(expected, actual, exact).length === 0;

function compareMaps(expected: ValueMap, actual: ValueMap, path: string, exact: boolean, found: Difference[]): void {
  for (const [key, value] of Object.entries(expected))
    compare(value, Object.hasOwn(actual, key) ? actual[key] : undefined, under(path, key), exact, found);
  if (!exact) return;
  for (const [key, value] of Object.entries(actual))
    if (!Object.hasOwn(expected, key)) found.push({ path: under(path, key), expected: undefined, actual: value });
}

function compare(expected: Value, actual: Value | undefined, path: string, exact: boolean, found: Difference[]): void {
  if (isCondition(expected)) {
    if (!meets(expected, actual)) found.push({ path, expected, actual });
  } else if (isMap(expected) && isMap(actual)) compareMaps(expected, actual, path, exact, found);
  else if (isList(expected) && isList(actual)) {
    if (UNORDERED.has(path)) compareSets(expected, actual, path, exact, found);
    else compareLists(expected, actual, path, exact, found);
  } else if (!isSame(expected, actual)) found.push({ path, expected, actual });
}

function compareLists(
  expected: readonly Value[],
  actual: readonly Value[],
  path: string,
  exact: boolean,
  found: Difference[],
): void {
  if (expected.length !== actual.length) found.push({ path, expected, actual });
  else expected.forEach((value, i) => compare(value, actual[i], `${path}[${i}]`, exact, found));
}

/** Each expected one takes the nearest of those that are left. */
function compareSets(
  expected: readonly Value[],
  actual: readonly Value[],
  path: string,
  exact: boolean,
  found: Difference[],
): void {
  const left = new Set(actual.keys());
  expected.forEach((value, i) => {
    let best: { readonly at: number; readonly found: readonly Difference[] } | null = null;
    for (const at of left) {
      const differing: Difference[] = [];
      compare(value, actual[at], `${path}[${i}]`, exact, differing);
      if (best === null || differing.length < best.found.length) best = { at, found: differing };
    }
    if (best === null) found.push({ path: `${path}[${i}]`, expected: value, actual: undefined });
    else {
      left.delete(best.at);
      found.push(...best.found);
    }
  });
  if (exact) for (const at of left) found.push({ path: `${path}[${at}]`, expected: undefined, actual: actual[at] });
}

function isSame(expected: Value, actual: Value | undefined): boolean {
  if (expected === null) return actual === undefined || actual === null;
  const isNumber = (value: Value | undefined): value is number | bigint =>
    typeof value === 'number' || typeof value === 'bigint';
  if (isNumber(expected) && isNumber(actual)) {
    if (typeof expected === typeof actual) return Object.is(expected, actual) || expected === actual;
    return isWhole(expected, actual);
  }
  return expected === actual;
}

/** A whole number and a double of the same value: exactly, beyond what a double counts too. */
function isWhole(a: number | bigint, b: number | bigint): boolean {
  const [integer, double] = typeof a === 'bigint' ? [a, Number(b)] : [BigInt(b), Number(a)];
  return Number.isInteger(double) && BigInt(double) === integer;
}

function meets(condition: ValueMap, actual: Value | undefined): boolean {
  const { $matches, $exists, $between } = condition;
  if (typeof $exists === 'boolean' && $exists !== (actual !== undefined && actual !== null)) return false;
  if (typeof $matches === 'string' && !(typeof actual === 'string' && regex($matches).test(actual))) return false;
  if (!isList($between)) return true;
  if (typeof actual !== 'number' && typeof actual !== 'bigint') return false;
  const [least, greatest] = $between.map(Number);
  return Number(actual) >= least && Number(actual) <= greatest;
}

const COMPILED = new Map<string, GoRegex>();

/** There are as many as test files write. */
function regex(pattern: string): GoRegex {
  const known = COMPILED.get(pattern) ?? new GoRegex(pattern);
  COMPILED.set(pattern, known);
  return known;
}

/** How many values there are in an item, maps taken apart. */
export function leaves(value: Value): number {
  const inside: readonly Value[] = isMap(value) && !isCondition(value) ? Object.values(value) : [];
  return inside.length === 0 ? 1 : inside.reduce<number>((sum, member) => sum + leaves(member), 0);
}

const under = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
