/** Writes an ExportMetricsServiceRequest from grouped Prometheus series. Field numbers: `#codec/otlp/fields.ts`. */
import {
  ANY_VALUE,
  BUCKETS,
  ENTRY,
  EXEMPLAR,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  KEY_VALUE,
  METRIC,
  METRIC_DATA,
  NUMBER_POINT,
  QUANTILE,
  REQUEST,
  RESOURCE,
  SCOPE,
  SCOPE_ENTRY,
  SPAN_ID_BYTES,
  SUMMARY_POINT,
  TRACE_ID_BYTES,
} from '../otlp/fields.ts';
import { zigzag32 } from '../protobuf/varint.ts';
import { Writer } from '../protobuf/writer.ts';
import type { Family } from './family-types.ts';
import { unitOfWord } from './names.ts';
import { customCounts, dense, whole, type MetricShape, type PointGroup } from './point-group.ts';
import type { Label, NativeBuckets, PromExemplar } from './read.ts';
import { writeDouble } from './values.ts';

export interface MetricOut {
  readonly family: Family;
  readonly shape: MetricShape;
  readonly points: readonly PointGroup[];
}
export interface ScopeOut {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: readonly Label[];
  readonly metrics: readonly MetricOut[];
}
export interface ResourceOut {
  readonly job: string;
  readonly instance: string;
  readonly attributes: readonly Label[];
  readonly scopes: readonly ScopeOut[];
}

/** Name of a scope that no label names: that of the Collector's receiver. */
const SCOPE_NAME = 'otelcol/prometheusreceiver';
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1;
const TYPE_KEY = 'prometheus.type';
/** By METRIC_TYPE. */
const TYPE_NAMES = ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'];
const DATA_FIELDS: Readonly<Record<MetricShape, number>> = {
  gauge: METRIC.gauge,
  counter: METRIC.sum,
  sum: METRIC.sum,
  histogram: METRIC.histogram,
  exponential: METRIC.exponentialHistogram,
  summary: METRIC.summary,
};

export function writeMetrics(resources: readonly ResourceOut[]): Buffer {
  const out = new Writer();
  for (const { job, instance, attributes, scopes } of resources) {
    const entry = out.begin(REQUEST.entries);
    const resource = out.begin(ENTRY.resource);
    for (const { name, value } of resourceAttributes(job, instance))
      writeAttribute(out, RESOURCE.attributes, name, value);
    for (const { name, value } of attributes) writeAttribute(out, RESOURCE.attributes, name, value);
    out.end(resource);
    for (const scope of scopes) writeScope(out, scope);
    out.end(entry);
  }
  return out.finish();
}

/** An instance that is an address also says where the server is. */
function resourceAttributes(job: string, instance: string): Label[] {
  const address = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]+)):(?<port>\d{1,5})$/.exec(instance)?.groups;
  const host = address?.['v6'] ?? address?.['host'] ?? '';
  const isElsewhere = !/^(localhost|127\..*|::1|::|0\.0\.0\.0)$/.test(host);
  return [
    { name: 'service.name', value: job },
    { name: 'service.instance.id', value: instance },
    { name: 'server.address', value: isElsewhere ? host : '' },
    { name: 'server.port', value: address?.['port'] ?? '' },
  ].filter(({ value }) => value !== '');
}

function writeScope(out: Writer, { name, version, schemaUrl, attributes, metrics }: ScopeOut): void {
  const entry = out.begin(ENTRY.scopes);
  const scope = out.begin(SCOPE_ENTRY.scope);
  out.string(SCOPE.name, name === '' && version === '' && schemaUrl === '' ? SCOPE_NAME : name);
  if (version !== '') out.string(SCOPE.version, version);
  for (const attribute of attributes) writeAttribute(out, SCOPE.attributes, attribute.name, attribute.value);
  out.end(scope);
  for (const metric of metrics) writeMetric(out, metric);
  if (schemaUrl !== '') out.string(SCOPE_ENTRY.schemaUrl, schemaUrl);
  out.end(entry);
}

