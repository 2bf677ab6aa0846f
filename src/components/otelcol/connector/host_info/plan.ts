/** What otelcol.connector.host_info counts: one gauge that is 1 for each host. */
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import type { Args } from './schema.ts';

export const HOSTS = 0;
export const HOST_INFO = 0;
/** Names of grafana/alloy, connector/host_info. */
const SCOPE = 'hostinfoconnector';
export const METRIC = 'traces_host_info';
export const HOST_ATTRIBUTE = 'grafana.host.id';

export function seriesPlan(args: Args): SeriesPlan {
  return {
    scopeName: SCOPE,
    groups: [{ instruments: [{ name: METRIC, description: '', unit: '', kind: 'gauge' }], limit: 0 }],
    // Delta: a host that was not seen since the last flush is not written again.
    temporality: 'delta',
    flushIntervalMs: args.metrics_flush_interval,
    startsWith: 'series',
    emitsEmpty: false,
    resourceExpirationMs: 0,
    seriesExpirationMs: 0,
    expiryIntervalMs: 0,
    resourceCacheSize: 0,
    timestampCacheSize: 0,
    identity: JSON.stringify(args.host_identifiers),
  };
}
