/** Arguments of otelcol.processor.groupbyattrs. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { list, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

export const args = body({
  keys: attr(list(string), {
    default: [],
    doc: 'Attributes that move to the resource. Without any, only equal resources and scopes are merged.',
  }),
  output: outputBlock,
  debug_metrics: debugMetricsBlock,
});
export type Args = Infer<typeof args>;
