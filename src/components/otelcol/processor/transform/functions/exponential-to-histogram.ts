/** convert_exponential_histogram_to_histogram. */
import { EXPONENTIAL_POINT, HISTOGRAM_POINT, METRIC, METRIC_DATA } from '#codec/otlp/fields.ts';
import type { MessageView } from '#codec/otlp/view.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import { readExponential, type Exponential } from '#components/kit/metrics/exponential.ts';
import { high, low, writeFixed64, writeOptional } from '#components/kit/metrics/fields.ts';
import { Point } from '#components/kit/metrics/metric.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import type { Run } from '#ottl/telemetry.ts';
import type { Value } from '#ottl/value.ts';
import { DISTRIBUTIONS, explicitCounts, type Distribution, type Random } from './distribution.ts';
import { copyOccurrences, eachPoint, putData, writeTimes } from './metric-parts.ts';

const FROM = EXPONENTIAL_POINT;
const TO = HISTOGRAM_POINT;

function boundsIn(args: Arguments, i: number): readonly number[] {
  const given = args.constant(i) ?? null;
  const isBounds = (value: Value): value is readonly number[] =>
    Array.isArray(value) && value.every((bound) => typeof bound === 'number');
  if (!isBounds(given)) throw args.wrong(i, 'the bounds are a list of double literals', 'for example [0.0, 10.0]');
  if (given.length === 0) throw args.wrong(i, 'there has to be a bound');
  if (given.some((bound, at) => at > 0 && !(bound > given[at - 1]))) throw args.wrong(i, 'the bounds have to rise');
  return given;
}

function writePoint(
  out: Writer,
  view: MessageView,
  value: Exponential,
  bounds: readonly number[],
  counts: bigint[],
): void {
  const point = out.begin(METRIC_DATA.dataPoints);
  writeTimes(out, view);
  writeFixed64(out, TO.count, value.count);
  writeOptional(out, TO.sum, value.sum);
  const packedCounts = out.begin(TO.bucketCounts);
  for (const count of counts) out.packedFixed64(low(count), high(count));
  out.end(packedCounts);
  const packedBounds = out.begin(TO.explicitBounds);
  for (const bound of bounds) out.packedDouble(bound);
  out.end(packedBounds);
  copyOccurrences(out, view, FROM.exemplars, TO.exemplars);
  copyOccurrences(out, view, FROM.attributes, TO.attributes);
  const flags = view.uint32(FROM.flags);
  if (flags !== 0) out.uint32(TO.flags, flags);
  writeOptional(out, TO.min, value.min);
  writeOptional(out, TO.max, value.max);
  out.end(point);
}

function convert(args: Arguments, random: Random): Run {
  const distribution = (args.literal(0) || 'random') as Distribution;
  if (!DISTRIBUTIONS.includes(distribution))
    throw args.wrong(0, `the distribution is one of ${DISTRIBUTIONS.join(', ')}`);
  const bounds = boundsIn(args, 1);
  const point = new Point();
  return (t) => {
    if (t.pointKind !== METRIC.exponentialHistogram) return;
    const temporality = t.metricData.uint32(METRIC_DATA.aggregationTemporality);
    const mark = t.metric.mark();
    const out = t.space.scratch;
    const data = out.begin(METRIC.histogram);
    eachPoint(t, (buf, start, stop) => {
      const value = readExponential(point.reset(METRIC.exponentialHistogram, buf, start, stop));
      writePoint(out, point.view, value, bounds, explicitCounts(value, bounds, distribution, random));
    });
    if (temporality !== 0) out.uint32(METRIC_DATA.aggregationTemporality, temporality);
    out.end(data);
    putData(t, mark);
  };
}

/** `random`: of the distribution of that name. */
export const exponentialToHistogram = (random: Random = Math.random): Editor =>
  editor(
    'convert_exponential_histogram_to_histogram',
    ['distribution_fn', 'explicit_bounds'],
    'Makes a histogram with these bounds of an exponential one; counts are shared out by `"upper"`, `"midpoint"`, `"uniform"` or `"random"`.',
    (args) => convert(args, random),
    ['metric'],
  );
