/** The `sending_queue` block of exporters with its in-queue `batch` (semantics 18.4). Use with `block(queueBlock, { doc })`. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, capsuleLater, duration, int64, oneOf } from '#config/schema/types.ts';

export const queueBatchBlock = body(
  {
    flush_timeout: attr(duration, { default: 200, doc: 'Longest time data waits for a batch to reach `min_size`.' }),
    min_size: attr(int64, { default: 2000, otelcol: { default: 8192 }, doc: 'Size from which a batch is sent.' }),
    max_size: attr(int64, {
      default: 3000,
      otelcol: { default: 0 },
      doc: 'Largest size of a batch; larger ones are split. 0 means no limit.',
    }),
    sizer: attr(oneOf('items', 'bytes'), {
      default: 'items',
      otelcol: { inherit: 'sizer' },
      doc: 'What `min_size` and `max_size` count: items or bytes.',
    }),
  },
  (args, error) => {
    if (args.flush_timeout <= 0) error('flush_timeout', 'flush_timeout must be greater than 0');
    if (args.min_size < 0) error('min_size', 'min_size must not be negative');
    if (args.max_size < 0) error('max_size', 'max_size must not be negative');
    if (args.max_size > 0 && args.max_size < args.min_size)
      error('max_size', 'max_size must not be less than min_size when not 0');
  },
  { collectorOnly: ['partition'] },
);
export type QueueBatchArgs = Infer<typeof queueBatchBlock>;

export const queueBlock = body(
  {
    enabled: attr(bool, { default: true, doc: 'Whether data is queued before it is sent.' }),
    num_consumers: attr(int64, { default: 10, doc: 'Number of batches that are sent at the same time.' }),
    queue_size: attr(int64, { default: 1000, doc: 'Largest size of the queue, waiting and being sent together.' }),
    block_on_overflow: attr(bool, {
      default: false,
      doc: 'Whether a full queue makes its sender wait instead of refusing the data.',
    }),
    sizer: attr(oneOf('requests', 'items', 'bytes'), {
      default: 'requests',
      doc: 'What `queue_size` counts: requests, items or bytes.',
    }),
    wait_for_result: attr(bool, {
      default: false,
      doc: 'Whether the sender of the data is answered only when the data has been sent.',
    }),
    batch: block(queueBatchBlock, { optional: true, otelcol: { emptyIsSet: true }, doc: 'Batching inside the queue.' }),
    storage: attr(
      capsuleLater(
        'otelcol.Handler',
        'otelcol.storage.* components are not available yet; without storage the queue is in memory',
      ),
      {
        otelcol: { extension: 'handler' },
        doc: 'Where the queue is kept over restarts. In memory when not set.',
      },
    ),
  },
  (args, error) => {
    if (!args.enabled) return;
    if (args.num_consumers <= 0) error('num_consumers', 'num_consumers must be greater than 0');
    if (args.queue_size <= 0) error('queue_size', 'queue_size must be greater than 0');
    if (args.batch !== undefined && args.batch.sizer === args.sizer && args.batch.min_size > args.queue_size) {
      error('batch', 'min_size must be less than or equal to queue_size when both count the same unit');
    }
  },
);
export type QueueArgs = Infer<typeof queueBlock>;
