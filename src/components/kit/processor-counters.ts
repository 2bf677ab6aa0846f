/** What every processor counts (names of the Collector's processorhelper). */
import type { Counter, Meter } from '#shared/meter.ts';
import { SIGNAL_NAMES, type Signal } from '#shared/signal.ts';

/** Of one signal. */
export interface ItemCounters {
  readonly incoming: Counter;
  readonly outgoing: Counter;
}

/** The name by which the Collector's metrics know a processor: `batch/default` of `otelcol.processor.batch.default`. */
export const processorName = (id: string, type: string): string => id.replace(`otelcol.processor.${type}.`, `${type}/`);

/** `processor`: see {@link processorName}. */
export function itemCounters(meter: Meter, processor: string, signal: Signal): ItemCounters {
  const labels = { processor, otel_signal: SIGNAL_NAMES[signal] };
  const counter = (way: 'incoming' | 'outgoing', help: string): Counter =>
    meter.counter({ name: `otelcol_processor_${way}_items_total`, help }, labels);
  return {
    incoming: counter('incoming', 'Items that the processor has taken.'),
    outgoing: counter('outgoing', 'Items that the next component has taken.'),
  };
}
