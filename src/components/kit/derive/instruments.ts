/** What was not counted by a connector that derives metrics, and why. */
import type { Counter, Meter } from '#shared/meter.ts';

const REASONS = ['expression', 'value', 'malformed'] as const;

/**
 * `expression`: an expression failed on an item. `value`: a value that the metric cannot hold (not finite, negative in an exponential
 * histogram). `malformed`: a batch with a message that has more fields than are read.
 */
export type NotCounted = Readonly<Record<(typeof REASONS)[number], Counter>>;

export function notCounted(meter: Meter): NotCounted {
  const of = (reason: string): Counter =>
    meter.counter(
      {
        name: 'millrace_derived_not_counted_total',
        help: 'Observations that a connector did not count, by reason.',
        lasting: true,
      },
      { reason },
    );
  return { expression: of('expression'), value: of('value'), malformed: of('malformed') };
}
