/**
 * Field numbers of OTLP (opentelemetry-proto v1: common, resource, trace, metrics, logs and the three collector services), under
 * the names that OTLP/JSON gives them. Their types are in `messages.ts`.
 *
 * Requests of all signals share one shape, so the numbers down to the item are the same for traces, metrics and logs:
 *
 *     request   1 entry*            entry   1 resource  2 scope entry*  3 schema_url
 *                                   scope   1 scope     2 item*         3 schema_url     (item: span, metric, log record)
 */
export const REQUEST = { entries: 1 } as const;
export const ENTRY = { resource: 1, scopes: 2, schemaUrl: 3 } as const;
export const SCOPE_ENTRY = { scope: 1, items: 2, schemaUrl: 3 } as const;

export const ANY_VALUE = {
  stringValue: 1,
  boolValue: 2,
  intValue: 3,
  doubleValue: 4,
  arrayValue: 5,
  kvlistValue: 6,
  bytesValue: 7,
} as const;
export const ARRAY_VALUE = { values: 1 } as const;
export const KEY_VALUE_LIST = { values: 1 } as const;
export const KEY_VALUE = { key: 1, value: 2 } as const;
export const SCOPE = { name: 1, version: 2, attributes: 3, droppedAttributesCount: 4 } as const;
export const RESOURCE = { attributes: 1, droppedAttributesCount: 2, entityRefs: 3 } as const;
export const ENTITY_REF = { schemaUrl: 1, type: 2, idKeys: 3, descriptionKeys: 4 } as const;

export const SPAN = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  parentSpanId: 4,
  name: 5,
  kind: 6,
  startTimeUnixNano: 7,
  endTimeUnixNano: 8,
  attributes: 9,
  droppedAttributesCount: 10,
  events: 11,
  droppedEventsCount: 12,
  links: 13,
  droppedLinksCount: 14,
  status: 15,
  flags: 16,
} as const;
export const SPAN_EVENT = { timeUnixNano: 1, name: 2, attributes: 3, droppedAttributesCount: 4 } as const;
export const SPAN_LINK = {
  traceId: 1,
  spanId: 2,
  traceState: 3,
  attributes: 4,
  droppedAttributesCount: 5,
  flags: 6,
} as const;
export const SPAN_STATUS = { message: 2, code: 3 } as const;

export const METRIC = {
  name: 1,
  description: 2,
  unit: 3,
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponentialHistogram: 10,
  summary: 11,
  metadata: 12,
} as const;
/** Gauge, Sum, Histogram, ExponentialHistogram and Summary: each has those of these fields that it needs. */
export const METRIC_DATA = { dataPoints: 1, aggregationTemporality: 2, isMonotonic: 3 } as const;
export const NUMBER_POINT = {
  startTimeUnixNano: 2,
  timeUnixNano: 3,
  asDouble: 4,
  exemplars: 5,
  asInt: 6,
  attributes: 7,
  flags: 8,
} as const;
export const HISTOGRAM_POINT = {
  startTimeUnixNano: 2,
  timeUnixNano: 3,
  count: 4,
  sum: 5,
  bucketCounts: 6,
  explicitBounds: 7,
  exemplars: 8,
  attributes: 9,
  flags: 10,
  min: 11,
  max: 12,
} as const;
export const EXPONENTIAL_POINT = {
  attributes: 1,
  startTimeUnixNano: 2,
  timeUnixNano: 3,
  count: 4,
  sum: 5,
  scale: 6,
  zeroCount: 7,
  positive: 8,
  negative: 9,
  flags: 10,
  exemplars: 11,
  min: 12,
  max: 13,
  zeroThreshold: 14,
} as const;
export const BUCKETS = { offset: 1, bucketCounts: 2 } as const;
export const SUMMARY_POINT = {
  startTimeUnixNano: 2,
  timeUnixNano: 3,
  count: 4,
  sum: 5,
  quantileValues: 6,
  attributes: 7,
  flags: 8,
} as const;

/** How points number their fields, by the field of the metric that its data is. */
export const POINT_FIELDS = {
  [METRIC.gauge]: NUMBER_POINT,
  [METRIC.sum]: NUMBER_POINT,
  [METRIC.histogram]: HISTOGRAM_POINT,
  [METRIC.exponentialHistogram]: EXPONENTIAL_POINT,
  [METRIC.summary]: SUMMARY_POINT,
} as const;
export const QUANTILE = { quantile: 1, value: 2 } as const;
export const EXEMPLAR = {
  timeUnixNano: 2,
  asDouble: 3,
  spanId: 4,
  traceId: 5,
  asInt: 6,
  filteredAttributes: 7,
} as const;

export const LOG_RECORD = {
  timeUnixNano: 1,
  severityNumber: 2,
  severityText: 3,
  body: 5,
  attributes: 6,
  droppedAttributesCount: 7,
  flags: 8,
  traceId: 9,
  spanId: 10,
  observedTimeUnixNano: 11,
  eventName: 12,
} as const;

/** Export*ServiceResponse, and the partial success inside it (rejected spans, data points or log records). */
export const RESPONSE = { partialSuccess: 1 } as const;
export const PARTIAL_SUCCESS = { rejected: 1, errorMessage: 2 } as const;

export const TRACE_ID_BYTES = 16;
export const SPAN_ID_BYTES = 8;
