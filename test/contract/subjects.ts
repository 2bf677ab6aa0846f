/**
 * How the contract suite makes each component that has a worker part: every registered one must stand here, so that a new
 * component is held to the contract from its first day.
 */
import { LOGS, LOKI, METRICS, PROMETHEUS, TRACES, type Flow } from '#shared/signal.ts';
import type { OtlpSink } from '#test/support/otlp-sink.ts';

export interface Subject {
  /** Arguments as a configuration writes them. */
  readonly args: (sink: OtlpSink) => string;
  /** Where its data goes: to the next component, to a server, or nowhere that can be asked for every item (it counts, or prints). */
  readonly destination: 'next' | 'sink' | 'none';
  /** Most items of 100-item batches that it may hold while its destination takes nothing. */
  readonly boundItems: number;
  readonly signals: readonly Flow[];
  /** What comes out, where it is not what comes in. */
  readonly gives?: Flow;
  /** It holds nothing of its own: the next component's answer is its own. */
  readonly passesOn?: true;
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
  'otelcol.connector.count': counting(SIGNALS),
  'otelcol.connector.host_info': counting([TRACES]),
  'otelcol.connector.servicegraph': counting([TRACES]),
  'otelcol.connector.signaltometrics': counting(
    SIGNALS,
    'spans {\n name = "n"\n description = "d"\n sum {\n value = "1"\n }\n }\noutput { }',
  ),
  'otelcol.connector.spanlogs': passing(TRACES, LOGS, 'spans = true\noutput { }'),
  'otelcol.connector.spanmetrics': counting([TRACES], 'histogram {\n explicit { }\n }\noutput { }'),
  'otelcol.exporter.loki': passing(LOGS, LOKI),
  'otelcol.exporter.prometheus': passing(METRICS, PROMETHEUS, 'forward_to = []\ninclude_target_info = false'),
  'otelcol.processor.attributes': editing('action {\n key = "a"\n value = 1\n action = "upsert"\n }\noutput { }'),
  'otelcol.processor.cumulativetodelta': passing(METRICS, METRICS, 'output { }'),
  'otelcol.processor.deltatocumulative': passing(METRICS, METRICS, 'output { }'),
  'otelcol.processor.filter': editing('traces {\n span = [`name == "none"`]\n }\noutput { }'),
  'otelcol.processor.groupbyattrs': editing('keys = ["k"]\noutput { }'),
  'otelcol.processor.groupbytrace': {
    args: () => 'wait_duration = "10ms"\noutput { }',
    destination: 'next',
    boundItems: 50_000,
    signals: [TRACES],
  },
  'otelcol.processor.interval': counting([METRICS]),
  'otelcol.processor.resourcedetection': editing('output { }'),
  'otelcol.processor.probabilistic_sampler': {
    ...editing('sampling_percentage = 100\nfail_closed = false\noutput { }'),
    signals: [TRACES, LOGS],
  },
  'otelcol.processor.redaction': editing(
    'allow_all_keys = true\nblocked_key_patterns = ["nothing"]\nsummary = "debug"\noutput { }',
  ),
  'otelcol.processor.span': editing('status {\n code = "Ok"\n }\noutput { }'),
  'otelcol.processor.transform': editing(
    `statements {
 trace = ["set(span.attributes[\\"x\\"], 1)"]
 metric = ["set(datapoint.attributes[\\"x\\"], 1)"]
 log = ["set(log.attributes[\\"x\\"], 1)"]
 }
output { }`,
  ),
  'otelcol.processor.memory_limiter': editing('check_interval = "1s"\nlimit = "1GiB"\noutput { }'),
  'otelcol.receiver.loki': passing(LOKI, LOGS, 'output { }'),
  'otelcol.receiver.prometheus': passing(PROMETHEUS, METRICS, 'output { }'),
  'loki.echo': { args: () => '', destination: 'none', boundItems: 0, signals: [LOKI] },
  'loki.process': passing(LOKI, LOKI),
  'loki.relabel': passing(LOKI, LOKI),
  'loki.write': {
    args: (sink) =>
      `endpoint {\n url = "${sink.httpUrl}/push"\n batch_wait = "10ms"\n min_backoff_period = "1ms"\n max_backoff_period = "5ms"\n max_backoff_retries = 1000\n }`,
    destination: 'sink',
    boundItems: 1_000_000,
    signals: [LOKI],
  },
  'prometheus.echo': { args: () => '', destination: 'none', boundItems: 0, signals: [PROMETHEUS] },
  'prometheus.relabel': passing(PROMETHEUS, PROMETHEUS),
  'prometheus.remote_write': {
    args: (sink) => `endpoint {
  url                    = "${sink.httpUrl}/write"
  queue_config {
    capacity             = 500
    max_shards           = 1
    max_samples_per_send = 100
    batch_send_deadline  = "10ms"
    min_backoff          = "1ms"
    max_backoff          = "5ms"
  }
}`,
    destination: 'sink',
    boundItems: 600,
    signals: [PROMETHEUS],
  },
};

/** What it counts leaves by its merge part, or not item by item. */
function counting(signals: readonly Flow[], args = 'output { }'): Subject {
  return { args: () => args, destination: 'none', boundItems: 0, signals };
}

/** It changes items, and holds none. */
function editing(args: string): Subject {
  return { args: () => args, destination: 'next', boundItems: 0, signals: SIGNALS, passesOn: true };
}

function passing(from: Flow, to: Flow, args = 'forward_to = []'): Subject {
  return { args: () => args, destination: 'next', boundItems: 0, signals: [from], gives: to, passesOn: true };
}
