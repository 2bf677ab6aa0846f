/** Arguments of otelcol.processor.memory_limiter (semantics 12; Collector internal/memorylimiter config.go). */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { duration, size, uint32 } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

const MIB = 1 << 20;

export const args = body(
  {
    check_interval: attr(duration, {
      required: true,
      doc: 'How often memory is measured. At least 10ms pass in between.',
    }),
    limit: attr(size, {
      default: 0,
      otelcol: { key: 'limit_mib', unitBytes: MIB },
      doc: 'Most memory that the process should take.',
    }),
    spike_limit: attr(size, {
      default: 0,
      otelcol: { key: 'spike_limit_mib', unitBytes: MIB },
      doc: 'By how much memory may grow between two checks: data is refused from `limit` less this. 0 means 20% of `limit`.',
    }),
    limit_percentage: attr(uint32, {
      default: 0,
      doc: "Instead of `limit`: a share of the memory that there is, which is the cgroup's limit or else the machine's.",
    }),
    spike_limit_percentage: attr(uint32, {
      default: 0,
      doc: 'Like `spike_limit`, with `limit_percentage`: a share of the memory that there is. 0 means 20% of `limit_percentage`.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (a.check_interval <= 0) error('check_interval', 'check_interval must be greater than zero');
    if (a.limit < 0) error('limit', 'limit must not be negative');
    if (a.spike_limit < 0) error('spike_limit', 'spike_limit must not be negative');
    for (const name of ['limit_percentage', 'spike_limit_percentage'] as const)
      if (a[name] > 100) error(name, `${name} must be less than or equal to 100`);
    if (a.limit > 0 && a.limit_percentage > 0)
      error('limit_percentage', 'either limit or limit_percentage must be set, but not both');
    else if (a.limit === 0 && a.limit_percentage === 0)
      error('limit', 'either limit or limit_percentage must be set to greater than zero');
    else if (a.limit > 0 && a.spike_limit >= a.limit) error('spike_limit', 'spike_limit must be less than limit');
    else if (a.limit_percentage > 0 && a.spike_limit_percentage >= a.limit_percentage)
      error('spike_limit_percentage', 'spike_limit_percentage must be less than limit_percentage');
  },
);
export type Args = Infer<typeof args>;
