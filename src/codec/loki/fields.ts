/**
 * What moves between Loki components, and what Loki takes (grafana/loki `pkg/push/push.proto`).
 *
 *     between components   1 stream*         stream   1 label*      2 entry*        label  1 name  2 value
 *     PushRequest          1 stream*         stream   1 labels text 2 entry*  3 hash
 *     entry of both        1 timestamp (Timestamp: 1 seconds, 2 nanos)   2 line   3 structured metadata (label)*
 *
 * Between components labels are sorted by name (bytes), names are unique. Messages one behind the other are again one batch.
 * Labels whose names begin with `__` are for components (`__tenant_id__`); the last one leaves them out.
 */
export const LINES = { streams: 1 } as const;
export const STREAM = { labels: 1, entries: 2, hash: 3 } as const;
export const LOKI_LABEL = { name: 1, value: 2 } as const;
export const LOKI_ENTRY = { timestamp: 1, line: 2, structuredMetadata: 3 } as const;
/** seconds int64, nanos int32. */
export const TIMESTAMP = { seconds: 1, nanos: 2 } as const;

/** The label that names the tenant for which an entry is written. */
export const TENANT_LABEL = '__tenant_id__';
