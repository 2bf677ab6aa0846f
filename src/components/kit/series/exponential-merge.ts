/** Exponential histograms of rows: their first values lie with the row's, their buckets in a block (`stored-rows.ts`). */
import { mergeExponential, newExponential } from './exponential.ts';
import type { StoredInstrument } from './stored-layout.ts';
import { BUCKETS, EXPONENTIAL_HEAD } from './parcel.ts';
import type { StoredRows } from './stored-rows.ts';

/** Room for buckets grows by these. */
const STEP = 16;

/** Adds the histogram that stands in `from` at `at`, as in a parcel. `counted`: the row has something of it already. */
export function addExponential(
  rows: StoredRows,
  row: number,
  layout: StoredInstrument,
  counted: boolean,
  from: Float64Array,
  at: number,
): void {
  const { maxSize = 0 } = layout.instrument;
  const merged = mergeExponential(counted ? read(rows, row, layout) : newExponential(), maxSize, from, at);
  write(rows, row, layout, merged);
}

function read(rows: StoredRows, row: number, { at, buckets }: StoredInstrument): Float64Array {
  const head = rows.number(row) + at;
  const count = rows.numbers(row)[head + BUCKETS];
  const histogram = new Float64Array(EXPONENTIAL_HEAD + count);
  histogram.set(rows.numbers(row).subarray(head, head + EXPONENTIAL_HEAD));
  if (count > 0) {
    const block = rows.block(row, buckets);
    const start = rows.arena.start(block);
    histogram.set(rows.arena.numbers(block).subarray(start, start + count), EXPONENTIAL_HEAD);
  }
  return histogram;
}

function write(rows: StoredRows, row: number, { at, buckets }: StoredInstrument, histogram: Float64Array): void {
  rows.numbers(row).set(histogram.subarray(0, EXPONENTIAL_HEAD), rows.number(row) + at);
  const count = histogram[BUCKETS];
  if (count === 0) return;
  let block = rows.block(row, buckets);
  if (block === 0 || rows.arena.capacity(block) < count * 8)
    block = rows.allocate(row, buckets, Math.ceil(count / STEP) * STEP * 8);
  rows.arena
    .numbers(block)
    .set(histogram.subarray(EXPONENTIAL_HEAD, EXPONENTIAL_HEAD + count), rows.arena.start(block));
}