function writeMetric(out: Writer, { family, shape, points }: MetricOut): void {
  const metric = out.begin(SCOPE_ENTRY.items);
  out.string(METRIC.name, family.family);
  if (family.help !== '') out.string(METRIC.description, family.help);
  if (family.unit !== '') out.string(METRIC.unit, unitOfWord(family.unit));
  const data = out.begin(DATA_FIELDS[shape]);
  for (const point of points) {
    const mark = out.begin(METRIC_DATA.dataPoints);
    writePoint(out, shape, point);
    out.end(mark);
  }
  if (shape !== 'gauge' && shape !== 'summary') out.uint32(METRIC_DATA.aggregationTemporality, CUMULATIVE);
  if (shape === 'counter') out.bool(METRIC_DATA.isMonotonic, true);
  out.end(data);
  writeAttribute(out, METRIC.metadata, TYPE_KEY, family.told ? (TYPE_NAMES[family.type] ?? 'unknown') : 'unknown');
  out.end(metric);
}

function writePoint(out: Writer, shape: MetricShape, point: PointGroup): void {
  if (shape === 'histogram') writeHistogram(out, point);
  else if (shape === 'exponential') writeExponential(out, point);
  else if (shape === 'summary') writeSummary(out, point);
  else writeNumber(out, shape, point);
}

function writeNumber(out: Writer, shape: MetricShape, point: PointGroup): void {
  if (shape !== 'gauge') writeCreated(out, NUMBER_POINT.startTimeUnixNano, point);
  writeNanos(out, NUMBER_POINT.timeUnixNano, point.ms);
  // A member of a oneof: 0 is written, too.
  if (point.value === null) out.uint32(NUMBER_POINT.flags, NO_RECORDED_VALUE);
  else out.double(NUMBER_POINT.asDouble, point.value);
  writeExemplars(out, NUMBER_POINT.exemplars, point.exemplars);
  writeAttributes(out, NUMBER_POINT.attributes, point);
}

function writeHistogram(out: Writer, point: PointGroup): void {
  const { histogram, isStale } = point;
  writeCreated(out, HISTOGRAM_POINT.startTimeUnixNano, point);
  writeNanos(out, HISTOGRAM_POINT.timeUnixNano, point.ms);
  const { bounds, counts } =
    histogram === null ? point.buckets() : { bounds: histogram.customValues, counts: customCounts(histogram) };
  if (isStale) out.uint32(HISTOGRAM_POINT.flags, NO_RECORDED_VALUE);
  else {
    writeFixed(out, HISTOGRAM_POINT.count, whole(histogram?.count ?? point.total ?? 0));
    const sum = histogram === null ? point.sum : histogram.sum;
    if (sum !== undefined && sum !== null) out.double(HISTOGRAM_POINT.sum, sum);
  }
  const packed = out.begin(HISTOGRAM_POINT.bucketCounts);
  for (const count of counts) packFixed(out, isStale ? 0 : count);
  out.end(packed);
  if (bounds.length > 0) {
    const mark = out.begin(HISTOGRAM_POINT.explicitBounds);
    for (const bound of bounds) out.packedDouble(bound);
    out.end(mark);
  }
  writeExemplars(out, HISTOGRAM_POINT.exemplars, point.exemplars);
  writeAttributes(out, HISTOGRAM_POINT.attributes, point);
}

function writeExponential(out: Writer, point: PointGroup): void {
  const { histogram } = point;
  writeAttributes(out, EXPONENTIAL_POINT.attributes, point);
  writeCreated(out, EXPONENTIAL_POINT.startTimeUnixNano, point);
  writeNanos(out, EXPONENTIAL_POINT.timeUnixNano, point.ms);
  if (histogram === null || histogram.sum === null) out.uint32(EXPONENTIAL_POINT.flags, NO_RECORDED_VALUE);
  else {
    writeFixed(out, EXPONENTIAL_POINT.count, whole(histogram.count));
    out.double(EXPONENTIAL_POINT.sum, histogram.sum);
    if (histogram.schema !== 0) out.uint32(EXPONENTIAL_POINT.scale, zigzag32(histogram.schema));
    writeFixed(out, EXPONENTIAL_POINT.zeroCount, whole(histogram.zeroCount));
    writeBuckets(out, EXPONENTIAL_POINT.positive, histogram.positive);
    writeBuckets(out, EXPONENTIAL_POINT.negative, histogram.negative);
    writeDouble(out, EXPONENTIAL_POINT.zeroThreshold, histogram.zeroThreshold);
  }
  writeExemplars(out, EXPONENTIAL_POINT.exemplars, point.exemplars);
}

