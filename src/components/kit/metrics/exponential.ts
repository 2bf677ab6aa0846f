/**
 * Exponential histograms: reading a point, adding one to another, taking one from another (OpenTelemetry metrics data model,
 * "ExponentialHistogram"). A bucket with index i at scale s holds values in (b^i, b^(i+1)] where b = 2^(2^-s); at the next lower
 * scale two neighbours are one bucket, the index halved.
 */
import { zigzag32 } from '#codec/protobuf/varint.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import { BUCKETS, EXPONENTIAL_POINT } from '#codec/otlp/fields.ts';
import { MessageView, varints } from '#codec/otlp/view.ts';
import { bits, copyFields, high, low, optionalDouble, writeFixed64, writeOptional } from './fields.ts';
import { both } from './histogram.ts';
import type { Point } from './metric.ts';

/** Most buckets of either sign, as in the Collector's deltatocumulative. */
export const MAX_BUCKETS = 160;

/** Scales that make a difference: above the highest one indices would need more than 32 bits, at the lowest one every number is in one of two buckets. */
const HIGHEST_SCALE = 20;
const LOWEST_SCALE = -11;
/** Indices of doubles at the highest scale stay within this; what is told beyond it is no index. */
const MAX_INDEX = 1_200_000_000;

/** Counts of neighbouring buckets, the first of which has the index `offset`. */
export interface Buckets {
  readonly offset: number;
  readonly counts: BigUint64Array;
}

export interface Exponential {
  count: bigint;
  sum: number | null;
  min: number | null;
  max: number | null;
  scale: number;
  zeroCount: bigint;
  zeroThreshold: number;
  positive: Buckets;
  negative: Buckets;
}

const FIELD = EXPONENTIAL_POINT;
const OWN = bits(
  FIELD.startTimeUnixNano,
  FIELD.count,
  FIELD.sum,
  FIELD.scale,
  FIELD.zeroCount,
  FIELD.positive,
  FIELD.negative,
  FIELD.min,
  FIELD.max,
  FIELD.zeroThreshold,
);
export const NO_BUCKETS: Buckets = { offset: 0, counts: new BigUint64Array(0) };
const bucketsView = new MessageView();

export function readExponential({ view }: Point): Exponential {
  const threshold = view.double(FIELD.zeroThreshold);
  const value: Exponential = {
    count: view.uint64(FIELD.count),
    sum: optionalDouble(view, FIELD.sum),
    min: optionalDouble(view, FIELD.min),
    max: optionalDouble(view, FIELD.max),
    scale: Math.max(LOWEST_SCALE, view.sint32(FIELD.scale)),
    zeroCount: view.uint64(FIELD.zeroCount),
    // One that is no positive number means nothing.
    zeroThreshold: threshold > 0 && Number.isFinite(threshold) ? threshold : 0,
    positive: readBuckets(view, FIELD.positive),
    negative: readBuckets(view, FIELD.negative),
  };
  downscale(value, HIGHEST_SCALE);
  return value;
}

/** What a histogram takes in memory beside what holds it: measured. */
export const exponentialBytes = ({ positive, negative }: Exponential): number =>
  480 + 8 * (positive.counts.length + negative.counts.length);

/** Without empty buckets at the ends. */
function readBuckets(view: MessageView, field: number): Buckets {
  if (!view.has(field)) return NO_BUCKETS;
  const inner = bucketsView.reset(view.buf, view.start(field), view.stop(field));
  const offset = Math.min(MAX_INDEX, Math.max(-MAX_INDEX, inner.sint32(BUCKETS.offset)));
  return trimmed(offset, BigUint64Array.from(varints(inner, BUCKETS.bucketCounts)));
}

function trimmed(offset: number, counts: BigUint64Array): Buckets {
  let from = 0;
  let to = counts.length;
  while (from < to && counts[from] === 0n) from++;
  while (to > from && counts[to - 1] === 0n) to--;
  if (from === to) return NO_BUCKETS;
  return to - from === counts.length ? { offset, counts } : { offset: offset + from, counts: counts.slice(from, to) };
}

/** The point with another start and content. */
export function writeExponential(out: Writer, point: Point, startNs: bigint, value: Exponential): void {
  copyFields(out, point, OWN);
  writeFixed64(out, FIELD.startTimeUnixNano, startNs);
  writeFixed64(out, FIELD.count, value.count);
  writeOptional(out, FIELD.sum, value.sum);
  if (value.scale !== 0) out.uint32(FIELD.scale, zigzag32(value.scale));
  writeFixed64(out, FIELD.zeroCount, value.zeroCount);
  writeBuckets(out, FIELD.positive, value.positive);
  writeBuckets(out, FIELD.negative, value.negative);
  writeOptional(out, FIELD.min, value.min);
  writeOptional(out, FIELD.max, value.max);
  if (value.zeroThreshold !== 0) out.double(FIELD.zeroThreshold, value.zeroThreshold);
}

function writeBuckets(out: Writer, field: number, { offset, counts }: Buckets): void {
  if (counts.length === 0) return;
  const buckets = out.begin(field);
  if (offset !== 0) out.uint32(BUCKETS.offset, zigzag32(offset));
  const packed = out.begin(BUCKETS.bucketCounts);
  for (const count of counts) out.packedVarint64(low(count), high(count));
  out.end(packed);
  out.end(buckets);
}

/** Brings it to a scale that is not higher. */
export function downscale(value: Exponential, scale: number): void {
  const shift = value.scale - scale;
  if (shift <= 0) return;
  value.positive = halved(value.positive, shift);
  value.negative = halved(value.negative, shift);
  value.scale = scale;
}

