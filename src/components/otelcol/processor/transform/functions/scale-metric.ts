/** scale_metric: all values of a metric times a factor. */
import { EXEMPLAR, HISTOGRAM_POINT, METRIC, NUMBER_POINT, QUANTILE, SUMMARY_POINT } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { MessageView, doubles } from '#codec/otlp/view.ts';
import { fail } from '#ottl/error.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import { toInt } from '#ottl/functions/types.ts';
import { putDouble, putDoubles, putText } from '#ottl/paths/write.ts';
import type { Run, Telemetry } from '#ottl/telemetry.ts';
import { editPoints } from './metric-parts.ts';

/** A value that is an int or a double, the last of both where a message has both. Ints stay ints, what is behind the point is cut. */
function scaleNumber(message: Message, intField: number, doubleField: number, factor: number): void {
  const int = message.last(intField);
  const double = message.last(doubleField);
  if (double > int) return putDouble(message, doubleField, message.double(doubleField) * factor, true);
  if (int === 0) return;
  const scaled = BigInt.asUintN(64, toInt(Number(message.int64(intField)) * factor) ?? 0n);
  const mark = message.mark();
  message.scratch.fixed64(intField, Number(scaled & 0xffff_ffffn), Number(scaled >> 32n));
  message.put(intField, mark);
}

function scaleIfThere(message: Message, field: number, factor: number): void {
  if (message.has(field)) putDouble(message, field, message.double(field) * factor, true);
}

/** Messages in a field of the point. */
function scaleInside({ point, buckets: inner }: Telemetry, field: number, scale: (inner: Message) => void): void {
  for (let row = point.first(field); row !== 0; row = point.next(row)) {
    inner.set(point.valueAt(row), point.valueEnd(row));
    scale(inner);
    if (inner.edited) point.replace(row, inner.write(field));
  }
}

function scaleHistogram(t: Telemetry, factor: number, view: MessageView): void {
  const { point } = t;
  for (const field of [HISTOGRAM_POINT.sum, HISTOGRAM_POINT.min, HISTOGRAM_POINT.max])
    scaleIfThere(point, field, factor);
  point.whole();
  const bounds = doubles(view.reset(point.buf, point.start, point.stop), HISTOGRAM_POINT.explicitBounds);
  if (bounds.length > 0)
    putDoubles(
      point,
      HISTOGRAM_POINT.explicitBounds,
      bounds.map((bound) => bound * factor),
    );
  scaleInside(t, HISTOGRAM_POINT.exemplars, (exemplar) =>
    scaleNumber(exemplar, EXEMPLAR.asInt, EXEMPLAR.asDouble, factor),
  );
}

function scaleSummary(t: Telemetry, factor: number): void {
  scaleIfThere(t.point, SUMMARY_POINT.sum, factor);
  scaleInside(t, SUMMARY_POINT.quantileValues, (quantile) => scaleIfThere(quantile, QUANTILE.value, factor));
}

function scaleMetric(args: Arguments): Run {
  const factor = args.literalDouble(0);
  const unit = args.has(1) ? args.string(1) : null;
  const view = new MessageView();
  return (t) => {
    const written = unit?.(t);
    switch (t.pointKind) {
      case METRIC.gauge:
      case METRIC.sum:
        editPoints(t, () => scaleNumber(t.point, NUMBER_POINT.asInt, NUMBER_POINT.asDouble, factor));
        break;
      case METRIC.histogram:
        editPoints(t, () => scaleHistogram(t, factor, view));
        break;
      case METRIC.summary:
        editPoints(t, () => scaleSummary(t, factor));
        break;
      case METRIC.exponentialHistogram:
        return fail('scale_metric does not take exponential histograms');
      default:
        return fail('scale_metric takes a metric that has data');
    }
    if (written !== undefined) putText(t.metric, METRIC.unit, written);
  };
}

export const SCALE_METRIC: Editor = editor(
  'scale_metric',
  ['multiplier', 'unit?'],
  'Multiplies the values of a gauge, sum, histogram or summary; sets its unit.',
  scaleMetric,
  ['metric'],
);
