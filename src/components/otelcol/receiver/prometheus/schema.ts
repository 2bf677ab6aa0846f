/** Arguments of otelcol.receiver.prometheus. */
import { body, type Infer } from '#config/schema/schema.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

export const args = body({ output: outputBlock, debug_metrics: debugMetricsBlock });
export type Args = Infer<typeof args>;
