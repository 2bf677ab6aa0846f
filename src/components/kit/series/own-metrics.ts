/** What a merge part tells about itself. */
import type { Counter, Gauge, Histogram, Meter } from '#shared/meter.ts';

/** Why points that a flush had encoded never reached a consumer. */
export type PointLoss = 'refused' | 'rejected' | 'stopped';

export interface StoreMetrics {
  readonly lostParcels: Counter;
  readonly overflowed: Counter;
}

export interface MergeMetrics extends StoreMetrics {
  readonly series: Gauge;
  readonly resources: Gauge;
  readonly bytes: Gauge;
  readonly points: Counter;
  readonly flushes: Readonly<Record<'complete' | 'cut', Counter>>;
  readonly dropped: Readonly<Record<PointLoss, Counter>>;
  readonly retries: Counter;
  readonly flushSeconds: Histogram;
  readonly longestTurn: Gauge;
}

const FLUSH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

export function mergeMetrics(meter: Meter): MergeMetrics {
  const counter = (name: string, help: string, labels = {}, lasting = false): Counter =>
    meter.counter({ name: `millrace_derived_${name}`, help, lasting }, labels);
  const gauge = (name: string, help: string): Gauge => meter.gauge({ name: `millrace_derived_${name}`, help });
  const flushes = (result: string): Counter =>
    counter('flushes_total', 'Flushes of derived metrics; cut: the next one was due before all was handed on.', {
      result,
    });
  const dropped = (reason: PointLoss): Counter =>
    counter('dropped_points_total', 'Points of derived metrics that no consumer took.', { reason }, true);
  return {
    series: gauge('series', 'Combinations of attributes that are kept.'),
    resources: gauge('resources', 'Resources whose derived metrics are kept.'),
    bytes: gauge('bytes', 'Memory of the series that are kept.'),
    lostParcels: counter(
      'parcels_lost_total',
      'Parcels of counts of a worker that belong to other arguments or are damaged.',
      {},
      true,
    ),
    overflowed: counter('overflowed_rows_total', 'Harvested rows that a limit sent to the overflow series.'),
    points: counter('points_total', 'Points of derived metrics that consumers took.'),
    flushes: { complete: flushes('complete'), cut: flushes('cut') },
    dropped: { refused: dropped('refused'), rejected: dropped('rejected'), stopped: dropped('stopped') },
    retries: counter('retries_total', 'Requests of derived metrics that were refused and offered again.'),
    flushSeconds: meter.histogram({
      name: 'millrace_derived_flush_seconds',
      help: 'Duration of flushes, from the harvest to the last answer.',
      bounds: FLUSH_SECONDS,
    }),
    longestTurn: meter.gauge({
      name: 'millrace_derived_longest_turn_seconds',
      help: 'Longest time that the last flush has held the event loop of the main thread.',
      merge: 'max',
    }),
  };
}
