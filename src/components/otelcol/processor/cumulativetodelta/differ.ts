/**
 * Takes from each cumulative point what its stream had before (Collector, cumulativetodeltaprocessor). Streams are told apart by their
 * start time, too: what has started anew is a new stream.
 */
import { LEFT_OUT, KEPT, REPLACED, type MetricEdits } from '#components/kit/metrics/edit.ts';
import {
  exponentialBytes,
  exponentialDelta,
  limitBuckets,
  MAX_BUCKETS,
  readExponential,
  writeExponential,
  type Exponential,
} from '#components/kit/metrics/exponential.ts';
import {
  hasTooManyBuckets,
  histogramBytes,
  readHistogram,
  sameBounds,
  writeHistogram,
  type Histogram,
} from '#components/kit/metrics/histogram.ts';
import {
  CUMULATIVE,
  DELTA,
  EXPONENTIAL,
  HISTOGRAM,
  SUM,
  type Metric,
  type Point,
} from '#components/kit/metrics/metric.ts';
import { subtract, valueOf, writeNumber, type Numeric } from '#components/kit/metrics/number.ts';
import { MAX_BYTES, Streams, type Remembered } from '#components/kit/metrics/streams.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import type { Args } from './schema.ts';
import type { Selection } from './selection.ts';

/** Why a point was dropped: the Collector's words, and three of ours. */
export type Reason = 'initial' | 'reset' | 'bucket_mismatch' | 'out_of_order' | 'buckets';

type Value = Numeric | Histogram | Exponential;
interface Stream extends Remembered {
  timeNs: bigint;
  value: Value;
}

export interface DifferOptions {
  readonly initialValue: Args['initial_value'];
  readonly selection: Selection;
}

export class Differ implements MetricEdits {
  readonly temporality = DELTA;
  readonly streams: Streams<Stream>;
  options: DifferOptions;
  /** Of the batch in work, monotonic. */
  nowMs = 0;
  readonly #sinceNs: bigint;
  readonly #converted: (kind: number) => void;
  readonly #dropped: (kind: number, reason: Reason) => void;

  /** `sinceNs`: since when streams are watched, for `auto`. */
  constructor(
    options: DifferOptions,
    sinceNs: bigint,
    count: {
      readonly converted: (kind: number) => void;
      readonly dropped: (kind: number, reason: Reason) => void;
    },
    maxBytes = MAX_BYTES,
  ) {
    this.options = options;
    this.#sinceNs = sinceNs;
    this.streams = new Streams(maxBytes);
    this.#converted = count.converted;
    this.#dropped = count.dropped;
  }

  wants(metric: Metric): boolean {
    const { kind, temporality } = metric;
    if (temporality !== CUMULATIVE || (kind === SUM && !metric.isMonotonic)) return false;
    return this.options.selection.has(kind, () => metric.name);
  }

  point(metric: Metric, point: Point, out: Writer): number {
    // Marks of the end of a stream, and NaN, are no values of it.
    if (point.hasNoValue) return KEPT;
    const value = valueIn(point);
    if (value === null) return KEPT;
    if (isLarge(value)) return this.#drop(point, 'buckets');
    const { startNs, timeNs } = point;
    const key = point.key(startNs);
    const stream = this.streams.get(metric.key, key);
    if (stream === undefined) return this.#begin(metric, point, key, value, out);
    // A total that is not newer would be taken for a reset, and counted twice by the next one.
    if (timeNs !== 0n && timeNs <= stream.timeNs) return this.#drop(point, 'out_of_order');
    const before = stream.timeNs;
    const reason = this.#subtract(point, stream.value, value, before, out);
    stream.value = value;
    stream.timeNs = timeNs;
    stream.seenMs = this.nowMs;
    this.streams.resized(stream, bytesOf(value));
    this.streams.makeRoom();
    if (reason !== null) return this.#drop(point, reason);
    this.#converted(point.kind);
    return REPLACED;
  }

  #begin(metric: Metric, point: Point, key: string, value: Value, out: Writer): number {
    this.streams.makeRoom();
    const { startNs, timeNs } = point;
    this.streams.add(metric.key, key, { seenMs: this.nowMs, bytes: bytesOf(value), timeNs, value });
    const { initialValue } = this.options;
    const isNew = startNs >= this.#sinceNs && startNs !== timeNs;
    if (initialValue === 'drop' || (initialValue === 'auto' && !isNew)) return this.#drop(point, 'initial');
    write(out, point, startNs, value);
    this.#converted(point.kind);
    return REPLACED;
  }

  /** Writes what came to `before` to make it `now`; the reason if it cannot. */
  #subtract(point: Point, before: Value, now: Value, fromNs: bigint, out: Writer): Reason | null {
    if (point.kind === SUM) {
      if ((now as Numeric) < (before as Numeric)) return 'reset';
      writeNumber(out, point, fromNs, subtract(now as Numeric, before as Numeric));
      return null;
    }
    if (point.kind === HISTOGRAM) {
      const delta = histogramDelta(now as Histogram, before as Histogram);
      if (delta === null) return 'bucket_mismatch';
      writeHistogram(out, point, fromNs, delta);
      return null;
    }
    const delta = exponentialDelta(now as Exponential, before as Exponential);
    if (delta === null) return 'reset';
    writeExponential(out, point, fromNs, delta);
    return null;
  }

  #drop({ kind }: Point, reason: Reason): number {
    this.#dropped(kind, reason);
    return LEFT_OUT;
  }
}

/** Null: the point has no number. */
function valueIn(point: Point): Value | null {
  if (point.kind === HISTOGRAM) return readHistogram(point);
  if (point.kind === EXPONENTIAL) {
    const value = readExponential(point);
    limitBuckets(value, MAX_BUCKETS);
    return value;
  }
  const value = valueOf(point);
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}

function bytesOf(value: Value): number {
  if (typeof value !== 'object') return 0;
  return 'bounds' in value ? histogramBytes(value) : exponentialBytes(value);
}

function isLarge(value: Value): boolean {
  return typeof value === 'object' && 'bounds' in value && hasTooManyBuckets(value);
}

function write(out: Writer, point: Point, startNs: bigint, value: Value): void {
  if (typeof value !== 'object') writeNumber(out, point, startNs, value);
  else if ('bounds' in value) writeHistogram(out, point, startNs, { ...value, min: null, max: null });
  else writeExponential(out, point, startNs, { ...value, min: null, max: null });
}

/** Null: other buckets. Where counts went down the stream has begun anew, and what it has now is what came. */
function histogramDelta(now: Histogram, before: Histogram): Histogram | null {
  if (now.counts.length !== before.counts.length || !sameBounds(now, before)) return null;
  const isReset = now.count < before.count || now.counts.some((count, i) => count < before.counts[i]);
  // A sum that is no number says nothing: the one before still holds.
  if (now.sum !== null && Number.isNaN(now.sum)) now.sum = before.sum;
  if (isReset) return { ...now, min: null, max: null };
  return {
    count: now.count - before.count,
    sum: now.sum === null ? null : now.sum - (before.sum ?? 0),
    min: null,
    max: null,
    bounds: now.bounds,
    counts: now.counts.map((count, i) => count - before.counts[i]),
  };
}
