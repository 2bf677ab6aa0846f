/** The `retry_on_failure` block of exporters (semantics 18.3). Use with `block(retryBlock, { doc })`. */
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, number } from '#config/schema/types.ts';

export const retryBlock = body(
  {
    enabled: attr(bool, { default: true, doc: 'Whether a failed send is tried again.' }),
    initial_interval: attr(duration, { default: 5_000, doc: 'Time to wait after the first failure.' }),
    randomization_factor: attr(number, {
      default: 0.5,
      doc: 'Spread of the waits: a wait is drawn evenly from interval x (1 - factor) to interval x (1 + factor).',
    }),
    multiplier: attr(number, { default: 1.5, doc: 'What each interval is multiplied by to get the next.' }),
    max_interval: attr(duration, { default: 30_000, doc: 'Longest time between two attempts.' }),
    max_elapsed_time: attr(duration, {
      default: 300_000,
      doc: 'Longest time one batch is retried before it is dropped; 0 means for ever.',
    }),
  },
  (args, error) => {
    if (args.multiplier <= 1) error('multiplier', 'multiplier must be greater than 1.0');
    if (args.randomization_factor < 0) error('randomization_factor', 'randomization_factor must not be negative');
    if (!args.enabled) return;
    if (args.initial_interval < 0) error('initial_interval', 'initial_interval must not be negative');
    if (args.max_interval < 0) error('max_interval', 'max_interval must not be negative');
    if (args.max_elapsed_time < 0) error('max_elapsed_time', 'max_elapsed_time must not be negative');
    if (args.max_elapsed_time > 0 && args.max_elapsed_time < args.initial_interval) {
      error('max_elapsed_time', 'max_elapsed_time must not be less than initial_interval');
    }
    if (args.max_elapsed_time > 0 && args.max_elapsed_time < args.max_interval) {
      error('max_elapsed_time', 'max_elapsed_time must not be less than max_interval');
    }
  },
);
export type RetryArgs = Infer<typeof retryBlock>;
