/**
 * Field numbers of Prometheus remote write 1.0 (prometheus/prometheus `prompb/remote.proto`, `prompb/types.proto`). A batch of
 * Prometheus series between components is one WriteRequest; messages one behind the other are again one WriteRequest.
 *
 *     WriteRequest   1 TimeSeries*   3 MetricMetadata*
 *     TimeSeries     1 Label*   2 Sample*   3 Exemplar*   4 Histogram*
 *
 * Labels are sorted by name (bytes), names are unique, no value is empty. Timestamps are milliseconds since the epoch.
 */
export const WRITE_REQUEST = { timeseries: 1, metadata: 3 } as const;
export const TIME_SERIES = { labels: 1, samples: 2, exemplars: 3, histograms: 4 } as const;
export const LABEL = { name: 1, value: 2 } as const;
/** value double, timestamp int64. */
export const SAMPLE = { value: 1, timestamp: 2 } as const;
/** value double, timestamp int64. */
export const PROM_EXEMPLAR = { labels: 1, value: 2, timestamp: 3 } as const;
export const METADATA = { type: 1, metricFamilyName: 2, help: 4, unit: 5 } as const;
export const METRIC_TYPE = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugeHistogram: 4,
  summary: 5,
  info: 6,
  stateSet: 7,
} as const;
/**
 * Native histogram. counts of integer histograms: countInt and zeroCountInt uint64, deltas sint64 (each relative to the bucket
 * before); of float histograms: countFloat, zeroCountFloat, counts double. schema sint32, sum and zeroThreshold double,
 * resetHint enum, timestamp int64, customValues double (schema -53: bounds of a classic histogram).
 */
export const NATIVE_HISTOGRAM = {
  countInt: 1,
  countFloat: 2,
  sum: 3,
  schema: 4,
  zeroThreshold: 5,
  zeroCountInt: 6,
  zeroCountFloat: 7,
  negativeSpans: 8,
  negativeDeltas: 9,
  negativeCounts: 10,
  positiveSpans: 11,
  positiveDeltas: 12,
  positiveCounts: 13,
  resetHint: 14,
  timestamp: 15,
  customValues: 16,
} as const;
/** offset sint32, length uint32. */
export const BUCKET_SPAN = { offset: 1, length: 2 } as const;

/** The NaN whose bits say that a series has ended (prometheus/prometheus `model/value`). */
export const STALE_NAN_BITS = { lo: 0x00000002, hi: 0x7ff00000 } as const;
