/** Arguments of otelcol.processor.probabilistic_sampler, in the order of Alloy's struct. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, int, number, oneOf, string, uint32 } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { HEX_DIGITS, LEAST_PROBABILITY } from './bits56.ts';

export const args = body(
  {
    sampling_percentage: attr(number, {
      default: 0,
      doc: 'Percentage of traces or log records that are let through. From 100 on, all are.',
    }),
    hash_seed: attr(uint32, {
      default: 0,
      doc: 'What hashes begin with in mode `hash_seed`. Collectors that should let the same traces through need the same.',
    }),
    mode: attr(oneOf('hash_seed', 'proportional', 'equalizing'), {
      default: 'hash_seed',
      otelcol: { unset: true },
      doc: 'How it is decided.',
    }),
    fail_closed: attr(bool, {
      default: true,
      doc: 'Whether items about which it cannot be decided are left out; else they are let through.',
    }),
    sampling_precision: attr(int, {
      default: 4,
      doc: 'Hexadecimal digits that a sampling threshold is rounded to, from 1 to 14.',
    }),
    attribute_source: attr(oneOf('traceID', 'record'), {
      default: 'traceID',
      doc: 'Of log records, in mode `hash_seed`: what is hashed. With `record` it is `from_attribute` only.',
    }),
    from_attribute: attr(string, {
      default: '',
      doc: 'Of log records, in mode `hash_seed`: the attribute that is hashed where it is not the trace id, or there is none.',
    }),
    sampling_priority: attr(string, {
      default: '',
      doc: 'Of log records: the attribute that has a percentage of its own for the record.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    // A float32, as in the Collector.
    const percentage = Math.fround(a.sampling_percentage);
    if (!Number.isFinite(percentage)) error('sampling_percentage', `sampling rate is invalid: ${percentage}%`);
    else if (percentage < 0) error('sampling_percentage', `sampling rate is negative: ${a.sampling_percentage}%`);
    else if (a.sampling_percentage > 0 && percentage / 100 < LEAST_PROBABILITY)
      error('sampling_percentage', `sampling rate is too small: ${a.sampling_percentage}%`);
    if (a.sampling_precision < 1 || a.sampling_precision > HEX_DIGITS)
      error('sampling_precision', `sampling_precision must be from 1 to ${HEX_DIGITS}, got ${a.sampling_precision}`);
  },
);
export type Args = Infer<typeof args>;
