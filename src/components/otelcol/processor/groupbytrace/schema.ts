/** Arguments of otelcol.processor.groupbytrace, which Alloy lacks: those of the Collector's groupbytrace processor (contrib config.go). */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, int } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

export const args = body(
  {
    wait_duration: attr(duration, {
      default: 1000,
      doc: 'How long after its first span a trace is passed on.',
    }),
    num_traces: attr(int, {
      default: 1_000_000,
      doc: 'Most traces that are held, over all workers; beyond it the oldest are passed on early.',
    }),
    num_workers: attr(int, {
      default: 1,
      doc: 'Taken and without effect: every worker of the collector holds traces of its own.',
    }),
    discard_orphans: attr(bool, {
      default: false,
      doc: 'Must be false: traces without a root span are not dropped.',
    }),
    store_on_disk: attr(bool, { default: false, doc: 'Must be false: traces are held in memory.' }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.wait_duration < 0) error('wait_duration', 'wait_duration must not be negative');
    if (a.num_traces < 1) error('num_traces', 'num_traces must be greater than 0');
    if (a.num_workers < 1) error('num_workers', 'num_workers must be greater than 0');
    if (a.discard_orphans) error('discard_orphans', 'discard_orphans is not available: it must be false');
    if (a.store_on_disk) error('store_on_disk', 'store_on_disk is not available: it must be false');
  },
);
export type Args = Infer<typeof args>;
