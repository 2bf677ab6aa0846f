/** Arguments of otelcol.processor.deltatocumulative. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { duration, int } from '#config/schema/types.ts';
import { type } from '#config/schema/type.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

/** Go's largest int: as a double it is one more. */
const LARGEST = 2n ** 63n - 1n;
const streams = type<number>(
  'number',
  (value) => int.decode(value),
  (count) => (BigInt(count) > LARGEST ? LARGEST : BigInt(count)),
);

export const args = body(
  {
    max_stale: attr(duration, {
      default: 300_000,
      doc: 'How long after its last data point a stream is forgotten.',
    }),
    max_streams: attr(streams, {
      default: Number(LARGEST),
      doc: 'Most streams that a worker remembers; data points of further ones are dropped. 0 means no limit of its own.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.max_stale <= 0) error('max_stale', 'max_stale must be a positive duration');
    if (a.max_streams < 0) error('max_streams', 'max_streams must not be negative');
  },
);
export type Args = Infer<typeof args>;