function halved({ offset, counts }: Buckets, times: number): Buckets {
  if (counts.length === 0) return NO_BUCKETS;
  const shift = Math.min(times, 31);
  const first = offset >> shift;
  const sums = new BigUint64Array(((offset + counts.length - 1) >> shift) - first + 1);
  for (let i = 0; i < counts.length; i++) sums[((offset + i) >> shift) - first] += counts[i];
  return { offset: first, counts: sums };
}

/** Brings it to the highest scale, not above its own, at which neither sign needs more than `most` buckets. */
export function limitBuckets(value: Exponential, most: number): void {
  downscale(value, scaleFor(value.scale, most, [value.positive], [value.negative]));
}

/** Adds `more`, which is changed, too, to `total`. What only one of them tells of sum, min and max is not told any more. */
export function addExponential(total: Exponential, more: Exponential): void {
  const scale = Math.min(total.scale, more.scale);
  downscale(total, scale);
  downscale(more, scale);
  const threshold = Math.max(total.zeroThreshold, more.zeroThreshold);
  if (total.zeroThreshold !== more.zeroThreshold) {
    widenZero(total, threshold);
    widenZero(more, threshold);
  }
  const fitting = scaleFor(scale, MAX_BUCKETS, [total.positive, more.positive], [total.negative, more.negative]);
  downscale(total, fitting);
  downscale(more, fitting);
  total.positive = merged(total.positive, more.positive);
  total.negative = merged(total.negative, more.negative);
  total.count = BigInt.asUintN(64, total.count + more.count);
  total.zeroCount = BigInt.asUintN(64, total.zeroCount + more.zeroCount);
  total.sum = both(total.sum, more.sum, (a, b) => a + b);
  total.min = both(total.min, more.min, Math.min);
  total.max = both(total.max, more.max, Math.max);
}

function scaleFor(scale: number, most: number, ...signs: readonly (readonly Buckets[])[]): number {
  let shift = 0;
  for (const sign of signs) {
    const filled = sign.filter(({ counts }) => counts.length > 0);
    if (filled.length === 0) continue;
    const first = Math.min(...filled.map(({ offset }) => offset));
    const last = Math.max(...filled.map(({ offset, counts }) => offset + counts.length - 1));
    while (shift < 31 && (last >> shift) - (first >> shift) + 1 > most) shift++;
  }
  return scale - shift;
}

/** Of one scale. */
function merged(a: Buckets, b: Buckets): Buckets {
  if (a.counts.length === 0) return b;
  if (b.counts.length === 0) return a;
  const offset = Math.min(a.offset, b.offset);
  const end = Math.max(a.offset + a.counts.length, b.offset + b.counts.length);
  const counts = new BigUint64Array(end - offset);
  counts.set(a.counts, a.offset - offset);
  for (let i = 0; i < b.counts.length; i++) counts[b.offset - offset + i] += b.counts[i];
  return { offset, counts };
}

/**
 * Raises the zero threshold: buckets below it, and the one that it falls into, count as zero from now on. Where that bucket held
 * anything the threshold is its upper bound.
 */
export function widenZero(value: Exponential, threshold: number): void {
  if (threshold <= value.zeroThreshold) return;
  const last = indexOf(value.scale, threshold);
  let cut = false;
  const rest = (buckets: Buckets): Buckets => {
    const { offset, counts } = buckets;
    const gone = Math.min(counts.length, last - offset + 1);
    if (gone <= 0) return buckets;
    for (let i = 0; i < gone; i++) value.zeroCount = BigInt.asUintN(64, value.zeroCount + counts[i]);
    cut ||= offset + gone - 1 === last && counts[gone - 1] !== 0n;
    return trimmed(offset + gone, counts.slice(gone));
  };
  value.positive = rest(value.positive);
  value.negative = rest(value.negative);
  value.zeroThreshold = cut ? Math.max(threshold, upperBound(value.scale, last)) : threshold;
}

/** Index of the bucket that holds a positive value. */
function indexOf(scale: number, value: number): number {
  return Math.ceil(Math.log2(value) * 2 ** scale) - 1;
}

const upperBound = (scale: number, index: number): number => 2 ** ((index + 1) * 2 ** -scale);

/**
 * What came to `before` to make it `now`, which is as its sender says of the same stream later; null where the one cannot have become
 * the other: counts went down, or the scale or the zero threshold did what they never do. Min and max are not told of it.
 * `before` is changed.
 */
export function exponentialDelta(now: Exponential, before: Exponential): Exponential | null {
  if (now.count < before.count || now.zeroThreshold < before.zeroThreshold || now.scale > before.scale) return null;
  widenZero(before, now.zeroThreshold);
  downscale(before, now.scale);
  const positive = difference(now.positive, before.positive);
  const negative = difference(now.negative, before.negative);
  if (positive === null || negative === null || now.zeroCount < before.zeroCount) return null;
  return {
    ...now,
    count: now.count - before.count,
    zeroCount: now.zeroCount - before.zeroCount,
    sum: both(now.sum, before.sum, (a, b) => a - b),
    min: null,
    max: null,
    positive,
    negative,
  };
}

function difference(now: Buckets, before: Buckets): Buckets | null {
  const counts = now.counts.slice();
  for (let i = 0; i < before.counts.length; i++) {
    const at = before.offset + i - now.offset;
    const had = before.counts[i];
    if (had === 0n) continue;
    if (at < 0 || at >= counts.length || counts[at] < had) return null;
    counts[at] -= had;
  }
  return trimmed(now.offset, counts);
}
