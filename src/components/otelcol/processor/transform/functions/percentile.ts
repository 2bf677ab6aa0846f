/**
 * A percentile out of the buckets of a histogram, by interpolation in the bucket that it falls into: along a straight line between
 * explicit bounds, along the logarithm between exponential ones. Facts: Collector contrib `transformprocessor`,
 * func_extract_percentile_metric.go.
 */
import type { Buckets, Exponential } from '#components/kit/metrics/exponential.ts';
import type { Histogram } from '#components/kit/metrics/histogram.ts';
import { fail } from '#ottl/error.ts';

/** As a number of observations from the lowest one on. */
const rankOf = (count: bigint, percentile: number): bigint => BigInt(Math.ceil(Number(count) * (percentile / 100)));

const NEVER = 'the buckets of the histogram hold less than its count';

/** How far into a bucket. */
function ratioOf(rank: bigint, before: bigint, inBucket: bigint): number {
  const ratio = Number(rank - before) / Number(inBucket);
  return ratio >= 0 && ratio <= 1 ? ratio : fail(NEVER);
}

const between = (low: number, high: number, ratio: number): number => low + ratio * (high - low);

/** Null: it has no buckets to tell from. */
export function explicitPercentile(histogram: Histogram, percentile: number): number | null {
  const { count, bounds, counts, min, max } = histogram;
  if (count === 0n || counts.length === 0) return null;
  if (counts.length !== bounds.length + 1) fail('the histogram needs one bucket more than bounds');
  const rank = rankOf(count, percentile);
  if (bounds.length === 0) return min === null || max === null ? null : between(min, max, ratioOf(rank, 0n, counts[0]));
  let before = 0n;
  for (let i = 0; i < counts.length; i++) {
    if (before + counts[i] < rank) {
      before += counts[i];
      continue;
    }
    const ends = endsOf(histogram, i);
    return typeof ends === 'number' ? ends : between(ends[0], ends[1], ratioOf(rank, before, counts[i]));
  }
  return fail(NEVER);
}

/** The outer buckets end at min and max if they are told; else at 0, or nowhere: then their one bound has to do. */
function endsOf({ bounds, min, max }: Histogram, i: number): number | readonly [number, number] {
  if (i === 0) {
    const [high] = bounds;
    if (min !== null && min < high) return [min, high];
    return high < 0 ? high : [0, high];
  }
  const low = bounds[i - 1];
  if (i < bounds.length) return [low, bounds[i]];
  return max !== null && max > low ? [low, max] : low;
}

/** Likewise. */
export function exponentialPercentile(histogram: Exponential, percentile: number): number | null {
  const { count, scale, positive, negative, zeroCount, zeroThreshold } = histogram;
  const hasNegative = negative.counts.length > 0;
  const hasPositive = positive.counts.length > 0;
  if (count === 0n || (!hasNegative && !hasPositive && zeroCount === 0n)) return null;
  const rank = rankOf(count, percentile);
  let before = 0n;
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    const inBucket = negative.counts[i];
    if (before + inBucket >= rank) return -within(scale, negative, i, 1 - ratioOf(rank, before, inBucket));
    before += inBucket;
  }
  if (before + zeroCount >= rank) {
    const low = !hasNegative && hasPositive ? 0 : -zeroThreshold;
    const high = !hasPositive && hasNegative ? 0 : zeroThreshold;
    return between(low, high, ratioOf(rank, before, zeroCount));
  }
  before += zeroCount;
  for (let i = 0; i < positive.counts.length; i++) {
    const inBucket = positive.counts[i];
    if (before + inBucket >= rank) return within(scale, positive, i, ratioOf(rank, before, inBucket));
    before += inBucket;
  }
  return fail(NEVER);
}

/** A place in an exponential bucket, by size. */
function within(scale: number, { offset }: Buckets, i: number, ratio: number): number {
  return 2 ** ((offset + i + ratio) * 2 ** -scale);
}
