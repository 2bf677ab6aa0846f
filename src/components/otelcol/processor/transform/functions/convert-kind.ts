/** convert_sum_to_gauge and convert_gauge_to_sum: the same points as another kind of metric. */
import { METRIC, METRIC_DATA } from '#codec/otlp/fields.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import { putBool, putUint32 } from '#ottl/paths/write.ts';
import { putData, temporalityIn } from './metric-parts.ts';

export const CONVERT_KIND: readonly Editor[] = [
  editor(
    'convert_sum_to_gauge',
    [],
    'Makes a gauge of a sum, with the same points.',
    () => (t) => {
      if (t.pointKind !== METRIC.sum) return;
      t.metricData.removeAll(METRIC_DATA.aggregationTemporality);
      t.metricData.removeAll(METRIC_DATA.isMonotonic);
      putData(t, t.metricData.write(METRIC.gauge));
    },
    ['metric'],
  ),
  editor(
    'convert_gauge_to_sum',
    ['string_agg_temp', 'monotonic'],
    'Makes a sum of a gauge, with the same points; `"delta"` or `"cumulative"`.',
    (args) => {
      const temporality = BigInt(temporalityIn(args, 0));
      const monotonic = args.literalBool(1, false);
      return (t) => {
        if (t.pointKind !== METRIC.gauge) return;
        putUint32(t.metricData, METRIC_DATA.aggregationTemporality, temporality);
        putBool(t.metricData, METRIC_DATA.isMonotonic, monotonic);
        putData(t, t.metricData.write(METRIC.sum));
      };
    },
    ['metric'],
  ),
];
