/** merge_histogram_buckets: fewer explicit buckets, by a bound that goes or by a limit of their number. */
import { HISTOGRAM_POINT, METRIC } from '#codec/otlp/fields.ts';
import { doubles, fixed64s, MessageView } from '#codec/otlp/view.ts';
import { fail } from '#ottl/error.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import { toDouble } from '#ottl/functions/types.ts';
import { putDoubles, putFixed64s } from '#ottl/paths/write.ts';
import type { Run } from '#ottl/telemetry.ts';
import { int64 } from '#ottl/value.ts';

const FIELD = HISTOGRAM_POINT;
/** Bounds that are nearer than this are the same. */
const EPSILON = 1e-12;

interface Explicit {
  readonly bounds: readonly number[];
  readonly counts: readonly bigint[];
}

/** Null: nothing changes. */
type Merge = (histogram: Explicit, target: number) => Explicit | null;

function withoutBound({ bounds, counts }: Explicit, target: number): Explicit | null {
  const at = bounds.findIndex((bound) => Math.abs(bound - target) < EPSILON);
  if (at < 0) return null;
  return {
    bounds: bounds.toSpliced(at, 1),
    counts: counts.toSpliced(at, 2, int64(counts[at] + counts[at + 1])),
  };
}

/** Groups of neighbours, all of the smallest size that gets by with so many. */
function atMost({ bounds, counts }: Explicit, limit: number): Explicit | null {
  if (counts.length <= limit || bounds.some((bound, i) => i > 0 && !(bound > bounds[i - 1]))) return null;
  const size = Math.ceil(counts.length / limit);
  const groups = Array.from({ length: Math.ceil(counts.length / size) }, (_, i) =>
    counts.slice(i * size, (i + 1) * size),
  );
  return {
    bounds: bounds.filter((_, i) => (i + 1) % size === 0),
    counts: groups.map((group) => int64(group.reduce((a, b) => a + b, 0n))),
  };
}

const isLimit = (target: number): boolean => Number.isInteger(target) && target >= 1 && target <= 2 ** 63;

const METHODS: ReadonlyMap<string, Merge> = new Map([
  ['remove_explicit_bound', withoutBound],
  ['limit_buckets', atMost],
]);

function mergeBuckets(args: Arguments): Run {
  const merge = METHODS.get(args.literal(1, 'remove_explicit_bound'));
  if (merge === undefined) throw args.wrong(1, `the method is one of ${[...METHODS.keys()].join(', ')}`);
  const problem = (target: number | null): string | null => {
    if (target === null) return 'merge_histogram_buckets takes a number as `target_value`';
    return merge === atMost && !isLimit(target) ? `the limit of buckets is a positive integer, got ${target}` : null;
  };
  const known = args.constant(0);
  const wrong = known === undefined ? null : problem(toDouble(known));
  if (wrong !== null) throw args.wrong(0, wrong);
  const target = args.value(0);
  const view = new MessageView();
  return (t) => {
    if (t.pointKind !== METRIC.histogram) return;
    const number = toDouble(target(t));
    const failed = problem(number);
    if (failed !== null) fail(failed);
    const { point } = t;
    point.whole();
    view.reset(point.buf, point.start, point.stop);
    const histogram = { bounds: doubles(view, FIELD.explicitBounds), counts: fixed64s(view, FIELD.bucketCounts) };
    if (histogram.bounds.length + 1 !== histogram.counts.length) return;
    const merged = merge(histogram, number!);
    if (merged === null) return;
    putDoubles(point, FIELD.explicitBounds, merged.bounds);
    putFixed64s(point, FIELD.bucketCounts, merged.counts);
  };
}

export const MERGE_BUCKETS: Editor = editor(
  'merge_histogram_buckets',
  ['target_value', 'method?'],
  'Merges the bucket that ends at a bound with the next one; with the method `"limit_buckets"` neighbours until no more are left than the limit.',
  mergeBuckets,
  ['datapoint'],
);
