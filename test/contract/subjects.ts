/**
 * How the contract suite makes each component that has a worker part: every registered one must stand here, so that a new
 * component is held to the contract from its first day.
 */
import { LOGS, METRICS, TRACES, type Signal } from '#shared/signal.ts';
import type { OtlpSink } from '#test/support/otlp-sink.ts';

export interface Subject {
  /** Arguments as a configuration writes them. */
  readonly args: (sink: OtlpSink) => string;
  /** Where its data goes: to the next component, to an OTLP destination, or nowhere that can be asked. */
  readonly destination: 'next' | 'sink' | 'none';
  /** Most items of 100-item batches that it may hold while its destination takes nothing. */
  readonly boundItems: number;
  readonly signals: readonly Signal[];
}

const SIGNALS = [TRACES, METRICS, LOGS];
const QUEUE = `
  retry_on_failure {
    initial_interval = "10ms"
    max_interval     = "20ms"
    max_elapsed_time = "1h"
  }
  sending_queue {
    queue_size    = 5
    num_consumers = 2
  }`;

export const SUBJECTS: Readonly<Record<string, Subject>> = {
  'otelcol.processor.batch': {
    args: () => 'timeout = "100ms"\nsend_batch_size = 150\nsend_batch_max_size = 200\noutput { }',
    destination: 'next',
    boundItems: 600,
    signals: SIGNALS,
  },
  'otelcol.exporter.otlp': {
    args: (sink) =>
      `client {\n endpoint = "${sink.grpcEndpoint}"\n compression = "none"\n tls { insecure = true }\n }\n${QUEUE}`,
    destination: 'sink',
    boundItems: 500,
    signals: SIGNALS,
  },
  'otelcol.exporter.otlphttp': {
    args: (sink) => `client {\n endpoint = "${sink.httpUrl}"\n }\n${QUEUE}`,
    destination: 'sink',
    boundItems: 500,
    signals: SIGNALS,
  },
  'otelcol.exporter.debug': {
    args: () => 'sampling_initial = 1\nsampling_thereafter = 0',
    destination: 'none',
    boundItems: 0,
    signals: SIGNALS,
  },
};
