/**
 * OTLP data points as Prometheus series (semantics 16): each method writes the TimeSeries of one point, whose labels have been
 * sealed, and says how many samples these hold; or writes nothing and names the reason why the point has no series.
 */
import { doubles, MessageView, Occurrences } from '../otlp/view.ts';
import { EXPONENTIAL_POINT, HISTOGRAM_POINT, NUMBER_POINT, QUANTILE, SUMMARY_POINT } from '../otlp/fields.ts';
import { zigzag32 } from '../protobuf/varint.ts';
import type { Writer } from '../protobuf/writer.ts';
import { fixedCounts, SparseBuckets } from './buckets.ts';
import { ExemplarList } from './exemplar-list.ts';
import { NATIVE_HISTOGRAM, STALE_NAN_BITS, TIME_SERIES, WRITE_REQUEST } from './fields.ts';
import type { LabelSet } from './label-set.ts';
import { plainDecimal } from './number-text.ts';
import { countValue, intValue, writeDouble, writeMs, writeSample, writeSampleBits, writeStale } from './values.ts';

/** Why a point has no series. `temporality`: not cumulative. */
export type DropReason = 'temporality' | 'name' | 'value' | 'buckets' | 'scale' | 'size';
export const DROP_REASONS: readonly DropReason[] = ['temporality', 'name', 'value', 'buckets', 'scale', 'size'];

/** Most bytes that the labels of one point's series may take together: a point is written whole. */
const POINT_BYTES = 16 << 20;
/** Of a series beyond its labels: name, boundary, sample and framing. A round figure. */
const SERIES_BYTES = 64;

/** DataPointFlags: the series has ended. */
const NO_RECORDED_VALUE = 1;
const MIN_SCALE = -4;
const MAX_SCALE = 8;
/** Width of the zero bucket where the sender does not say it (prometheusremotewrite/histograms.go). */
const ZERO_THRESHOLD = 1e-128;
const CUSTOM_BUCKETS_SCHEMA = -53;

export class PointSeries {
  readonly #out: Writer;
  readonly #labels: LabelSet;
  readonly #exemplars = new ExemplarList();
  readonly #positive = new SparseBuckets();
  readonly #negative = new SparseBuckets();
  readonly #view = new MessageView();
  readonly #quantiles = new Occurrences();

  constructor(out: Writer, labels: LabelSet) {
    this.#out = out;
    this.#labels = labels;
  }

