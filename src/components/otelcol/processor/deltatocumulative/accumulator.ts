/**
 * Adds delta points up, stream by stream (OpenTelemetry metrics data model, "Sums: Delta-to-Cumulative"). A stream starts with its
 * first point; each later point becomes the total so far, from the start of the first to its own time.
 */
import type { MetricEdits } from '#components/kit/metrics/edit.ts';
import { KEPT, LEFT_OUT, REPLACED } from '#components/kit/metrics/edit.ts';
import {
  addExponential,
  exponentialBytes,
  limitBuckets,
  MAX_BUCKETS,
  readExponential,
  writeExponential,
  type Exponential,
} from '#components/kit/metrics/exponential.ts';
import {
  addHistogram,
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
import { add, valueOf, writeNumber, type Numeric } from '#components/kit/metrics/number.ts';
import { MAX_BYTES, Streams, type Remembered } from '#components/kit/metrics/streams.ts';
import type { Writer } from '#codec/protobuf/writer.ts';

/** Why a point was dropped, as the Collector calls it. */
export type Failure = 'delta.ErrOlderStart' | 'delta.ErrOutOfOrder' | 'limit' | 'buckets';

interface Times extends Remembered {
  startNs: bigint;
  timeNs: bigint;
}
interface NumberStream extends Times {
  readonly kind: typeof SUM;
  total: Numeric;
}
interface HistogramStream extends Times {
  readonly kind: typeof HISTOGRAM;
  total: Histogram;
}
interface ExponentialStream extends Times {
  readonly kind: typeof EXPONENTIAL;
  total: Exponential;
}
type Stream = NumberStream | HistogramStream | ExponentialStream;
type Total =
  | Pick<NumberStream, 'kind' | 'total'>
  | Pick<HistogramStream, 'kind' | 'total'>
  | Pick<ExponentialStream, 'kind' | 'total'>;

function bytesOf(of: Total): number {
  if (of.kind === SUM) return 0;
  return of.kind === HISTOGRAM ? histogramBytes(of.total) : exponentialBytes(of.total);
}

export class Accumulator implements MetricEdits {
  readonly temporality = CUMULATIVE;
  readonly streams: Streams<Stream>;
  /** Most streams; beside it there is the bound of their memory. */
  limit: number;
  /** Of the batch in work, monotonic. */
  nowMs = 0;
  readonly #done: () => void;
  readonly #failed: (why: Failure) => void;

  constructor(limit: number, done: () => void, failed: (why: Failure) => void, maxBytes = MAX_BYTES) {
    this.limit = limit;
    this.streams = new Streams(maxBytes);
    this.#done = done;
    this.#failed = failed;
  }

  wants({ kind, temporality }: Metric): boolean {
    return temporality === DELTA && (kind === SUM || kind === HISTOGRAM || kind === EXPONENTIAL);
  }

  point(metric: Metric, point: Point, out: Writer): number {
    const key = point.key();
    const stream = this.streams.get(metric.key, key);
    if (stream === undefined) return this.#begin(metric, point, key);
    if (point.startNs < stream.startNs) return this.#fail('delta.ErrOlderStart');
    if (point.timeNs <= stream.timeNs) return this.#fail('delta.ErrOutOfOrder');
    if (!this.#add(stream, point, out)) return this.#fail('buckets');
    stream.timeNs = point.timeNs;
    stream.seenMs = this.nowMs;
    this.streams.resized(stream, bytesOf(stream));
    this.streams.makeRoom();
    this.#done();
    return REPLACED;
  }

  #begin(metric: Metric, point: Point, key: string): number {
    if (this.streams.size >= this.limit || this.streams.isFull) return this.#fail('limit');
    const total = this.#first(point);
    if (total === null) return this.#fail('buckets');
    const { startNs, timeNs } = point;
    this.streams.add(metric.key, key, { ...total, seenMs: this.nowMs, bytes: bytesOf(total), startNs, timeNs });
    this.#done();
    return KEPT;
  }

  #first(point: Point): Total | null {
    if (point.kind === SUM) return { kind: SUM, total: valueOf(point) ?? 0n };
    if (point.kind === HISTOGRAM) {
      const total = readHistogram(point);
      return hasTooManyBuckets(total) ? null : { kind: HISTOGRAM, total };
    }
    const total = readExponential(point);
    limitBuckets(total, MAX_BUCKETS);
    return { kind: EXPONENTIAL, total };
  }

  /** False: the point cannot be held. */
  #add(stream: Stream, point: Point, out: Writer): boolean {
    if (stream.kind === SUM) {
      const value = valueOf(point);
      if (value !== null) stream.total = add(stream.total, value);
      writeNumber(out, point, stream.startNs, stream.total);
    } else if (stream.kind === HISTOGRAM) {
      const more = readHistogram(point);
      if (hasTooManyBuckets(more)) return false;
      if (sameBounds(stream.total, more)) addHistogram(stream.total, more);
      else {
        // Other bounds: there is no way to add, so the stream begins anew.
        stream.total = more;
        stream.startNs = point.startNs;
      }
      writeHistogram(out, point, stream.startNs, stream.total);
    } else {
      const more = readExponential(point);
      limitBuckets(more, MAX_BUCKETS);
      addExponential(stream.total, more);
      writeExponential(out, point, stream.startNs, stream.total);
    }
    return true;
  }

  #fail(why: Failure): number {
    this.#failed(why);
    return LEFT_OUT;
  }
}
