/** Arguments and exports of prometheus.relabel. Facts: grafana/alloy `internal/component/prometheus/relabel`. */
import { relabelRuleBlock, relabelRules } from '#components/kit/blocks/relabel-rule.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { duration, int, metricsReceivers } from '#config/schema/types.ts';

export const args = body(
  {
    forward_to: attr(metricsReceivers, { required: true, doc: 'Where the relabeled series go.' }),
    rule: block(relabelRuleBlock, { many: true, doc: 'Rules, applied in the order of writing.' }),
    max_cache_size: attr(int, {
      default: 100_000,
      doc: 'Label sets whose result is remembered, in all workers together.',
    }),
    cache_ttl: attr(duration, {
      default: 0,
      doc: 'How long a result is remembered; 0 means until others need its room.',
    }),
  },
  (a, error) => {
    if (a.max_cache_size <= 0)
      error('max_cache_size', `max_cache_size must be greater than 0 and is ${a.max_cache_size}`);
    if (a.cache_ttl < 0) error('cache_ttl', 'cache_ttl must not be negative');
  },
);
export type Args = Infer<typeof args>;

export const exports = body({
  rules: attr(relabelRules, { required: true, doc: 'The rules, for components that take `relabel_rules`.' }),
});
export type Exports = Infer<typeof exports>;
