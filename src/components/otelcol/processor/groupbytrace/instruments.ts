/** What otelcol.processor.groupbytrace counts (names of the Collector's groupbytrace processor). */
import { droppedCounter, heldGauge } from '#components/kit/exporter/instruments.ts';
import { itemCounters, type ItemCounters } from '#components/kit/processor-counters.ts';
import type { Counter, Gauge, Meter } from '#shared/meter.ts';
import { TRACES } from '#shared/signal.ts';

export interface Instruments extends ItemCounters {
  readonly evicted: Readonly<Record<'num_traces' | 'memory', Counter>>;
  readonly spansReleased: Counter;
  readonly tracesReleased: Counter;
  readonly traces: Gauge;
  readonly configured: Gauge;
  readonly held: Gauge;
  readonly dropped: Readonly<Record<'rejected' | 'shutdown', Counter>>;
}

/** `name` is the `processor` label: type and label of the component (`groupbytrace/default`). */
export function declareInstruments(meter: Meter, name: string): Instruments {
  const own = { processor: name };
  const metric = (end: string): string => `otelcol_processor_groupbytrace_${end}`;
  const evicted = (reason: string): Counter =>
    meter.counter(
      {
        name: metric('traces_evicted_total'),
        help: 'Traces that left before their time because others needed their place.',
      },
      { ...own, reason },
    );
  return {
    evicted: { num_traces: evicted('num_traces'), memory: evicted('memory') },
    spansReleased: meter.counter(
      { name: metric('spans_released_total'), help: 'Spans handed to the next component.' },
      own,
    ),
    tracesReleased: meter.counter(
      { name: metric('traces_released_total'), help: 'Traces handed to the next component.' },
      own,
    ),
    traces: meter.gauge({ name: metric('num_traces_in_memory'), help: 'Traces that are held.' }, own),
    configured: meter.gauge(
      { name: metric('conf_num_traces'), help: 'Most traces that are held, as configured.', merge: 'max' },
      own,
    ),
    ...itemCounters(meter, name, TRACES),
    held: heldGauge(meter, TRACES),
    dropped: {
      rejected: droppedCounter(meter, TRACES, 'rejected'),
      shutdown: droppedCounter(meter, TRACES, 'shutdown'),
    },
  };
}
