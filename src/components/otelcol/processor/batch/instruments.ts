/** What otelcol.processor.batch counts (semantics 1.5; names and bounds of the Collector's batch processor). */
import { BYTE_BOUNDS, droppedCounter, heldGauge, ITEM_BOUNDS } from '#components/kit/exporter/instruments.ts';
import { itemCounters, type ItemCounters } from '#components/kit/processor-counters.ts';
import type { Counter, Gauge, Histogram, Meter } from '#shared/meter.ts';
import type { Signal } from '#shared/signal.ts';

/** Shared by the signals of one component. */
export interface BatchInstruments {
  readonly sendItems: Histogram;
  readonly sendBytes: Histogram;
  readonly sizeTrigger: Counter;
  readonly timeoutTrigger: Counter;
  /** Most combinations of metadata values in any signal and worker: each worker sees nearly all of them. */
  readonly cardinality: Gauge;
}

export interface SignalInstruments extends ItemCounters {
  readonly held: Gauge;
  readonly dropped: Readonly<Record<'rejected' | 'shutdown', Counter>>;
}

/** `name` is the `processor` label: type and label of the component (`batch/default`). */
export function batchInstruments(meter: Meter, name: string): BatchInstruments {
  const labels = { processor: name };
  const metric = (end: string): string => `otelcol_processor_batch_${end}`;
  return {
    sendItems: meter.histogram(
      { name: metric('batch_send_size'), help: 'Items in a batch that was sent.', bounds: ITEM_BOUNDS },
      labels,
    ),
    sendBytes: meter.histogram(
      { name: metric('batch_send_size_bytes'), help: 'Bytes in a batch that was sent.', bounds: BYTE_BOUNDS },
      labels,
    ),
    sizeTrigger: meter.counter(
      { name: metric('batch_size_trigger_send_total'), help: 'Batches sent because of their size.' },
      labels,
    ),
    timeoutTrigger: meter.counter(
      { name: metric('timeout_trigger_send_total'), help: 'Batches sent because of the timeout.' },
      labels,
    ),
    cardinality: meter.gauge(
      {
        name: metric('metadata_cardinality'),
        help: 'Combinations of metadata values that are batched apart.',
        merge: 'max',
      },
      labels,
    ),
  };
}

export function signalInstruments(meter: Meter, name: string, signal: Signal): SignalInstruments {
  return {
    ...itemCounters(meter, name, signal),
    held: heldGauge(meter, signal),
    dropped: {
      rejected: droppedCounter(meter, signal, 'rejected'),
      shutdown: droppedCounter(meter, signal, 'shutdown'),
    },
  };
}
