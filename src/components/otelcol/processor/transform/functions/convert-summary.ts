/** What summaries say, as metrics beside them: counts, sums, quantiles. */
import { METRIC, QUANTILE, SUMMARY_POINT } from '#codec/otlp/fields.ts';
import { MessageView, Occurrences } from '#codec/otlp/view.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import type { Run, Telemetry } from '#ottl/telemetry.ts';
import { plainDouble } from '#ottl/text.ts';
import { countOf, sumOf, type Reading } from './extract-metric.ts';
import { addNumbers, eachPoint, temporalityIn, writePoint, type MetricHead } from './metric-parts.ts';

function headOf({ metric }: Telemetry, suffix: string): MetricHead {
  return {
    name: metric.string(METRIC.name) + suffix,
    description: metric.string(METRIC.description),
    unit: metric.string(METRIC.unit),
  };
}

/** Adds the whole metric for each point, as the Collector does: a condition that holds for one point of each metric keeps it to one. */
function toSum(otherwise: string, read: Reading): (args: Arguments) => Run {
  return (args) => {
    const temporality = temporalityIn(args, 0);
    const monotonic = args.literalBool(1, false);
    const suffix = args.literal(2, otherwise);
    const view = new MessageView();
    return (t) => {
      if (t.pointKind !== METRIC.summary) return;
      addNumbers(t, headOf(t, suffix), { temporality, monotonic }, true, (out) =>
        eachPoint(t, (buf, start, stop) => {
          const value = read(view.reset(buf, start, stop), METRIC.summary);
          if (value !== null) writePoint(out, view, METRIC.summary, value);
        }),
      );
    };
  };
}

function quantilesToGauge(args: Arguments): Run {
  const key = Buffer.from(args.literal(0, 'quantile'));
  const suffix = args.literal(1, '.quantiles');
  const view = new MessageView();
  const quantile = new MessageView();
  const each = new Occurrences();
  return (t) => {
    if (t.pointKind !== METRIC.summary) return;
    addNumbers(t, headOf(t, suffix), null, true, (out) =>
      eachPoint(t, (buf, start, stop) => {
        view.reset(buf, start, stop);
        for (each.over(view, SUMMARY_POINT.quantileValues); each.next();) {
          quantile.reset(buf, each.start, each.stop);
          const label = { key, value: quantileText(quantile.double(QUANTILE.quantile)) };
          writePoint(out, view, METRIC.summary, quantile.double(QUANTILE.value), label);
        }
      }),
    );
  };
}

/** Two digits at least: `0.50`. */
function quantileText(quantile: number): string {
  const text = plainDouble(quantile);
  return text.length < 4 && text !== '0' && text !== '1' ? `${text}0` : text;
}

export const CONVERT_SUMMARY: readonly Editor[] = [
  editor(
    'convert_summary_count_val_to_sum',
    ['string_agg_temp', 'monotonic', 'suffix?'],
    'Adds a sum of the counts of a summary, its name with `_count` or another suffix.',
    toSum('_count', countOf),
    ['datapoint'],
  ),
  editor(
    'convert_summary_sum_val_to_sum',
    ['string_agg_temp', 'monotonic', 'suffix?'],
    'Adds a sum of the sums of a summary, its name with `_sum` or another suffix.',
    toSum('_sum', sumOf),
    ['datapoint'],
  ),
  editor(
    'convert_summary_quantile_val_to_gauge',
    ['attribute_key?', 'suffix?'],
    'Adds a gauge with a point for each quantile of a summary, told apart by the attribute `quantile` or another one.',
    quantilesToGauge,
    ['metric'],
  ),
];
