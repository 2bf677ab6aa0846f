/** extract_count_metric and extract_sum_metric: what histograms and summaries count, as a metric of its own. */
import { HISTOGRAM_POINT, METRIC, SUMMARY_POINT } from '#codec/otlp/fields.ts';
import { MessageView } from '#codec/otlp/view.ts';
import type { Numeric } from '#components/kit/metrics/number.ts';
import { fail } from '#ottl/error.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import type { PointKind, Run } from '#ottl/telemetry.ts';
import { int64 } from '#ottl/value.ts';
import { addNumbers, eachPoint, temporalityOf, writePoint, type DataKind } from './metric-parts.ts';

/** Of a point of a histogram, an exponential one, or a summary: all number both fields the same. Null: the point has none. */
export type Reading = (view: MessageView, kind: DataKind) => Numeric | null;

export const countOf: Reading = (view) => int64(view.uint64(HISTOGRAM_POINT.count));
/** Summaries always have one. */
export const sumOf: Reading = (view, kind) =>
  kind === METRIC.summary || view.has(HISTOGRAM_POINT.sum) ? view.double(SUMMARY_POINT.sum) : null;

const COUNTING: readonly PointKind[] = [METRIC.histogram, METRIC.exponentialHistogram, METRIC.summary];

function extract(name: string, unit: string | null, otherwise: string, read: Reading): (args: Arguments) => Run {
  return (args) => {
    const monotonic = args.literalBool(0, false);
    const suffix = args.literal(1, otherwise);
    const view = new MessageView();
    return (t) => {
      const { metric, pointKind } = t;
      if (pointKind === 0 || !COUNTING.includes(pointKind))
        return fail(`${name} takes a histogram, an exponential histogram or a summary`);
      const temporality = temporalityOf(t);
      if (temporality === 0) return fail(`${name} takes a metric with an aggregation temporality`);
      const head = {
        name: metric.string(METRIC.name) + suffix,
        description: metric.string(METRIC.description),
        unit: unit ?? metric.string(METRIC.unit),
      };
      addNumbers(t, head, { temporality, monotonic }, false, (out) =>
        eachPoint(t, (buf, start, stop) => {
          const value = read(view.reset(buf, start, stop), pointKind);
          if (value !== null) writePoint(out, view, pointKind, value);
        }),
      );
    };
  };
}

export const EXTRACT_METRIC: readonly Editor[] = [
  editor(
    'extract_count_metric',
    ['monotonic', 'suffix?'],
    'Adds a sum of the counts of a histogram or summary, its name with `_count` or another suffix.',
    extract('extract_count_metric', '1', '_count', countOf),
    ['metric'],
  ),
  editor(
    'extract_sum_metric',
    ['monotonic', 'suffix?'],
    'Adds a sum of the sums of a histogram or summary, its name with `_sum` or another suffix.',
    extract('extract_sum_metric', null, '_sum', sumOf),
    ['metric'],
  ),
];
