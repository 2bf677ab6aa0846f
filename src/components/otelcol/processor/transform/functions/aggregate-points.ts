/** One point of several of the same metric and attributes. The first one is what it is made of; it starts with the earliest. */
import { EXPONENTIAL_POINT, HISTOGRAM_POINT, METRIC, METRIC_DATA } from '#codec/otlp/fields.ts';
import { addExponential, readExponential, writeExponential } from '#components/kit/metrics/exponential.ts';
import { addHistogram, readHistogram, writeHistogram } from '#components/kit/metrics/histogram.ts';
import { Point } from '#components/kit/metrics/metric.ts';
import { valueOf, writeNumber } from '#components/kit/metrics/number.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { aggregated, type Aggregation } from './aggregate-numbers.ts';
import { copyOccurrences, type DataKind } from './metric-parts.ts';

const first = new Point();
const other = new Point();

function turn(point: Point, { metricData }: Telemetry, kind: DataKind, row: number): Point {
  metricData.content(row);
  return point.reset(kind, metricData.buf, metricData.start, metricData.stop);
}

/** Puts the point that all of `rows` become in the place of the first of them. Histograms are added, whatever the aggregation. */
export function writeGroup(t: Telemetry, kind: DataKind, rows: readonly number[], aggregation: Aggregation): void {
  const mark = t.metricData.mark();
  const field = t.space.scratch.begin(METRIC_DATA.dataPoints);
  if (kind === METRIC.histogram) sumHistograms(t, rows);
  else if (kind === METRIC.exponentialHistogram) sumExponentials(t, rows);
  else aggregateNumbers(t, kind, rows, aggregation);
  t.space.scratch.end(field);
  t.metricData.replace(rows[0], mark);
}

const earlier = (a: bigint, b: bigint): bigint => (b < a ? b : a);

function aggregateNumbers(t: Telemetry, kind: DataKind, rows: readonly number[], aggregation: Aggregation): void {
  let start = turn(first, t, kind, rows[0]).startNs;
  const own = valueOf(first);
  const values = [own ?? 0n];
  for (const row of rows.slice(1)) {
    values.push(valueOf(turn(other, t, kind, row)) ?? 0n);
    start = earlier(start, other.startNs);
  }
  const out = t.space.scratch;
  // A point that has no value gets none.
  if (own === null) out.raw(first.view.buf, first.start, first.stop);
  else writeNumber(out, first, start, aggregated(aggregation, values));
}

function sumHistograms(t: Telemetry, rows: readonly number[]): void {
  let start = turn(first, t, METRIC.histogram, rows[0]).startNs;
  const total = readHistogram(first);
  const more = rows.slice(1).filter((row) => {
    turn(other, t, METRIC.histogram, row);
    const histogram = readHistogram(other);
    if (histogram.count === 0n) return false;
    addHistogram(total, histogram);
    start = earlier(start, other.startNs);
    return true;
  });
  const out = t.space.scratch;
  writeHistogram(out, first, start, total);
  for (const row of more)
    copyOccurrences(
      out,
      turn(other, t, METRIC.histogram, row).view,
      HISTOGRAM_POINT.exemplars,
      HISTOGRAM_POINT.exemplars,
    );
}

function sumExponentials(t: Telemetry, rows: readonly number[]): void {
  const kind = METRIC.exponentialHistogram;
  let start = turn(first, t, kind, rows[0]).startNs;
  const total = readExponential(first);
  const more = rows.slice(1).filter((row) => {
    turn(other, t, kind, row);
    const histogram = readExponential(other);
    if (histogram.count === 0n) return false;
    addExponential(total, histogram);
    start = earlier(start, other.startNs);
    return true;
  });
  const out = t.space.scratch;
  writeExponential(out, first, start, total);
  for (const row of more)
    copyOccurrences(out, turn(other, t, kind, row).view, EXPONENTIAL_POINT.exemplars, EXPONENTIAL_POINT.exemplars);
}
