/**
 * The oracle for Prometheus series: remote write 1.0 as protobufjs understands it, from a minimal schema text with the public field
 * numbers of prometheus `prompb`. Independent of `src/codec`.
 */
import protobuf from 'protobufjs';
import { decodeMessage, encodeMessage, type PlainMessage } from './otlp-proto.ts';

const SCHEMA = `
syntax = "proto3";
package prom;

message WriteRequest { repeated TimeSeries timeseries = 1; repeated MetricMetadata metadata = 3; }
message MetricMetadata {
  enum MetricType { UNKNOWN = 0; COUNTER = 1; GAUGE = 2; HISTOGRAM = 3; GAUGEHISTOGRAM = 4; SUMMARY = 5; INFO = 6; STATESET = 7; }
  MetricType type = 1; string metric_family_name = 2; string help = 4; string unit = 5;
}
message Sample { double value = 1; int64 timestamp = 2; }
message Exemplar { repeated Label labels = 1; double value = 2; int64 timestamp = 3; }
message Histogram {
  oneof count { uint64 count_int = 1; double count_float = 2; }
  double sum = 3; sint32 schema = 4; double zero_threshold = 5;
  oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
  repeated BucketSpan negative_spans = 8; repeated sint64 negative_deltas = 9; repeated double negative_counts = 10;
  repeated BucketSpan positive_spans = 11; repeated sint64 positive_deltas = 12; repeated double positive_counts = 13;
  enum ResetHint { UNKNOWN = 0; YES = 1; NO = 2; GAUGE = 3; }
  ResetHint reset_hint = 14; int64 timestamp = 15; repeated double custom_values = 16;
}
message BucketSpan { sint32 offset = 1; uint32 length = 2; }
message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Exemplar exemplars = 3; repeated Histogram histograms = 4; }
message Label { string name = 1; string value = 2; }
`;

const root = protobuf.parse(SCHEMA, { keepCase: false }).root;
root.resolveAll();
const WRITE_REQUEST = root.lookupType('prom.WriteRequest');

/**
 * Takes protobufjs's object form: `{ timeseries: [{ labels: [{ name, value }], samples: [{ value, timestamp }] }] }`. A NaN is
 * written as the ordinary one; {@link STALE} as a value is written as the stale marker.
 */
export function encodeWriteRequest(request: { readonly [field: string]: unknown }): Buffer {
  const bytes = encodeMessage(WRITE_REQUEST, request);
  // What stands for the marker is not NaN, so the oracle writes its bits as they are.
  const needle = Buffer.alloc(8);
  needle.writeDoubleLE(STALE);
  for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at)) bytes.writeBigUInt64LE(STALE_BITS, at);
  return bytes;
}

/** Stands for the stale marker in what {@link encodeWriteRequest} takes: a number that no test uses otherwise. */
export const STALE = -6.02214076e-299;
const STALE_BITS = 0x7ff0000000000002n;

/** As `decodeMessage` of `otlp-proto.ts`: 64-bit integers as decimal strings, NaN and infinities as text. */
export const decodeWriteRequest = (bytes: Uint8Array): PlainMessage => decodeMessage(WRITE_REQUEST, bytes);

export interface SeriesRead {
  /** In the order of the wire. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** The value of a stale marker is `stale`, of other NaN `NaN`. */
  readonly samples: readonly { readonly value: number | 'stale'; readonly ms: number }[];
  readonly exemplars: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly ms: number;
  }[];
  readonly histograms: readonly HistogramRead[];
}
export interface HistogramRead {
  readonly ms: number;
  readonly schema: number;
  readonly count: number;
  readonly sum: number | 'stale';
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  /** By bucket index, empty ones left out; deltas are summed up. */
  readonly positive: Readonly<Record<string, number>>;
  readonly negative: Readonly<Record<string, number>>;
  readonly customValues: readonly number[];
  readonly spans: readonly (readonly [offset: number, length: number])[];
}

/** Every series of a request, in order, read by the oracle. */
export function listSeries(bytes: Uint8Array): SeriesRead[] {
  const decoded = WRITE_REQUEST.decode(bytes) as unknown as { readonly timeseries: readonly RawSeries[] };
  return decoded.timeseries.map((series) => ({
    labels: series.labels.map(({ name, value }) => [name, value] as const),
    samples: series.samples.map(({ value, timestamp }) => ({ value: marked(value), ms: Number(timestamp) })),
    exemplars: series.exemplars.map((e) => ({
      labels: Object.fromEntries(e.labels.map(({ name, value }) => [name, value])),
      value: e.value,
      ms: Number(e.timestamp),
    })),
    histograms: series.histograms.map((h) => ({
      ms: Number(h.timestamp),
      schema: h.schema,
      count: Number(h.countInt ?? h.countFloat ?? 0),
      sum: marked(h.sum),
      zeroCount: Number(h.zeroCountInt ?? h.zeroCountFloat ?? 0),
      zeroThreshold: h.zeroThreshold,
      positive: buckets(h.positiveSpans, h.positiveDeltas, h.positiveCounts),
      negative: buckets(h.negativeSpans, h.negativeDeltas, h.negativeCounts),
      customValues: h.customValues,
      spans: h.positiveSpans.map(({ offset, length }) => [offset, length] as const),
    })),
  }));
}

/** `name{a="b",c="d"}` of a series, labels in their order. */
export function seriesText({ labels }: SeriesRead): string {
  const name = labels.find(([key]) => key === '__name__')?.[1] ?? '';
  return `${name}{${labels.flatMap(([key, value]) => (key === '__name__' ? [] : [`${key}="${value}"`])).join(',')}}`;
}

interface RawLabel {
  readonly name: string;
  readonly value: string;
}
interface RawSpan {
  readonly offset: number;
  readonly length: number;
}
interface RawHistogram {
  readonly countInt?: unknown;
  readonly countFloat?: unknown;
  readonly sum: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCountInt?: unknown;
  readonly zeroCountFloat?: unknown;
  readonly positiveSpans: readonly RawSpan[];
  readonly positiveDeltas: readonly unknown[];
  readonly positiveCounts: readonly number[];
  readonly negativeSpans: readonly RawSpan[];
  readonly negativeDeltas: readonly unknown[];
  readonly negativeCounts: readonly number[];
  readonly timestamp: unknown;
  readonly customValues: readonly number[];
}
interface RawSeries {
  readonly labels: readonly RawLabel[];
  readonly samples: readonly { readonly value: number; readonly timestamp: unknown }[];
  readonly exemplars: readonly {
    readonly labels: readonly RawLabel[];
    readonly value: number;
    readonly timestamp: unknown;
  }[];
  readonly histograms: readonly RawHistogram[];
}

function marked(value: number): number | 'stale' {
  const bits = Buffer.alloc(8);
  bits.writeDoubleLE(value);
  return bits.readBigUInt64LE() === STALE_BITS ? 'stale' : value;
}

function buckets(
  spans: readonly RawSpan[],
  deltas: readonly unknown[],
  counts: readonly number[],
): Record<string, number> {
  const found: Record<string, number> = {};
  let index = 0;
  let at = 0;
  let count = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++, at++, index++) {
      count = deltas.length > 0 ? count + Number(deltas[at]) : counts[at];
      if (count !== 0) found[index] = count;
    }
  }
  return found;
}
