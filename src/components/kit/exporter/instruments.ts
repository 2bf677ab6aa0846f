/** What an exporter counts, for one signal (semantics 1.5; names and bounds of the Collector's exporterhelper). */
import type { Counter, Gauge, Histogram, Meter } from '#shared/meter.ts';
import { FLOW_NAMES, ITEM_WORDS, SIGNAL_NAMES, type Flow, type Signal } from '#shared/signal.ts';

/** Why data that an exporter had accepted was dropped. */
export type DropReason = 'rejected' | 'retries_exhausted' | 'shutdown' | 'item_too_large';

export interface Instruments {
  readonly sent: Counter;
  readonly sendFailed: Counter;
  readonly enqueueFailed: Counter;
  readonly queueSize: Gauge;
  readonly queueCapacity: Gauge;
  readonly inFlight: Gauge;
  readonly batchItems: Histogram;
  readonly batchBytes: Histogram;
  /** Items whose sender was told "accepted" and that are neither sent nor dropped yet: what a dying worker loses. */
  readonly held: Gauge;
  readonly dropped: Readonly<Record<DropReason, Counter>>;
}

/** Bounds of the Collector's histograms of items per batch. */
export const ITEM_BOUNDS: readonly number[] = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 30_000,
  50_000, 100_000,
];
/** Bounds of the Collector's histograms of bytes per batch: 128 B to 16 MiB by doubling. */
export const BYTE_BOUNDS: readonly number[] = Array.from({ length: 18 }, (_, i) => 128 * 2 ** i);

export function sentCounter(meter: Meter, exporter: string, signal: Signal): Counter {
  const word = ITEM_WORDS[signal];
  const help = `Number of ${word.replace('_', ' ')} that the destination took.`;
  return meter.counter({ name: `otelcol_exporter_sent_${word}_total`, help }, { exporter });
}

export function heldGauge(meter: Meter, flow: Flow): Gauge {
  const help = 'Items that the component has accepted and holds in memory.';
  return meter.gauge({ name: 'millrace_component_held_items', help }, { signal: FLOW_NAMES[flow] });
}

export function droppedCounter(meter: Meter, flow: Flow, reason: string): Counter {
  const help = 'Items that the component had accepted and then dropped.';
  return meter.counter(
    { name: 'millrace_component_dropped_items_total', help, lasting: true },
    { signal: FLOW_NAMES[flow], reason },
  );
}

export function declareInstruments(meter: Meter, exporter: string, signal: Signal): Instruments {
  const word = ITEM_WORDS[signal];
  const text = word.replace('_', ' ');
  const own = { exporter };
  const typed = { exporter, data_type: SIGNAL_NAMES[signal] };
  const dropped = (reason: DropReason): Counter => droppedCounter(meter, signal, reason);
  return {
    sent: sentCounter(meter, exporter, signal),
    sendFailed: meter.counter(
      { name: `otelcol_exporter_send_failed_${word}_total`, help: `Number of ${text} that finally could not be sent.` },
      own,
    ),
    enqueueFailed: meter.counter(
      {
        name: `otelcol_exporter_enqueue_failed_${word}_total`,
        help: `Number of ${text} that the sending queue refused.`,
      },
      own,
    ),
    queueSize: meter.gauge(
      {
        name: 'otelcol_exporter_queue_size',
        help: 'Present size of the sending queue, waiting and being sent, in units of its sizer.',
      },
      typed,
    ),
    queueCapacity: meter.gauge(
      {
        name: 'otelcol_exporter_queue_capacity',
        help: 'Largest size of the sending queue, in units of its sizer; 0 without a queue.',
      },
      typed,
    ),
    inFlight: meter.gauge(
      {
        name: 'otelcol_exporter_in_flight_requests',
        help: 'Number of requests being sent, waits between retries included.',
      },
      typed,
    ),
    batchItems: meter.histogram(
      {
        name: 'otelcol_exporter_queue_batch_send_size',
        help: 'Items in a batch that was made in the queue.',
        bounds: ITEM_BOUNDS,
      },
      own,
    ),
    batchBytes: meter.histogram(
      {
        name: 'otelcol_exporter_queue_batch_send_size_bytes',
        help: 'Bytes in a batch that was made in the queue.',
        bounds: BYTE_BOUNDS,
      },
      own,
    ),
    held: heldGauge(meter, signal),
    dropped: {
      rejected: dropped('rejected'),
      retries_exhausted: dropped('retries_exhausted'),
      shutdown: dropped('shutdown'),
      item_too_large: dropped('item_too_large'),
    },
  };
}
