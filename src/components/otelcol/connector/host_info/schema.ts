/** Arguments of otelcol.connector.host_info. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { duration, list, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

const SHORTEST_MS = 15_000;
const LONGEST_MS = 300_000;

export const args = body(
  {
    host_identifiers: attr(list(string), {
      default: ['host.id'],
      doc: 'Resource attributes that name a host. The first that a resource has counts.',
    }),
    metrics_flush_interval: attr(duration, {
      default: 60_000,
      doc: 'How often the hosts seen since the last time are written; from 15 seconds to 5 minutes.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.host_identifiers.length === 0) error('host_identifiers', 'host_identifiers must not be empty');
    if (a.metrics_flush_interval < SHORTEST_MS || a.metrics_flush_interval > LONGEST_MS)
      error('metrics_flush_interval', 'metrics_flush_interval must be between 15s and 5m');
  },
);
export type Args = Infer<typeof args>;
