/** Arguments and exports of loki.relabel. Facts: grafana/alloy `internal/component/loki/relabel`. */
import { relabelRuleBlock, relabelRules } from '#components/kit/blocks/relabel-rule.ts';
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { int, logsReceivers } from '#config/schema/types.ts';

export const args = body(
  {
    forward_to: attr(logsReceivers, { required: true, doc: 'Where the relabeled lines go.' }),
    rule: block(relabelRuleBlock, { many: true, doc: 'Rules, applied in the order of writing.' }),
    max_cache_size: attr(int, {
      default: 10_000,
      doc: 'Label sets whose result is remembered, in all workers together.',
    }),
  },
  (a, error) => {
    if (a.max_cache_size <= 0)
      error('max_cache_size', `max_cache_size must be greater than 0 and is ${a.max_cache_size}`);
  },
);
export type Args = Infer<typeof args>;

export const exports = body({
  rules: attr(relabelRules, { required: true, doc: 'The rules, for components that take `relabel_rules`.' }),
});
export type Exports = Infer<typeof exports>;
