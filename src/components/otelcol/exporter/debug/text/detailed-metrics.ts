/** Verbosity detailed: one metric with its data points. */
import {
  BUCKETS,
  EXEMPLAR,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  METRIC_DATA,
  NUMBER_POINT,
  QUANTILE,
  SUMMARY_POINT,
} from '#codec/otlp/fields.ts';
import { doubles, fixed64s, MessageView, Occurrences, varints } from '#codec/otlp/view.ts';
import { listAttributes } from './attributes.ts';
import { idText, sixDecimals, TEMPORALITIES, timestamp } from './go-format.ts';

const data = new MessageView();
const point = new MessageView();
const inner = new MessageView();
const points = new Occurrences();

interface Kind {
  readonly field: number;
  readonly name: string;
  /** What a data point is called. */
  readonly point: string;
  readonly temporality: boolean;
  readonly fields: { readonly attributes: number; readonly startTimeUnixNano: number; readonly timeUnixNano: number };
  readonly body: (out: string[]) => void;
}

const KINDS: readonly Kind[] = [
  {
    field: METRIC.gauge,
    name: 'Gauge',
    point: 'NumberDataPoints',
    temporality: false,
    fields: NUMBER_POINT,
    body: numberPoint,
  },
  {
    field: METRIC.sum,
    name: 'Sum',
    point: 'NumberDataPoints',
    temporality: true,
    fields: NUMBER_POINT,
    body: numberPoint,
  },
  {
    field: METRIC.histogram,
    name: 'Histogram',
    point: 'HistogramDataPoints',
    temporality: true,
    fields: HISTOGRAM_POINT,
    body: histogramPoint,
  },
  {
    field: METRIC.exponentialHistogram,
    name: 'ExponentialHistogram',
    point: 'ExponentialHistogramDataPoints',
    temporality: true,
    fields: EXPONENTIAL_POINT,
    body: exponentialPoint,
  },
  {
    field: METRIC.summary,
    name: 'Summary',
    point: 'SummaryDataPoints',
    temporality: false,
    fields: SUMMARY_POINT,
    body: summaryPoint,
  },
];

export function metric(out: string[], index: number, view: MessageView): void {
  const kind = KINDS.find(({ field }) => view.has(field));
  out.push(`Metric #${index}`, 'Descriptor:');
  out.push(`     -> Name: ${view.string(METRIC.name)}`);
  out.push(`     -> Description: ${view.string(METRIC.description)}`);
  out.push(`     -> Unit: ${view.string(METRIC.unit)}`);
  out.push(`     -> DataType: ${kind?.name ?? 'Empty'}`);
  listAttributes(out, '     -> Metadata', view, METRIC.metadata);
  if (kind === undefined) return;
  data.reset(view.buf, view.start(kind.field), view.stop(kind.field));
  if (kind.field === METRIC.sum) out.push(`     -> IsMonotonic: ${data.bool(METRIC_DATA.isMonotonic)}`);
  if (kind.temporality)
    out.push(`     -> AggregationTemporality: ${TEMPORALITIES[data.uint32(METRIC_DATA.aggregationTemporality)] ?? ''}`);
  let number = 0;
  for (points.over(data, METRIC_DATA.dataPoints); points.next(); number++) {
    point.reset(view.buf, points.start, points.stop);
    out.push(`${kind.point} #${number}`);
    listAttributes(out, 'Data point attributes', point, kind.fields.attributes);
    out.push(`StartTimestamp: ${timestamp(point.uint64(kind.fields.startTimeUnixNano))}`);
    out.push(`Timestamp: ${timestamp(point.uint64(kind.fields.timeUnixNano))}`);
    kind.body(out);
  }
}

function numberPoint(out: string[]): void {
  if (point.has(NUMBER_POINT.asInt)) out.push(`Value: ${point.int64(NUMBER_POINT.asInt)}`);
  else if (point.has(NUMBER_POINT.asDouble)) out.push(`Value: ${sixDecimals(point.double(NUMBER_POINT.asDouble))}`);
  exemplars(out, NUMBER_POINT.exemplars);
}

