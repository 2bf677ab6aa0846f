/** What prometheus.relabel counts, with the names of grafana/alloy `internal/component/prometheus/relabel`. */
import type { Counter, Gauge, Meter } from '#shared/meter.ts';

export interface Instruments {
  readonly processed: Counter;
  readonly written: Counter;
  readonly hits: Counter;
  readonly misses: Counter;
  readonly deletes: Counter;
  readonly cacheSize: Gauge;
}

export function declareInstruments(meter: Meter): Instruments {
  const counter = (name: string, help: string): Counter =>
    meter.counter({ name: `alloy_prometheus_relabel_${name}`, help });
  return {
    processed: counter('metrics_processed', 'Samples and histograms that came in.'),
    written: counter('metrics_written', 'Samples and histograms that were passed on.'),
    hits: counter('cache_hits', 'Series whose label set was known.'),
    misses: counter('cache_misses', 'Series whose label set had to be relabeled.'),
    deletes: counter('cache_deletes', 'Label sets that were taken out of the cache.'),
    cacheSize: meter.gauge({ name: 'alloy_prometheus_relabel_cache_size', help: 'Label sets in the cache.' }),
  };
}
