/** extract_percentile_metric: a gauge of a percentile of each point of a histogram. */
import { METRIC } from '#codec/otlp/fields.ts';
import { readExponential } from '#components/kit/metrics/exponential.ts';
import { readHistogram } from '#components/kit/metrics/histogram.ts';
import { Point } from '#components/kit/metrics/metric.ts';
import type { Arguments } from '#ottl/functions/arguments.ts';
import { editor, type Editor } from '#ottl/functions/function.ts';
import type { Run } from '#ottl/telemetry.ts';
import { addNumbers, eachPoint, writePoint } from './metric-parts.ts';
import { explicitPercentile, exponentialPercentile } from './percentile.ts';

function extractPercentile(args: Arguments): Run {
  const percentile = args.literalDouble(0);
  if (!(percentile > 0 && percentile < 100))
    throw args.wrong(0, `the percentile is greater than 0 and less than 100, got ${percentile}`);
  const label = `p${percentile}`;
  const suffix = args.literal(1, '') || `_${label}`;
  const point = new Point();
  return (t) => {
    const { metric, pointKind } = t;
    if (pointKind !== METRIC.histogram && pointKind !== METRIC.exponentialHistogram) return;
    const description = metric.string(METRIC.description);
    const head = {
      name: metric.string(METRIC.name) + suffix,
      description: description === '' ? label : `${description} (${label})`,
      unit: metric.string(METRIC.unit),
    };
    addNumbers(t, head, null, false, (out) =>
      eachPoint(t, (buf, start, stop) => {
        point.reset(pointKind, buf, start, stop);
        const value =
          pointKind === METRIC.histogram
            ? explicitPercentile(readHistogram(point), percentile)
            : exponentialPercentile(readExponential(point), percentile);
        if (value !== null) writePoint(out, point.view, pointKind, value);
      }),
    );
  };
}

export const EXTRACT_PERCENTILE: Editor = editor(
  'extract_percentile_metric',
  ['percentile', 'suffix?'],
  'Adds a gauge of a percentile of a histogram, found in its buckets; its name with `_p95` or another suffix.',
  extractPercentile,
  ['metric'],
);
