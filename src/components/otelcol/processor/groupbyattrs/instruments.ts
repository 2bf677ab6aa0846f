/** What otelcol.processor.groupbyattrs counts (names of the Collector's groupbyattrs processor), for one signal. */
import { itemCounters, type ItemCounters } from '#components/kit/processor-counters.ts';
import type { Counter, Histogram, Meter } from '#shared/meter.ts';
import type { Signal } from '#shared/signal.ts';

export interface Instruments extends ItemCounters {
  readonly moved: Counter;
  readonly stayed: Counter;
  readonly groups: Histogram;
}

/** The Collector counts data points under the name of metrics. */
const WORDS = ['span', 'metric', 'log'] as const;
/** Those that OpenTelemetry's SDK takes without being told others. */
const GROUP_BOUNDS: readonly number[] = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** `name` is the `processor` label: type and label of the component (`groupbyattrs/default`). */
export function declareInstruments(meter: Meter, name: string, signal: Signal): Instruments {
  const word = WORDS[signal];
  const items = signal === 1 ? 'data points' : `${word}s`;
  const own = { processor: name };
  const metric = (end: string): string => `otelcol_processor_groupbyattrs_${end}`;
  return {
    moved: meter.counter(
      {
        name: metric(`num_grouped_${word}s_total`),
        help: `Number of ${items} of which attributes moved to the resource.`,
      },
      own,
    ),
    stayed: meter.counter(
      { name: metric(`num_non_grouped_${word}s_total`), help: `Number of ${items} that have none of the keys.` },
      own,
    ),
    groups: meter.histogram(
      { name: metric(`${word}_groups`), help: `Resources per batch of ${items}.`, bounds: GROUP_BOUNDS },
      own,
    ),
    ...itemCounters(meter, name, signal),
  };
}
