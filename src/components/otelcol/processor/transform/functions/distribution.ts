/**
 * Exponential buckets as explicit ones. `upper` and `midpoint` put all of a bucket at one place of it; `uniform` and `random` share it
 * out among the explicit buckets by how much of it lies in each. Rounding keeps the total: the running share is rounded, down or, for
 * `random`, by a chance that is the same along one bucket. Facts: Collector contrib `pkg/expohisto/conversion`.
 */
import type { Buckets, Exponential } from '#components/kit/metrics/exponential.ts';
import { fail } from '#ottl/error.ts';

export const DISTRIBUTIONS = ['upper', 'midpoint', 'uniform', 'random'] as const;
export type Distribution = (typeof DISTRIBUTIONS)[number];

/** From 0 on, below 1. */
export type Random = () => number;

const ONE = 1n << 64n;

/** Counts of the explicit buckets, one more than bounds, which rise. Fails where the buckets do not make up the count. */
export function explicitCounts(
  histogram: Exponential,
  bounds: readonly number[],
  distribution: Distribution,
  random: Random,
): bigint[] {
  const { scale, positive, negative, zeroCount, zeroThreshold } = histogram;
  const total = [...negative.counts, ...positive.counts].reduce((a, b) => a + b, zeroCount);
  if (total !== histogram.count) fail(`the buckets of the histogram hold ${total}, its count is ${histogram.count}`);
  const counts = Array.from({ length: bounds.length + 1 }, () => 0n);
  const share = (low: number, high: number, count: bigint): void => {
    if (count === 0n) return;
    if (low === high || distribution === 'upper') counts[bucketOf(bounds, high)] += count;
    else if (distribution === 'midpoint') counts[bucketOf(bounds, low / 2 + high / 2)] += count;
    else shareOut(counts, bounds, low, high, count, distribution === 'random' ? random : null);
  };
  share(-zeroThreshold, zeroThreshold, zeroCount);
  negative.counts.forEach((count, i) => share(-boundOf(scale, negative, i + 1), -boundOf(scale, negative, i), count));
  positive.counts.forEach((count, i) => share(boundOf(scale, positive, i), boundOf(scale, positive, i + 1), count));
  return counts;
}

/** Below the bucket `i`. */
const boundOf = (scale: number, { offset }: Buckets, i: number): number =>
  Math.min(Number.MAX_VALUE, 2 ** ((offset + i) * 2 ** -scale));

/** The explicit bucket that holds a value: its bound belongs to it. */
function bucketOf(bounds: readonly number[], value: number): number {
  const at = bounds.findIndex((bound) => value <= bound);
  return at < 0 ? bounds.length : at;
}

function shareOut(
  counts: bigint[],
  bounds: readonly number[],
  low: number,
  high: number,
  count: bigint,
  random: Random | null,
): void {
  const offset = random === null ? ONE - 1n : BigInt(Math.floor(random() * 2 ** 53)) << 11n;
  let at = bounds.findIndex((bound) => low < bound);
  if (at < 0) at = bounds.length;
  let given = 0n;
  for (; at < bounds.length && bounds[at] < high; at++) {
    const fraction = (bounds[at] - low) / (high - low);
    const upTo = (count * BigInt(Math.floor(fraction * 2 ** 64)) + offset) >> 64n;
    counts[at] += upTo - given;
    given = upTo;
  }
  counts[at] += count - given;
}
