/** Verbosity normal for metrics: a line per data point, `name{key=value,...} value` (layout of the Collector's debug exporter). */
import {
  BUCKETS,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  METRIC_DATA,
  NUMBER_POINT,
  QUANTILE,
  SUMMARY_POINT,
} from '#codec/otlp/fields.ts';
import { doubles, fixed64s, MessageView, Occurrences, varints } from '#codec/otlp/view.ts';
import { floatText } from '#text/go-number.ts';
import { plainAttributes } from './attributes.ts';
import { sixDecimals } from './go-format.ts';

const data = new MessageView();
const point = new MessageView();
const inner = new MessageView();
const points = new Occurrences();

interface Kind {
  readonly field: number;
  readonly attributes: number;
  readonly value: () => string;
}

const KINDS: readonly Kind[] = [
  { field: METRIC.gauge, attributes: NUMBER_POINT.attributes, value: numberValue },
  { field: METRIC.sum, attributes: NUMBER_POINT.attributes, value: numberValue },
  { field: METRIC.histogram, attributes: HISTOGRAM_POINT.attributes, value: histogramValue },
  { field: METRIC.exponentialHistogram, attributes: EXPONENTIAL_POINT.attributes, value: exponentialValue },
  { field: METRIC.summary, attributes: SUMMARY_POINT.attributes, value: summaryValue },
];

export function metricLines(out: string[], metric: MessageView): void {
  const kind = KINDS.find(({ field }) => metric.has(field));
  if (kind === undefined) return;
  const name = metric.string(METRIC.name);
  data.reset(metric.buf, metric.start(kind.field), metric.stop(kind.field));
  for (points.over(data, METRIC_DATA.dataPoints); points.next();) {
    point.reset(metric.buf, points.start, points.stop);
    out.push(`${name}{${plainAttributes(point, kind.attributes).join(',')}} ${kind.value()}`);
  }
}

function numberValue(): string {
  if (point.has(NUMBER_POINT.asInt)) return String(point.int64(NUMBER_POINT.asInt));
  return point.has(NUMBER_POINT.asDouble) ? floatText(point.double(NUMBER_POINT.asDouble)) : '';
}

function histogramValue(): string {
  const out = totals(HISTOGRAM_POINT);
  const bounds = doubles(point, HISTOGRAM_POINT.explicitBounds);
  fixed64s(point, HISTOGRAM_POINT.bucketCounts).forEach((count, i) => {
    const bound = bounds[i];
    out.push(bound === undefined ? String(count) : `le${floatText(bound)}=${count}`);
  });
  return out.join(' ');
}

function exponentialValue(): string {
  const out = totals(EXPONENTIAL_POINT);
  const factor = Math.LN2 * 2 ** -point.sint32(EXPONENTIAL_POINT.scale);
  const negative = buckets(EXPONENTIAL_POINT.negative);
  for (let i = negative.counts.length - 1; i >= 0; i--) {
    out.push(`le${floatText(-Math.exp((negative.offset + i) * factor))}=${negative.counts[i]}`);
  }
  const zeros = point.uint64(EXPONENTIAL_POINT.zeroCount);
  if (zeros !== 0n) out.push(`zero=${zeros}`);
  const positive = buckets(EXPONENTIAL_POINT.positive);
  positive.counts.forEach((count, i) =>
    out.push(`le${floatText(Math.exp((positive.offset + i + 1) * factor))}=${count}`),
  );
  return out.join(' ');
}

function summaryValue(): string {
  const out = [`count=${point.uint64(SUMMARY_POINT.count)}`, `sum=${sixDecimals(point.double(SUMMARY_POINT.sum))}`];
  for (const each = new Occurrences().over(point, SUMMARY_POINT.quantileValues); each.next();) {
    inner.reset(point.buf, each.start, each.stop);
    out.push(`q${floatText(inner.double(QUANTILE.quantile))}=${floatText(inner.double(QUANTILE.value))}`);
  }
  return out.join(' ');
}

/** Count, and those of sum, min and max that are present. */
function totals(fields: {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}): string[] {
  const out = [`count=${point.uint64(fields.count)}`];
  for (const name of ['sum', 'min', 'max'] as const) {
    if (point.has(fields[name])) out.push(`${name}=${floatText(point.double(fields[name]))}`);
  }
  return out;
}

function buckets(field: number): { readonly offset: number; readonly counts: readonly bigint[] } {
  inner.reset(point.buf, point.start(field), point.stop(field));
  return { offset: inner.sint32(BUCKETS.offset), counts: varints(inner, BUCKETS.bucketCounts) };
}
