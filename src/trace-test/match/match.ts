/** Whether what came out of an exporter is what was expected, and if not, how it differs. */
import type { ValueMap } from '../items/value.ts';
import { assign, assignInOrder, type Assignment } from './assign.ts';
import { differences, fits, leaves, type Difference } from './difference.ts';

/** Items on either side among which the nearest is looked for: every one is compared with every other. */
const MAX_COMPARED = 200;

export interface Rules {
  readonly others: boolean;
  readonly exact: boolean;
  readonly ordered: boolean;
}

export interface Missing<E> {
  readonly expected: E;
  /** What came out and is most like it, unless nothing is. */
  readonly nearest: { readonly actual: ValueMap; readonly differences: readonly Difference[] } | null;
}

export interface Verdict<E> {
  readonly missing: readonly Missing<E>[];
  /** Came out and is not expected. */
  readonly unexpected: readonly ValueMap[];
  /** All that is expected is there, in another order. */
  readonly isMisordered: boolean;
}

/** Items on both sides are canonical. */
export function match<E extends { readonly item: ValueMap }>(
  expected: readonly E[],
  actual: readonly ValueMap[],
  { others, exact, ordered }: Rules,
): Verdict<E> {
  const fit = (e: number, a: number): boolean => fits(expected[e].item, actual[a], exact);
  const anyhow = assign(expected.length, actual.length, fit);
  const isComplete = isWhole(anyhow);
  const assignment = ordered ? assignInOrder(expected.length, actual.length, fit) : anyhow;
  const isMisordered = ordered && isComplete && !isWhole(assignment);
  // Of a wrong order the order is what there is to tell.
  const told = isMisordered ? anyhow : assignment;
  const taken = new Set(told);
  const left = actual.filter((_, a) => !taken.has(a));
  const missing = pairUp(
    expected.filter((_, e) => told[e] < 0),
    left,
    exact,
  );
  const nearest = new Set(missing.map((one) => one.nearest?.actual));
  return { missing, unexpected: others ? [] : left.filter((item) => !nearest.has(item)), isMisordered };
}

const isWhole = (assignment: Assignment): boolean => assignment.every((a) => a >= 0);

/** Those that are most alike first. */
function pairUp<E extends { readonly item: ValueMap }>(
  expected: readonly E[],
  actual: readonly ValueMap[],
  exact: boolean,
): Missing<E>[] {
  const isOnly = expected.length === 1 && actual.length === 1;
  const pairs = expected
    .slice(0, MAX_COMPARED)
    .flatMap((one, e) =>
      actual
        .slice(0, MAX_COMPARED)
        .map((item, a) => ({ e, a, found: differences(one.item, item, exact), size: leaves(one.item) })),
    )
    .filter(
      ({ found, size }) => isOnly || size === 1 || found.filter((one) => one.expected !== undefined).length < size,
    )
    .toSorted((x, y) => x.found.length - y.found.length || x.e - y.e || x.a - y.a);
  const nearest = new Map<number, Missing<E>['nearest']>();
  const taken = new Set<number>();
  for (const { e, a, found } of pairs) {
    if (nearest.has(e) || taken.has(a)) continue;
    taken.add(a);
    nearest.set(e, { actual: actual[a], differences: found });
  }
  return expected.map((one, e) => ({ expected: one, nearest: nearest.get(e) ?? null }));
}