function writeBuckets(out: Writer, field: number, buckets: NativeBuckets): void {
  if (buckets.spans.length === 0) return;
  const { offset, counts } = dense(buckets);
  const mark = out.begin(field);
  if (offset !== 0) out.uint32(BUCKETS.offset, zigzag32(offset));
  const packed = out.begin(BUCKETS.bucketCounts);
  for (const count of counts) out.packedVarint64(count >>> 0, Math.floor(count / TWO_32));
  out.end(packed);
  out.end(mark);
}

function writeSummary(out: Writer, point: PointGroup): void {
  const { isStale } = point;
  writeCreated(out, SUMMARY_POINT.startTimeUnixNano, point);
  writeNanos(out, SUMMARY_POINT.timeUnixNano, point.ms);
  if (isStale) out.uint32(SUMMARY_POINT.flags, NO_RECORDED_VALUE);
  else {
    writeFixed(out, SUMMARY_POINT.count, whole(point.total ?? 0));
    writeDouble(out, SUMMARY_POINT.sum, point.sum ?? 0);
  }
  for (const { at, value } of point.boundaries.toSorted((a, b) => a.at - b.at)) {
    const mark = out.begin(SUMMARY_POINT.quantileValues);
    writeDouble(out, QUANTILE.quantile, at);
    if (!isStale) writeDouble(out, QUANTILE.value, value ?? 0);
    out.end(mark);
  }
  writeAttributes(out, SUMMARY_POINT.attributes, point);
}

function writeExemplars(out: Writer, field: number, exemplars: readonly PromExemplar[]): void {
  for (const { labels, value, ms } of exemplars) {
    const mark = out.begin(field);
    writeNanos(out, EXEMPLAR.timeUnixNano, ms);
    out.double(EXEMPLAR.asDouble, value);
    for (const { name, value: text } of labels) {
      const word = name.toLowerCase();
      if (word === 'trace_id' && isId(text, TRACE_ID_BYTES)) writeId(out, EXEMPLAR.traceId, text, TRACE_ID_BYTES);
      else if (word === 'span_id' && isId(text, SPAN_ID_BYTES)) writeId(out, EXEMPLAR.spanId, text, SPAN_ID_BYTES);
      else writeAttribute(out, EXEMPLAR.filteredAttributes, name, text);
    }
    out.end(mark);
  }
}

/** Short ids, as some tracers write them, are filled up in front. */
const isId = (text: string, bytes: number): boolean =>
  text.length > 0 && text.length <= bytes * 2 && text.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(text);

const writeId = (out: Writer, field: number, text: string, bytes: number): void =>
  out.bytes(field, Buffer.from(text.padStart(bytes * 2, '0'), 'hex'));

function writeAttributes(out: Writer, field: number, { attributes }: PointGroup): void {
  for (const { name, value } of attributes) writeAttribute(out, field, name, value);
}

function writeAttribute(out: Writer, field: number, key: string, value: string): void {
  const pair = out.begin(field);
  out.string(KEY_VALUE.key, key);
  const any = out.begin(KEY_VALUE.value);
  out.string(ANY_VALUE.stringValue, value);
  out.end(any);
  out.end(pair);
}

const TWO_32 = 2 ** 32;

function writeNanos(out: Writer, field: number, ms: number): void {
  writeBig(out, field, BigInt(Math.trunc(Math.max(0, ms))) * 1_000_000n);
}

function writeCreated(out: Writer, field: number, { createdSeconds }: PointGroup): void {
  if (createdSeconds > 0 && createdSeconds < 1e10) writeBig(out, field, BigInt(Math.round(createdSeconds * 1e9)));
}

function writeBig(out: Writer, field: number, value: bigint): void {
  if (value > 0n) out.fixed64(field, Number(value & 0xffff_ffffn), Number((value >> 32n) & 0xffff_ffffn));
}

/** A count, left out where it is 0. */
function writeFixed(out: Writer, field: number, count: number): void {
  if (count > 0) out.fixed64(field, count >>> 0, Math.floor(count / TWO_32));
}

function packFixed(out: Writer, count: number): void {
  out.packedFixed64(count >>> 0, Math.floor(count / TWO_32));
}
