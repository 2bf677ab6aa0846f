/** Arguments of otelcol.processor.batch (semantics 7.1). */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { duration, list, string, uint32 } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

export const args = body(
  {
    timeout: attr(duration, {
      default: 200,
      doc: 'How often a batch is sent whatever its size. 0 sends everything at once.',
    }),
    send_batch_size: attr(uint32, {
      default: 2000,
      otelcol: { default: 8192 },
      doc: 'Spans, data points or log records from which a batch is sent at once. 0 sends everything at once.',
    }),
    send_batch_max_size: attr(uint32, {
      default: 3000,
      otelcol: { default: 0 },
      doc: 'Most spans, data points or log records in a batch; larger ones are split. 0 means no limit.',
    }),
    metadata_keys: attr(list(string), {
      default: [],
      doc: 'Batch apart by the values of these metadata keys, and pass the keys on.',
    }),
    metadata_cardinality_limit: attr(uint32, {
      default: 1000,
      doc: 'Most combinations of metadata values that are batched apart; requests with further ones are rejected. 0 means no limit.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.timeout < 0) error('timeout', 'timeout must not be negative');
    if (a.send_batch_max_size > 0 && a.send_batch_max_size < a.send_batch_size) {
      error('send_batch_max_size', 'send_batch_max_size must be greater or equal to send_batch_size when not 0');
    }
    const seen = new Set<string>();
    for (const key of a.metadata_keys.map((k) => k.toLowerCase())) {
      if (seen.has(key)) error('metadata_keys', `duplicate entry in metadata_keys: "${key}" (case-insensitive)`);
      seen.add(key);
    }
  },
);
export type Args = Infer<typeof args>;
