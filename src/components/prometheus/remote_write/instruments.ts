/** What prometheus.remote_write counts, with the names of prometheus `storage/remote`. Samples, exemplars and histograms apart. */
import { droppedCounter, heldGauge } from '#components/kit/exporter/instruments.ts';
import type { Counter, Gauge, Histogram, Labels, Meter } from '#shared/meter.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import type { Counts } from './chunk.ts';

const KINDS = ['samples', 'exemplars', 'histograms'] as const;
type Kind = (typeof KINDS)[number];

/** Three counters or gauges that change together. */
export class Trio {
  readonly #of: Readonly<Record<Kind, Counter>>;
  constructor(make: (kind: Kind) => Counter) {
    this.#of = { samples: make('samples'), exemplars: make('exemplars'), histograms: make('histograms') };
  }
  add({ samples, exemplars, histograms }: Counts, sign: 1 | -1 = 1): void {
    this.#of.samples.add(sign * samples);
    this.#of.exemplars.add(sign * exemplars);
    this.#of.histograms.add(sign * histograms);
  }
}

/** Prometheus' own bounds for these requests. */
const SECONDS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60, 120, 300];
const PREFIX = 'prometheus_remote_storage_';

/** Why items that the endpoint had accepted were not sent. The first two are Prometheus' words. */
export type DropReason =
  'too_old' | 'dropped_series' | 'native_histograms_off' | 'repeated' | 'duplicate' | 'queue_full' | 'malformed';
/** Why items were lost: what the ledger and the shutdown report know. */
export type LossReason = 'too_old' | 'rejected' | 'shutdown' | 'duplicate' | 'queue_full' | 'malformed';

export interface ComponentInstruments {
  readonly in: Trio;
  readonly highest: Gauge;
}

export function componentInstruments(meter: Meter): ComponentInstruments {
  return {
    in: new Trio((kind) =>
      meter.counter({ name: `${PREFIX}${kind}_in_total`, help: `Number of ${kind} that came in.` }),
    ),
    highest: meter.gauge({
      name: `${PREFIX}highest_timestamp_in_seconds`,
      help: 'Highest timestamp that came in, in seconds since the epoch.',
      merge: 'max',
    }),
  };
}

export interface EndpointInstruments {
  readonly sent: Trio;
  readonly failed: Trio;
  readonly retried: Trio;
  readonly pending: Trio;
  readonly dropped: Readonly<Record<DropReason, Trio>>;
  readonly metadataSent: Counter;
  readonly metadataFailed: Counter;
  readonly metadataRetried: Counter;
  readonly bytes: Counter;
  readonly metadataBytes: Counter;
  readonly enqueueRetries: Counter;
  readonly duration: Histogram;
  readonly highestSent: Gauge;
  readonly shards: Gauge;
  readonly shardsMin: Gauge;
  readonly shardsMax: Gauge;
  readonly shardsDesired: Gauge;
  readonly shardCapacity: Gauge;
  readonly maxSamplesPerSend: Gauge;
  readonly held: Gauge;
  readonly lost: Readonly<Record<LossReason, Counter>>;
}

export function endpointInstruments(meter: Meter, labels: Labels): EndpointInstruments {
  const counter = (name: string, help: string, more: Labels = {}): Counter =>
    meter.counter({ name: PREFIX + name, help }, { ...labels, ...more });
  const gauge = (name: string, help: string, merge: 'sum' | 'max' = 'sum'): Gauge =>
    meter.gauge({ name: PREFIX + name, help, merge }, labels);
  const dropped = (reason: DropReason): Trio =>
    new Trio((kind) =>
      counter(`${kind}_dropped_total`, `Number of ${kind} that were not sent, by reason.`, { reason }),
    );
  const lost = (reason: LossReason): Counter => droppedCounter(meter, PROMETHEUS, reason);
  return {
    sent: new Trio((kind) => counter(`${kind}_total`, `Number of ${kind} that the endpoint took.`)),
    failed: new Trio((kind) => counter(`${kind}_failed_total`, `Number of ${kind} that the endpoint rejected.`)),
    retried: new Trio((kind) => counter(`${kind}_retried_total`, `Number of ${kind} in attempts that failed for now.`)),
    pending: new Trio((kind) => gauge(`${kind}_pending`, `Number of ${kind} that wait to be sent or are being sent.`)),
    dropped: {
      too_old: dropped('too_old'),
      dropped_series: dropped('dropped_series'),
      native_histograms_off: dropped('native_histograms_off'),
      repeated: dropped('repeated'),
      duplicate: dropped('duplicate'),
      queue_full: dropped('queue_full'),
      malformed: dropped('malformed'),
    },
    metadataSent: counter('metadata_total', 'Number of metadata entries that the endpoint took.'),
    metadataFailed: counter('metadata_failed_total', 'Number of metadata entries that the endpoint rejected.'),
    metadataRetried: counter('metadata_retried_total', 'Number of metadata entries in attempts that failed for now.'),
    bytes: counter('bytes_total', 'Bytes of series that the endpoint took, after compression.'),
    metadataBytes: counter('metadata_bytes_total', 'Bytes of metadata that the endpoint took, after compression.'),
    enqueueRetries: counter('enqueue_retries_total', 'Number of batches that were refused because the queue was full.'),
    duration: meter.histogram(
      { name: `${PREFIX}sent_batch_duration_seconds`, help: 'Duration of attempts to send.', bounds: SECONDS },
      labels,
    ),
    highestSent: gauge(
      'queue_highest_sent_timestamp_seconds',
      'Highest timestamp that the endpoint took, in seconds since the epoch.',
      'max',
    ),
    shards: gauge('shards', 'Number of shards that send side by side.'),
    shardsMin: gauge('shards_min', 'Fewest shards.'),
    shardsMax: gauge('shards_max', 'Most shards.'),
    shardsDesired: gauge('shards_desired', 'Number of shards that the load asks for.'),
    shardCapacity: gauge('shard_capacity', 'Samples that wait for each shard, at most.', 'max'),
    maxSamplesPerSend: gauge('max_samples_per_send', 'Most samples in one request.', 'max'),
    held: heldGauge(meter, PROMETHEUS),
    lost: {
      too_old: lost('too_old'),
      rejected: lost('rejected'),
      shutdown: lost('shutdown'),
      duplicate: lost('duplicate'),
      queue_full: lost('queue_full'),
      malformed: lost('malformed'),
    },
  };
}