  /** Exemplars belong to counters only. */
  number(point: MessageView, name: string, ms: number, exemplars: boolean): number | DropReason {
    const stale = isStale(point, NUMBER_POINT.flags);
    const double = point.has(NUMBER_POINT.asDouble);
    if (!stale && !double && !point.has(NUMBER_POINT.asInt)) return 'value';
    if (!this.#fits(1)) return 'size';
    const out = this.#out;
    const mark = this.#begin(name, '');
    if (stale) writeStale(out, ms);
    else if (double) copyDouble(out, point, NUMBER_POINT.asDouble, ms);
    else writeSample(out, intValue(point, NUMBER_POINT.asInt), ms);
    if (exemplars && point.has(NUMBER_POINT.exemplars)) {
      this.#exemplars.read(point, NUMBER_POINT.exemplars, ms);
      this.#exemplars.writeRest(out, point.buf);
    }
    out.end(mark);
    return 1;
  }

  /** `_sum`, `_count`, and `_bucket` with the counts up to each bound. Labels are sealed for `le`. */
  histogram(point: MessageView, name: string, ms: number): number | DropReason {
    const counts = fixedCounts(point, HISTOGRAM_POINT.bucketCounts);
    const bounds = doubles(point, HISTOGRAM_POINT.explicitBounds);
    if (counts === null || !areBuckets(bounds, counts)) return 'buckets';
    if (bounds.at(-1) === Infinity) bounds.pop();
    if (!this.#fits(bounds.length + 3)) return 'size';
    const stale = isStale(point, HISTOGRAM_POINT.flags);
    const count = countValue(point, HISTOGRAM_POINT.count);
    const samples = this.#sumAndCount(point, HISTOGRAM_POINT.sum, count, name, ms, stale);
    this.#exemplars.read(point, HISTOGRAM_POINT.exemplars, ms);
    const out = this.#out;
    const bucketName = `${name}_bucket`;
    let sofar = 0;
    for (let i = 0; i <= bounds.length; i++) {
      const last = i === bounds.length;
      if (!last) sofar += counts[i];
      const mark = this.#begin(bucketName, last ? '+Inf' : plainDecimal(bounds[i]));
      if (stale) writeStale(out, ms);
      else writeSample(out, last ? count : sofar, ms);
      if (last) this.#exemplars.writeRest(out, point.buf);
      else this.#exemplars.writeBelow(out, point.buf, bounds[i]);
      out.end(mark);
    }
    return samples + bounds.length + 1;
  }

  /** A histogram with explicit bounds as one native histogram with custom buckets. */
  customBuckets(point: MessageView, name: string, ms: number): number | DropReason {
    const counts = fixedCounts(point, HISTOGRAM_POINT.bucketCounts);
    const bounds = doubles(point, HISTOGRAM_POINT.explicitBounds);
    if (counts === null || !areBuckets(bounds, counts) || bounds.at(-1) === Infinity) return 'buckets';
    const buckets = this.#positive.reset();
    counts.forEach((count, i) => buckets.add(i, count));
    const count = countValue(point, HISTOGRAM_POINT.count);
    // Without buckets all is in the one that has no bound.
    if (counts.length === 0) buckets.add(0, count);
    if (count !== buckets.total) return 'buckets';
    if (!this.#fits(1)) return 'size';
    const out = this.#out;
    const mark = this.#begin(name, '');
    const histogram = out.begin(TIME_SERIES.histograms);
    const stale = isStale(point, HISTOGRAM_POINT.flags);
    this.#countAndSum(point, HISTOGRAM_POINT.sum, stale ? 0 : count, stale);
    out.uint32(NATIVE_HISTOGRAM.schema, zigzag32(CUSTOM_BUCKETS_SCHEMA));
    if (!stale) buckets.write(out, NATIVE_HISTOGRAM.positiveSpans, NATIVE_HISTOGRAM.positiveDeltas);
    writeMs(out, NATIVE_HISTOGRAM.timestamp, ms);
    const values = out.begin(NATIVE_HISTOGRAM.customValues);
    for (const bound of bounds) out.packedDouble(bound);
    out.end(values);
    out.end(histogram);
    this.#exemplars.read(point, HISTOGRAM_POINT.exemplars, ms);
    this.#exemplars.writeRest(out, point.buf);
    out.end(mark);
    return 1;
  }

  /** One native histogram. Its count has to be that of its buckets: Prometheus refuses any other, and the batch with it. */
  exponential(point: MessageView, name: string, ms: number): number | DropReason {
    const scale = point.sint32(EXPONENTIAL_POINT.scale);
    if (scale < MIN_SCALE) return 'scale';
    const shift = Math.min(Math.max(0, scale - MAX_SCALE), 31);
    const { positive, negative } = EXPONENTIAL_POINT;
    if (!this.#positive.readExponential(point, positive, this.#view, shift)) return 'buckets';
    if (!this.#negative.readExponential(point, negative, this.#view, shift)) return 'buckets';
    const count = countValue(point, EXPONENTIAL_POINT.count);
    const zeroCount = countValue(point, EXPONENTIAL_POINT.zeroCount);
    const stale = isStale(point, EXPONENTIAL_POINT.flags);
    if (!stale && count !== this.#positive.total + this.#negative.total + zeroCount) return 'buckets';
    if (!this.#fits(1)) return 'size';
    const out = this.#out;
    const mark = this.#begin(name, '');
    const histogram = out.begin(TIME_SERIES.histograms);
    this.#countAndSum(point, EXPONENTIAL_POINT.sum, stale ? 0 : count, stale);
    const schema = Math.min(scale, MAX_SCALE);
    if (schema !== 0) out.uint32(NATIVE_HISTOGRAM.schema, zigzag32(schema));
    const threshold = point.double(EXPONENTIAL_POINT.zeroThreshold);
    out.double(NATIVE_HISTOGRAM.zeroThreshold, threshold > 0 && threshold < Infinity ? threshold : ZERO_THRESHOLD);
    writeCount(out, NATIVE_HISTOGRAM.zeroCountInt, stale ? 0 : zeroCount);
    if (!stale) {
      this.#negative.write(out, NATIVE_HISTOGRAM.negativeSpans, NATIVE_HISTOGRAM.negativeDeltas);
      this.#positive.write(out, NATIVE_HISTOGRAM.positiveSpans, NATIVE_HISTOGRAM.positiveDeltas);
    }
    writeMs(out, NATIVE_HISTOGRAM.timestamp, ms);
    out.end(histogram);
    this.#exemplars.read(point, EXPONENTIAL_POINT.exemplars, ms);
    this.#exemplars.writeRest(out, point.buf);
    out.end(mark);
    return 1;
  }

  /** `_sum`, `_count`, and one series per quantile. Labels are sealed for `quantile`. */
  summary(point: MessageView, name: string, ms: number): number | DropReason {
    const stale = isStale(point, SUMMARY_POINT.flags);
    if (!this.#fits(point.count(SUMMARY_POINT.quantileValues) + 2)) return 'size';
    const count = countValue(point, SUMMARY_POINT.count);
    let samples = this.#sumAndCount(point, SUMMARY_POINT.sum, count, name, ms, stale, true);
    const view = this.#view;
    for (const each = this.#quantiles.over(point, SUMMARY_POINT.quantileValues); each.next(); samples++) {
      view.reset(point.buf, each.start, each.stop);
      const mark = this.#begin(name, plainDecimal(view.double(QUANTILE.quantile)));
      if (stale) writeStale(this.#out, ms);
      else writeSample(this.#out, view.double(QUANTILE.value), ms);
      this.#out.end(mark);
    }
    return samples;
  }

  #sumAndCount(
    point: MessageView,
    sumField: number,
    count: number,
    name: string,
    ms: number,
    stale: boolean,
    always = false,
  ): number {
    const out = this.#out;
    const hasSum = always || stale || point.has(sumField);
    if (hasSum) {
      const mark = this.#begin(`${name}_sum`, '');
      if (stale) writeStale(out, ms);
      else writeSample(out, point.double(sumField), ms);
      out.end(mark);
    }
    const mark = this.#begin(`${name}_count`, '');
    if (stale) writeStale(out, ms);
    else writeSample(out, count, ms);
    out.end(mark);
    return hasSum ? 2 : 1;
  }

  /** Of a native histogram: a sum that is the stale marker says that the series has ended. */
  #countAndSum(point: MessageView, sumField: number, count: number, stale: boolean): void {
    writeCount(this.#out, NATIVE_HISTOGRAM.countInt, count);
    if (stale) this.#out.fixed64(NATIVE_HISTOGRAM.sum, STALE_NAN_BITS.lo, STALE_NAN_BITS.hi);
    else writeDouble(this.#out, NATIVE_HISTOGRAM.sum, point.double(sumField));
  }

  #begin(name: string, boundary: string): number {
    const mark = this.#out.begin(WRITE_REQUEST.timeseries);
    this.#labels.write(this.#out, name, boundary);
    return mark;
  }

  #fits(series: number): boolean {
    return (this.#labels.size + SERIES_BYTES) * series <= POINT_BYTES;
  }
}

/** One count more than bounds, which ascend; or none of both, where there are only sum and count. */
function areBuckets(bounds: readonly number[], counts: readonly number[]): boolean {
  if (counts.length === 0 && bounds.length === 0) return true;
  if (counts.length !== bounds.length + 1) return false;
  return bounds.every((bound, i) => (i === 0 ? !Number.isNaN(bound) : bound > bounds[i - 1]));
}

const isStale = (point: MessageView, flags: number): boolean => (point.uint32(flags) & NO_RECORDED_VALUE) !== 0;

function copyDouble(out: Writer, point: MessageView, field: number, ms: number): void {
  if (point.stop(field) - point.start(field) !== 8) return writeSample(out, 0, ms);
  const at = point.start(field);
  writeSampleBits(out, point.buf.readUInt32LE(at), point.buf.readUInt32LE(at + 4), ms);
}

/** A member of a oneof: 0 is written, too. */
function writeCount(out: Writer, field: number, count: number): void {
  out.varint64(field, count >>> 0, Math.floor(count / 2 ** 32));
}
