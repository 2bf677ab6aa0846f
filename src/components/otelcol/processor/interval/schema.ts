/** Arguments of otelcol.processor.interval. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

const passthroughBody = body({
  gauge: attr(bool, { default: false, doc: 'Pass gauges on at once.' }),
  summary: attr(bool, { default: false, doc: 'Pass summaries on at once.' }),
});

export const args = body(
  {
    interval: attr(duration, { default: 60_000, doc: 'How often the latest values are passed on.' }),
    passthrough: block(passthroughBody, {
      otelcol: { key: 'pass_through' },
      doc: 'Which types of metrics are passed on as they come.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.interval <= 0) error('interval', 'interval must be greater than 0');
  },
);
export type Args = Infer<typeof args>;
