/**
 * A WriteRequest as plain data, for components that need all of it: text for people, metrics of OTLP. Allocates throughout. For
 * bytes from outside too: throws a ProtobufError where they are no message.
 */
import { doubles, MessageView, Occurrences } from '../otlp/view.ts';
import { Reader } from '../protobuf/reader.ts';
import {
  BUCKET_SPAN,
  LABEL,
  METADATA,
  NATIVE_HISTOGRAM,
  PROM_EXEMPLAR,
  SAMPLE,
  STALE_NAN_BITS,
  TIME_SERIES,
  WRITE_REQUEST,
} from './fields.ts';
import { NAME_LABEL } from './label-set.ts';

export interface Label {
  readonly name: string;
  readonly value: string;
}
/** null: the stale marker. */
export type Value = number | null;
export interface Sample {
  readonly value: Value;
  readonly ms: number;
}
export interface PromExemplar {
  readonly labels: readonly Label[];
  readonly value: number;
  /** 0 = none */
  readonly ms: number;
}
export interface NativeHistogram {
  readonly ms: number;
  readonly schema: number;
  readonly sum: Value;
  readonly count: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: NativeBuckets;
  readonly negative: NativeBuckets;
  /** Bounds, where the schema is that of custom buckets. */
  readonly customValues: readonly number[];
}
export interface NativeBuckets {
  readonly spans: readonly { readonly offset: number; readonly length: number }[];
  /** Of each bucket in the spans; not differences. */
  readonly counts: readonly number[];
}
export interface Series {
  /** Value of `__name__`; '' = none */
  readonly name: string;
  /** All others, in their order. */
  readonly labels: readonly Label[];
  readonly samples: readonly Sample[];
  readonly exemplars: readonly PromExemplar[];
  readonly histograms: readonly NativeHistogram[];
}
export interface FamilyMetadata {
  readonly family: string;
  /** A number of METRIC_TYPE. */
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}
export interface WriteRequest {
  readonly series: readonly Series[];
  readonly metadata: readonly FamilyMetadata[];
}

export function readWriteRequest(bytes: Buffer): WriteRequest {
  const series: Series[] = [];
  const metadata: FamilyMetadata[] = [];
  const reader = new Reader().reset(bytes, 0, bytes.length);
  const view = new MessageView();
  while (reader.next()) {
    if (reader.field === WRITE_REQUEST.timeseries)
      series.push(readSeries(view.reset(bytes, reader.start, reader.stop)));
    else if (reader.field === WRITE_REQUEST.metadata) {
      view.reset(bytes, reader.start, reader.stop);
      metadata.push({
        family: view.string(METADATA.metricFamilyName),
        type: view.uint32(METADATA.type),
        help: view.string(METADATA.help),
        unit: view.string(METADATA.unit),
      });
    }
  }
  return { series, metadata };
}

function readSeries(series: MessageView): Series {
  const labels = readLabels(series, TIME_SERIES.labels);
  const named = labels.findIndex(({ name }) => name === NAME_LABEL);
  const name = named < 0 ? '' : labels[named].value;
  if (named >= 0) labels.splice(named, 1);
  const view = new MessageView();
  return {
    name,
    labels,
    samples: map(series, TIME_SERIES.samples, view, (sample) => ({
      value: valueOf(sample, SAMPLE.value),
      ms: millis(sample, SAMPLE.timestamp),
    })),
    exemplars: map(series, TIME_SERIES.exemplars, view, (exemplar) => ({
      labels: readLabels(exemplar, PROM_EXEMPLAR.labels),
      value: exemplar.double(PROM_EXEMPLAR.value),
      ms: millis(exemplar, PROM_EXEMPLAR.timestamp),
    })),
    histograms: map(series, TIME_SERIES.histograms, view, readHistogram),
  };
}

function readHistogram(histogram: MessageView): NativeHistogram {
  const { positiveSpans, positiveDeltas, positiveCounts } = NATIVE_HISTOGRAM;
  const { negativeSpans, negativeDeltas, negativeCounts } = NATIVE_HISTOGRAM;
  return {
    ms: millis(histogram, NATIVE_HISTOGRAM.timestamp),
    schema: histogram.sint32(NATIVE_HISTOGRAM.schema),
    sum: valueOf(histogram, NATIVE_HISTOGRAM.sum),
    count: Number(histogram.uint64(NATIVE_HISTOGRAM.countInt)) || histogram.double(NATIVE_HISTOGRAM.countFloat),
    zeroCount:
      Number(histogram.uint64(NATIVE_HISTOGRAM.zeroCountInt)) || histogram.double(NATIVE_HISTOGRAM.zeroCountFloat),
    zeroThreshold: histogram.double(NATIVE_HISTOGRAM.zeroThreshold),
    positive: readBuckets(histogram, positiveSpans, positiveDeltas, positiveCounts),
    negative: readBuckets(histogram, negativeSpans, negativeDeltas, negativeCounts),
    customValues: doubles(histogram, NATIVE_HISTOGRAM.customValues),
  };
}

function readBuckets(histogram: MessageView, spans: number, deltas: number, counts: number): NativeBuckets {
  const read = map(histogram, spans, new MessageView(), (span) => ({
    offset: span.sint32(BUCKET_SPAN.offset),
    length: span.uint32(BUCKET_SPAN.length),
  }));
  return { spans: read, counts: histogram.has(deltas) ? summedUp(histogram, deltas) : doubles(histogram, counts) };
}

/** Running sums of a repeated sint64 field, packed or not. */
function summedUp(view: MessageView, field: number): number[] {
  const found: number[] = [];
  let sum = 0;
  for (const each = new Occurrences().over(view, field); each.next();) {
    let value = 0;
    let scale = 1;
    for (let at = each.start; at < each.stop; at++) {
      const byte = view.buf[at];
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte > 0x7f) continue;
      sum += value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      found.push(sum);
      value = 0;
      scale = 1;
    }
  }
  return found;
}

function readLabels(message: MessageView, field: number): Label[] {
  const found: Label[] = [];
  const label = new Reader();
  for (const each = new Occurrences().over(message, field); each.next();) {
    let name = '';
    let value = '';
    label.reset(message.buf, each.start, each.stop);
    while (label.next()) {
      if (label.field === LABEL.name) name = label.string();
      else if (label.field === LABEL.value) value = label.string();
    }
    found.push({ name, value });
  }
  return found;
}

function map<T>(message: MessageView, field: number, view: MessageView, read: (view: MessageView) => T): T[] {
  const found: T[] = [];
  if (!message.has(field)) return found;
  for (const each = new Occurrences().over(message, field); each.next();)
    found.push(read(view.reset(message.buf, each.start, each.stop)));
  return found;
}

/** int64 of milliseconds as a number. */
function millis(view: MessageView, field: number): number {
  return view.has(field) ? Number(view.int64(field)) : 0;
}

function valueOf(view: MessageView, field: number): Value {
  const at = view.start(field);
  if (view.stop(field) - at !== 8) return 0;
  const isStale =
    view.buf.readUInt32LE(at) === STALE_NAN_BITS.lo && view.buf.readUInt32LE(at + 4) === STALE_NAN_BITS.hi;
  return isStale ? null : view.buf.readDoubleLE(at);
}
