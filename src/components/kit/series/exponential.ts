/**
 * Exponential histograms of values that are never negative, as plain numbers in the layout that parcels have (`parcel.ts`):
 *
 *     0 count  1 sum  2 min  3 max  4 zeros  5 scale  6 index of the first bucket  7 n: buckets in use  8.. counts, room for more
 *
 * Bucket i of scale s holds values in (b^i, b^(i+1)] with b = 2^(2^-s) (opentelemetry-proto, ExponentialHistogramDataPoint). The
 * scale begins at the largest one and goes down as far as it takes to keep all buckets, from the lowest to the highest, within
 * `maxSize` (at least {@link MIN_SIZE}). Going down one scale makes one bucket of two: i becomes i >> 1.
 *
 * Functions that may need more room return the array to use from then on; any thread, no state but the arrays.
 */
import { BUCKETS, COUNT, EXPONENTIAL_HEAD, FIRST, MAX, MIN, SCALE, SUM, ZEROS } from './parcel.ts';

export const MAX_SCALE = 20;
/** Values below and above 1 never come into one bucket, whatever the scale. */
export const MIN_SIZE = 2;
/** Index of values at scale 20 need shifting by at most this to be -1 or 0. */
const MAX_SHIFT = 31;

/** One that nothing was counted in. */
export function newExponential(): Float64Array {
  const h = new Float64Array(EXPONENTIAL_HEAD);
  h[SCALE] = MAX_SCALE;
  return h;
}

/** Counts `count` times a value >= 0 that is finite. */
export function observeExponential(h: Float64Array, maxSize: number, value: number, count: number): Float64Array {
  if (h[COUNT] === 0 || value < h[MIN]) h[MIN] = value;
  if (h[COUNT] === 0 || value > h[MAX]) h[MAX] = value;
  h[COUNT] += count;
  h[SUM] += value * count;
  if (value === 0) {
    h[ZEROS] += count;
    return h;
  }
  const finest = bucketIndex(value);
  const index = finest >> (MAX_SCALE - h[SCALE]);
  if (index >= h[FIRST] && index < h[FIRST] + h[BUCKETS]) {
    h[EXPONENTIAL_HEAD + index - h[FIRST]] += count;
    return h;
  }
  const made = makeRoom(h, maxSize, index, index);
  made[EXPONENTIAL_HEAD + (finest >> (MAX_SCALE - made[SCALE])) - made[FIRST]] += count;
  return made;
}

/** Adds the histogram that stands in `from` at `at` (the same layout) to `into`. `from` stays as it is. */
export function mergeExponential(
  into: Float64Array,
  maxSize: number,
  from: ArrayLike<number>,
  at: number,
): Float64Array {
  if (from[at + COUNT] === 0) return into;
  if (into[COUNT] === 0 || from[at + MIN] < into[MIN]) into[MIN] = from[at + MIN];
  if (into[COUNT] === 0 || from[at + MAX] > into[MAX]) into[MAX] = from[at + MAX];
  into[COUNT] += from[at + COUNT];
  into[SUM] += from[at + SUM];
  into[ZEROS] += from[at + ZEROS];
  const buckets = from[at + BUCKETS];
  if (buckets === 0) return into;
  const first = from[at + FIRST];
  const scale = from[at + SCALE];
  if (scale < into[SCALE]) rescale(into, into[SCALE] - scale);
  const shift = scale - into[SCALE];
  const made = makeRoom(into, maxSize, first >> shift, (first + buckets - 1) >> shift);
  const down = scale - made[SCALE];
  for (let i = 0; i < buckets; i++)
    made[EXPONENTIAL_HEAD + ((first + i) >> down) - made[FIRST]] += from[at + EXPONENTIAL_HEAD + i];
  return made;
}

/** Numbers that a parcel takes for it. */
export const exponentialLength = (h: ArrayLike<number>, at = 0): number => EXPONENTIAL_HEAD + h[at + BUCKETS];

/** Makes the buckets reach from `low` to `high`, indexes of the histogram's scale, too; at a lower scale where they do not fit. */
function makeRoom(h: Float64Array, maxSize: number, low: number, high: number): Float64Array {
  if (h[BUCKETS] > 0) {
    low = Math.min(low, h[FIRST]);
    high = Math.max(high, h[FIRST] + h[BUCKETS] - 1);
  }
  let shift = 0;
  while ((high >> shift) - (low >> shift) >= Math.max(maxSize, MIN_SIZE) && shift < MAX_SHIFT) shift++;
  if (shift > 0) rescale(h, shift);
  return extend(h, low >> shift, (high >> shift) - (low >> shift) + 1);
}

/** Makes 2^shift buckets one. */
function rescale(h: Float64Array, shift: number): void {
  const first = h[FIRST];
  const buckets = h[BUCKETS];
  h[SCALE] -= shift;
  if (buckets === 0) return;
  const newFirst = first >> shift;
  // Where a count goes to is never behind where it comes from.
  for (let i = 0; i < buckets; i++) {
    const from = EXPONENTIAL_HEAD + i;
    const count = h[from];
    h[from] = 0;
    h[EXPONENTIAL_HEAD + ((first + i) >> shift) - newFirst] += count;
  }
  h[FIRST] = newFirst;
  h[BUCKETS] = ((first + buckets - 1) >> shift) - newFirst + 1;
}

/** Makes it have `buckets` buckets from `first` on; those in use are among them. */
function extend(h: Float64Array, first: number, buckets: number): Float64Array {
  const used = h[BUCKETS];
  const shift = used === 0 ? 0 : h[FIRST] - first;
  let to = h;
  if (EXPONENTIAL_HEAD + buckets > h.length) {
    to = new Float64Array(EXPONENTIAL_HEAD + Math.max(8, buckets, buckets + (buckets >> 1)));
    to.set(h.subarray(0, EXPONENTIAL_HEAD));
    to.set(h.subarray(EXPONENTIAL_HEAD, EXPONENTIAL_HEAD + used), EXPONENTIAL_HEAD + shift);
  } else if (shift > 0) {
    h.copyWithin(EXPONENTIAL_HEAD + shift, EXPONENTIAL_HEAD, EXPONENTIAL_HEAD + used);
    h.fill(0, EXPONENTIAL_HEAD, EXPONENTIAL_HEAD + shift);
  }
  to[FIRST] = first;
  to[BUCKETS] = buckets;
  return to;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** The bucket of a value > 0 at scale 20. Of powers of two it is exact: they are the upper bound of their bucket. */
export function bucketIndex(value: number): number {
  double[0] = value;
  const exponent = (words[1] >>> 20) & 0x7ff;
  if (words[0] === 0 && (words[1] & 0xf_ffff) === 0 && exponent > 0) return (exponent - 1023) * 2 ** MAX_SCALE - 1;
  return Math.ceil(Math.log2(value) * 2 ** MAX_SCALE) - 1;
}