function histogramPoint(out: string[]): void {
  totals(out, HISTOGRAM_POINT);
  doubles(point, HISTOGRAM_POINT.explicitBounds).forEach((bound, i) =>
    out.push(`ExplicitBounds #${i}: ${sixDecimals(bound)}`),
  );
  fixed64s(point, HISTOGRAM_POINT.bucketCounts).forEach((count, i) => out.push(`Buckets #${i}, Count: ${count}`));
  exemplars(out, HISTOGRAM_POINT.exemplars);
}

function exponentialPoint(out: string[]): void {
  totals(out, EXPONENTIAL_POINT);
  const factor = Math.LN2 * 2 ** -point.sint32(EXPONENTIAL_POINT.scale);
  const bound = (index: number): number => Math.exp(index * factor);
  const negative = buckets(EXPONENTIAL_POINT.negative);
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    const at = negative.offset + i;
    out.push(`Bucket [${sixDecimals(-bound(at + 1))}, ${sixDecimals(-bound(at))}), Count: ${negative.counts[i]}`);
  }
  const zeros = point.uint64(EXPONENTIAL_POINT.zeroCount);
  if (zeros !== 0n) out.push(`Bucket [0, 0], Count: ${zeros}`);
  const positive = buckets(EXPONENTIAL_POINT.positive);
  positive.counts.forEach((count, i) => {
    const at = positive.offset + i;
    out.push(`Bucket (${sixDecimals(bound(at))}, ${sixDecimals(bound(at + 1))}], Count: ${count}`);
  });
  exemplars(out, EXPONENTIAL_POINT.exemplars);
}

function summaryPoint(out: string[]): void {
  out.push(`Count: ${point.uint64(SUMMARY_POINT.count)}`, `Sum: ${sixDecimals(point.double(SUMMARY_POINT.sum))}`);
  let index = 0;
  for (const each = new Occurrences().over(point, SUMMARY_POINT.quantileValues); each.next(); index++) {
    inner.reset(point.buf, each.start, each.stop);
    const quantile = sixDecimals(inner.double(QUANTILE.quantile));
    out.push(`QuantileValue #${index}: Quantile ${quantile}, Value ${sixDecimals(inner.double(QUANTILE.value))}`);
  }
}

/** Count, and those of sum, min and max that are present. */
function totals(
  out: string[],
  fields: { readonly count: number; readonly sum: number; readonly min: number; readonly max: number },
): void {
  out.push(`Count: ${point.uint64(fields.count)}`);
  if (point.has(fields.sum)) out.push(`Sum: ${sixDecimals(point.double(fields.sum))}`);
  if (point.has(fields.min)) out.push(`Min: ${sixDecimals(point.double(fields.min))}`);
  if (point.has(fields.max)) out.push(`Max: ${sixDecimals(point.double(fields.max))}`);
}

function buckets(field: number): { readonly offset: number; readonly counts: readonly bigint[] } {
  inner.reset(point.buf, point.start(field), point.stop(field));
  return { offset: inner.sint32(BUCKETS.offset), counts: varints(inner, BUCKETS.bucketCounts) };
}

function exemplars(out: string[], field: number): void {
  if (point.has(field)) out.push('Exemplars:');
  let index = 0;
  for (const each = new Occurrences().over(point, field); each.next(); index++) {
    inner.reset(point.buf, each.start, each.stop);
    out.push(`Exemplar #${index}`);
    out.push(`     -> Trace ID: ${idText(inner.hex(EXEMPLAR.traceId))}`);
    out.push(`     -> Span ID: ${idText(inner.hex(EXEMPLAR.spanId))}`);
    out.push(`     -> Timestamp: ${timestamp(inner.uint64(EXEMPLAR.timeUnixNano))}`);
    if (inner.has(EXEMPLAR.asInt)) out.push(`     -> Value: ${inner.int64(EXEMPLAR.asInt)}`);
    else if (inner.has(EXEMPLAR.asDouble)) out.push(`     -> Value: ${sixDecimals(inner.double(EXEMPLAR.asDouble))}`);
    listAttributes(out, '     -> FilteredAttributes', inner, EXEMPLAR.filteredAttributes);
  }
}
