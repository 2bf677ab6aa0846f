/**
 * `debug_metrics { ... }`: how much detail a component's own metrics have.
 */
import { attr, block, body } from '#config/schema/schema.ts';
import { bool, oneOf } from '#config/schema/types.ts';

const debugMetricsBody = body({
  disable_high_cardinality_metrics: attr(bool, {
    default: true,
    doc: 'Whether to disable certain high cardinality metrics.',
  }),
  level: attr(oneOf('none', 'basic', 'normal', 'detailed'), {
    default: 'detailed',
    doc: 'Level of detail of the metrics.',
    deprecated: 'it has no effect and is kept for old configurations',
  }),
});

export const debugMetricsBlock = block(debugMetricsBody, {
  doc: 'Configures the metrics that this component generates to monitor its state.',
});
