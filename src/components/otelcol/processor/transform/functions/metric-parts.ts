/** What the functions of metrics have in common: the points of the metric at hand, other data for it, metrics beside it. */
import { pairBytes } from '#codec/otlp/attribute-edit.ts';
import { KEY_VALUE, METRIC, METRIC_DATA, NUMBER_POINT, POINT_FIELDS, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { Occurrences, type MessageView } from '#codec/otlp/view.ts';
import { offsetOf } from '#codec/otlp/address.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import { turnToData } from '#components/kit/edit/batch-editor.ts';
import { high, low, writeFixed64 } from '#components/kit/metrics/fields.ts';
import type { Numeric } from '#components/kit/metrics/number.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { settlePoint } from '#ottl/paths/metric.ts';
import type { PointKind, Telemetry } from '#ottl/telemetry.ts';

export type DataKind = Exclude<PointKind, 0>;

/** Numbers of the fields that points of all kinds have. */
const { startTimeUnixNano, timeUnixNano } = NUMBER_POINT;

const DELTA = 1;
const CUMULATIVE = 2;
const TEMPORALITIES: ReadonlyMap<string, number> = new Map([
  ['delta', DELTA],
  ['cumulative', CUMULATIVE],
]);

/** An aggregation temporality by its name, as a literal. */
export function temporalityIn(args: Arguments, i: number): number {
  const name = args.literal(i);
  const temporality = TEMPORALITIES.get(name);
  if (temporality !== undefined) return temporality;
  throw args.wrong(i, `there is no aggregation temporality ${JSON.stringify(name)}`, '"delta" or "cumulative"');
}

/** The temporality of the metric at hand; summaries have none and are cumulative by nature. */
export function temporalityOf({ pointKind, metricData }: Telemetry): number {
  return pointKind === METRIC.summary ? CUMULATIVE : metricData.uint32(METRIC_DATA.aggregationTemporality);
}

/** Steps through the points of the metric at hand: where each lies. Nothing else writes to the scratch in between. */
export function eachPoint({ metricData }: Telemetry, visit: (buf: Buffer, start: number, stop: number) => void): void {
  for (let row = metricData.first(METRIC_DATA.dataPoints); row !== 0; row = metricData.next(row)) {
    metricData.content(row);
    visit(metricData.buf, metricData.start, metricData.stop);
  }
}

/** Turns to each point of the metric at hand, as `t.point`; what `edit` changes is put back. Context metric. */
export function editPoints(t: Telemetry, edit: () => void): void {
  const { metricData, point } = t;
  for (let row = metricData.first(METRIC_DATA.dataPoints); row !== 0; row = metricData.next(row)) {
    point.set(metricData.valueAt(row), metricData.valueEnd(row));
    edit();
    if (point.edited) metricData.replace(row, point.write(METRIC_DATA.dataPoints));
  }
}

const DATA = Object.keys(POINT_FIELDS).map(Number);

/** The data that was written to the scratch since `mark`, as a field of that number, takes the place of the metric's data. */
export function putData(t: Telemetry, mark: number): void {
  for (const field of DATA) t.metric.removeAll(field);
  t.metric.append(mark);
  turnToData(t);
}

/** Brings edits of the metric's data into the metric. */
export function settleData(t: Telemetry): void {
  if (t.pointKind !== 0 && t.metricData.edited) putData(t, t.metricData.write(t.pointKind));
}

export interface MetricHead {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

export function writeText(out: Writer, field: number, text: string): void {
  if (text !== '') out.string(field, text);
}

export interface SumHead {
  readonly temporality: number;
  readonly monotonic: boolean;
}

/** Adds a metric to the scope, with the points that `points` writes. `sum` null: a gauge. Without points: none, unless `empty`. */
export function addNumbers(
  t: Telemetry,
  head: MetricHead,
  sum: SumHead | null,
  empty: boolean,
  points: (out: Writer) => void,
): void {
  settlePoint(t);
  const mark = t.beginMetric();
  const out = t.space.scratch;
  const item = out.begin(SCOPE_ENTRY.items);
  writeText(out, METRIC.name, head.name);
  writeText(out, METRIC.description, head.description);
  writeText(out, METRIC.unit, head.unit);
  const data = out.begin(sum === null ? METRIC.gauge : METRIC.sum);
  const before = out.length;
  points(out);
  if (out.length === before && !empty) return out.cut(offsetOf(mark));
  if (sum !== null) {
    if (sum.temporality !== 0) out.uint32(METRIC_DATA.aggregationTemporality, sum.temporality);
    if (sum.monotonic) out.bool(METRIC_DATA.isMonotonic, true);
  }
  out.end(data);
  out.end(item);
  t.addMetric(mark);
}

/** Writes a number point at the times and with the attributes of another point; with `label` in place of the attribute of its key. */
export function writePoint(out: Writer, from: MessageView, kind: DataKind, value: Numeric, label?: Label): void {
  const point = out.begin(METRIC_DATA.dataPoints);
  writeTimes(out, from);
  if (typeof value === 'bigint') out.fixed64(NUMBER_POINT.asInt, low(value), high(value));
  else out.double(NUMBER_POINT.asDouble, value);
  for (each.over(from, POINT_FIELDS[kind].attributes); each.next();)
    if (label === undefined || !hasKey(from.buf, each.start, each.stop, label.key))
      out.bytes(NUMBER_POINT.attributes, from.buf, each.start, each.stop);
  if (label !== undefined) out.raw(pairBytes(NUMBER_POINT.attributes, label.key, label.value));
  out.end(point);
}

export interface Label {
  /** UTF-8. */
  readonly key: Buffer;
  readonly value: string;
}

const pair = new Reader();

function hasKey(buf: Buffer, start: number, stop: number, key: Buffer): boolean {
  let same = key.length === 0;
  for (pair.reset(buf, start, stop); pair.next();)
    if (pair.field === KEY_VALUE.key) same = key.equals(buf.subarray(pair.start, pair.stop));
  return same;
}

export function writeTimes(out: Writer, from: MessageView): void {
  writeFixed64(out, startTimeUnixNano, from.uint64(startTimeUnixNano));
  writeFixed64(out, timeUnixNano, from.uint64(timeUnixNano));
}

const each = new Occurrences();

/** Copies messages of a repeated field into another field. */
export function copyOccurrences(out: Writer, from: MessageView, field: number, to: number): void {
  for (each.over(from, field); each.next();) out.bytes(to, from.buf, each.start, each.stop);
}
