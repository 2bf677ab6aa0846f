/** Histograms with explicit bounds: reading a point, adding one to another, taking one from another. Counts are exact and wrap at 64 bits. */
import type { Writer } from '#codec/protobuf/writer.ts';
import { HISTOGRAM_POINT } from '#codec/otlp/fields.ts';
import { doubles, fixed64s } from '#codec/otlp/view.ts';
import { bits, copyFields, high, low, optionalDouble, writeFixed64, writeOptional } from './fields.ts';
import type { Point } from './metric.ts';

export interface Histogram {
  count: bigint;
  /** Null: not told. */
  sum: number | null;
  min: number | null;
  max: number | null;
  /** Histograms with the same bounds share them. */
  readonly bounds: Float64Array;
  /** As told: one more than bounds, or none. */
  counts: BigUint64Array;
}

const FIELD = HISTOGRAM_POINT;
const OWN = bits(
  FIELD.startTimeUnixNano,
  FIELD.count,
  FIELD.sum,
  FIELD.bucketCounts,
  FIELD.explicitBounds,
  FIELD.min,
  FIELD.max,
);

export function readHistogram({ view }: Point): Histogram {
  return {
    count: view.uint64(FIELD.count),
    sum: optionalDouble(view, FIELD.sum),
    min: optionalDouble(view, FIELD.min),
    max: optionalDouble(view, FIELD.max),
    bounds: shared(doubles(view, FIELD.explicitBounds)),
    counts: BigUint64Array.from(fixed64s(view, FIELD.bucketCounts)),
  };
}

/** Bounds that were read last: those of neighbouring points are nearly always the same. */
let lastBounds = new Float64Array(0);

function shared(bounds: readonly number[]): Float64Array {
  const same = bounds.length === lastBounds.length && bounds.every((bound, i) => bound === lastBounds[i]);
  if (!same) lastBounds = Float64Array.from(bounds);
  return lastBounds;
}

/** What a histogram takes in memory beside what holds it: measured, as if it had its bounds for itself. */
export const histogramBytes = ({ bounds, counts }: Histogram): number => 400 + 8 * (bounds.length + counts.length);

/** Most explicit buckets that a component remembers of a stream. */
const MAX_EXPLICIT_BUCKETS = 4096;
export const hasTooManyBuckets = ({ bounds, counts }: Histogram): boolean =>
  counts.length > MAX_EXPLICIT_BUCKETS || bounds.length > MAX_EXPLICIT_BUCKETS;

export function sameBounds(a: Histogram, b: Histogram): boolean {
  if (a.bounds === b.bounds) return true;
  return a.bounds.length === b.bounds.length && a.bounds.every((bound, i) => bound === b.bounds[i]);
}

/** Adds `more` to `total`, whose bounds are the same. What only one of them tells is not told any more. */
export function addHistogram(total: Histogram, more: Histogram): void {
  const buckets = Math.min(total.counts.length, more.counts.length);
  for (let i = 0; i < buckets; i++) total.counts[i] += more.counts[i];
  total.count = BigInt.asUintN(64, total.count + more.count);
  total.sum = both(total.sum, more.sum, (a, b) => a + b);
  total.min = both(total.min, more.min, Math.min);
  total.max = both(total.max, more.max, Math.max);
}

export function both(a: number | null, b: number | null, join: (a: number, b: number) => number): number | null {
  return a === null || b === null ? null : join(a, b);
}

/** The point with another start and content. */
export function writeHistogram(out: Writer, point: Point, startNs: bigint, histogram: Histogram): void {
  copyFields(out, point, OWN);
  writeFixed64(out, FIELD.startTimeUnixNano, startNs);
  writeFixed64(out, FIELD.count, histogram.count);
  writeOptional(out, FIELD.sum, histogram.sum);
  if (histogram.counts.length > 0) {
    const counts = out.begin(FIELD.bucketCounts);
    for (const count of histogram.counts) out.packedFixed64(low(count), high(count));
    out.end(counts);
  }
  if (histogram.bounds.length > 0) {
    const bounds = out.begin(FIELD.explicitBounds);
    for (const bound of histogram.bounds) out.packedDouble(bound);
    out.end(bounds);
  }
  writeOptional(out, FIELD.min, histogram.min);
  writeOptional(out, FIELD.max, histogram.max);
}
