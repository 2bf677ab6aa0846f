/** Arguments of otelcol.connector.servicegraph (semantics 14.1), in the order of Alloy's struct. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, int, list, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';

const storeBlock = body(
  {
    max_items: attr(int, {
      default: 1000,
      doc: 'Most edges that wait for their other half, in all workers together.',
    }),
    ttl: attr(duration, { default: 2_000, doc: 'How long an edge waits for its other half.' }),
  },
  (store, error) => {
    for (const key of ['max_items', 'ttl'] as const)
      if (store[key] <= 0) error(key, `store.${key} must be greater than 0`);
  },
);

export const args = body(
  {
    latency_histogram_buckets: attr(list(duration), {
      default: [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1_000, 1_400, 2_000, 5_000, 10_000, 15_000],
      doc: 'Upper bounds of the buckets of latency histograms.',
    }),
    dimensions: attr(list(string), {
      default: [],
      doc: 'Resource or span attributes to add to the metrics, one of the client and one of the server.',
    }),
    store: block(storeBlock, { doc: 'Configures the store of edges that wait for their other half.' }),
    cache_loop: attr(duration, {
      default: 60_000,
      doc: 'How often series are dropped that had no edge for 15 minutes.',
    }),
    store_expiration_loop: attr(duration, {
      default: 2_000,
      doc: 'How often edges that have waited for longer than `ttl` leave the store.',
    }),
    virtual_node_peer_attributes: attr(list(string), {
      default: ['peer.service', 'db.name', 'db.system'],
      doc: 'Span attributes that name a server that sends no spans, best first. Empty: such edges are not counted.',
    }),
    virtual_node_extra_label: attr(bool, {
      default: false,
      doc: 'Add an attribute `virtual_node` that says which side of an edge sends no spans.',
    }),
    metrics_flush_interval: attr(duration, {
      default: 60_000,
      doc: 'How often metrics are sent. 0 sends them after every batch of spans.',
    }),
    database_name_attributes: attr(list(string), {
      default: ['db.name'],
      doc: 'Resource or span attributes that make a client span a request to a database of that name, best first.',
    }),
    exponential_histogram_max_size: attr(int, {
      default: 0,
      doc: 'Most buckets of exponential latency histograms. 0 makes histograms with `latency_histogram_buckets`.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    for (const key of ['cache_loop', 'store_expiration_loop'] as const)
      if (a[key] <= 0) error(key, `${key} must be greater than 0`);
    for (const key of ['metrics_flush_interval', 'exponential_histogram_max_size'] as const)
      if (a[key] < 0) error(key, `${key} must not be negative`);
  },
  { collectorOnly: ['metrics_exporter', 'database_name_attribute'] },
);
export type Args = Infer<typeof args>;
