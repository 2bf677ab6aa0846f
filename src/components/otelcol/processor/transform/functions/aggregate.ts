/**
 * aggregate_on_attributes and aggregate_on_attribute_value: points of a metric that have the same attributes and time become one.
 * Deltas also need the same start; histograms the same bounds (or scale), flags, and to tell min and max both or not.
 * Facts: Collector contrib `internal/coreinternal/aggregateutil`. Groups are in the order of their first points.
 */
import { putValue } from '#codec/otlp/attribute-edit.ts';
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { EXPONENTIAL_POINT, HISTOGRAM_POINT, METRIC, METRIC_DATA } from '#codec/otlp/fields.ts';
import { doubles } from '#codec/otlp/view.ts';
import { Point } from '#components/kit/metrics/metric.ts';
import { fail } from '#ottl/error.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import { pointAttributes } from '#ottl/paths/metric.ts';
import type { Run, Telemetry } from '#ottl/telemetry.ts';
import { AGGREGATIONS, type Aggregation } from './aggregate-numbers.ts';
import { editPoints, type DataKind } from './metric-parts.ts';
import { writeGroup } from './aggregate-points.ts';

const DELTA = 1;

function aggregationIn(args: Arguments): Aggregation {
  const name = args.literal(0);
  const aggregation = AGGREGATIONS.get(name);
  if (aggregation !== undefined) return aggregation;
  throw args.wrong(
    0,
    `there is no aggregation ${JSON.stringify(name)}`,
    `one of ${[...AGGREGATIONS.keys()].join(', ')}`,
  );
}

/** The kind of the metric at hand; fails for those that cannot be aggregated; null: it has no points. */
function kindOf({ pointKind }: Telemetry, name: string): DataKind | null {
  if (pointKind === METRIC.summary) fail(`${name} does not take summaries`);
  return pointKind === 0 ? null : pointKind;
}

const point = new Point();

/** What points have to have in common. */
function keyOf(kind: DataKind, isDelta: boolean): string {
  const { view } = point;
  const parts = [point.timeNs];
  if (isDelta) parts.push(point.startNs);
  if (kind === METRIC.histogram || kind === METRIC.exponentialHistogram) {
    const field = kind === METRIC.histogram ? HISTOGRAM_POINT : EXPONENTIAL_POINT;
    parts.push(BigInt(view.uint32(field.flags)), (view.has(field.min) ? 2n : 0n) + (view.has(field.max) ? 1n : 0n));
  }
  if (kind === METRIC.exponentialHistogram)
    parts.push(BigInt.asUintN(64, BigInt(view.sint32(EXPONENTIAL_POINT.scale))));
  const bounds = kind === METRIC.histogram ? doubles(view, HISTOGRAM_POINT.explicitBounds).join() : '';
  return `${point.key(...parts)} ${bounds}`;
}

function aggregate(t: Telemetry, kind: DataKind, aggregation: Aggregation): void {
  const { metricData } = t;
  const isDelta = kind !== METRIC.gauge && metricData.uint32(METRIC_DATA.aggregationTemporality) === DELTA;
  const groups = new Map<string, number[]>();
  for (let row = metricData.first(METRIC_DATA.dataPoints); row !== 0; row = metricData.next(row)) {
    metricData.content(row);
    point.reset(kind, metricData.buf, metricData.start, metricData.stop);
    const key = keyOf(kind, isDelta);
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [row]);
    else rows.push(row);
  }
  for (const rows of groups.values()) {
    if (rows.length > 1 || aggregation === 'count') writeGroup(t, kind, rows, aggregation);
    for (const row of rows.slice(1)) metricData.remove(row);
  }
}

function onAttributes(args: Arguments): Run {
  const aggregation = aggregationIn(args);
  const kept = args.has(1) ? new Set(args.literalStrings(1)) : null;
  return (t) => {
    const kind = kindOf(t, 'aggregate_on_attributes');
    if (kind === null) return;
    if (kept !== null) editPoints(t, () => keepAttributes(t, kept));
    aggregate(t, kind, aggregation);
  };
}

function keepAttributes(t: Telemetry, kept: ReadonlySet<string>): void {
  const { point: message } = t;
  for (let row = message.first(pointAttributes(t)); row !== 0;) {
    const next = message.next(row);
    message.pair(row);
    if (!kept.has(message.buf.toString('utf8', message.keyStart, message.keyStop))) message.remove(row);
    row = next;
  }
}

function onAttributeValue(args: Arguments): Run {
  const aggregation = aggregationIn(args);
  const key = Buffer.from(args.literal(1));
  const values = new Set(args.literalStrings(2));
  const replacement = args.literal(3);
  return (t) => {
    const kind = kindOf(t, 'aggregate_on_attribute_value');
    if (kind === null) return;
    editPoints(t, () => {
      const { point: message } = t;
      if (!message.find(pointAttributes(t), key)) return;
      const value = readAnyValue(message.buf, message.start, message.stop);
      if (typeof value === 'string' && values.has(value)) putValue(message, pointAttributes(t), key, replacement);
    });
    aggregate(t, kind, aggregation);
  };
}

export const AGGREGATE: readonly Editor[] = [
  editor(
    'aggregate_on_attributes',
    ['aggregation_function', 'attributes?'],
    'Makes one point of those that agree in these attributes (`[]`: in none; without the list: in all); other attributes go.',
    onAttributes,
    ['metric'],
  ),
  editor(
    'aggregate_on_attribute_value',
    ['aggregation_function', 'attribute', 'values', 'new_value'],
    'Sets the attribute to the new value where it has one of these, and makes one point of those that agree in all attributes then.',
    onAttributeValue,
    ['metric'],
  ),
];
