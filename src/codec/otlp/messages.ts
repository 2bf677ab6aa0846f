/**
 * OTLP's messages as one table: what each field holds. The wire validation (`check.ts`) and both directions of OTLP/JSON
 * are derived from it, so a field is described once.
 *
 * A field's type is a word: a scalar, an enum or another message. A mark after it: `*` repeated; `?` optional, present even
 * with its default value; `|` a member of the message's oneof, present likewise (no OTLP message has two oneofs).
 */
import * as F from './fields.ts';

export type Scalar =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double'
  | 'enum'
  | 'traceId'
  | 'spanId';

export interface Field {
  readonly number: number;
  /** As in OTLP/JSON: lowerCamelCase. */
  readonly name: string;
  readonly kind: Scalar | 'message';
  readonly repeated: boolean;
  /** Written even when it holds its default. */
  readonly presence: boolean;
  readonly oneof: boolean;
  /** Of kind `message`. */
  readonly message: MessageType | null;
  /** Of kind `enum`: number by name. */
  readonly values: ReadonlyMap<string, number> | null;
}

export class MessageType {
  readonly name: string;
  /** 0 .. count - 1, in order of definition. */
  readonly id: number;
  /** In order of field number. */
  fields: readonly Field[] = [];
  /** By JSON name and by the snake_case name of the schema (readers accept both, as the Collector does). */
  byName: ReadonlyMap<string, Field> = new Map();
  /** By field number; numbers are below 32. */
  byNumber: readonly (Field | undefined)[] = [];

  constructor(name: string, id: number) {
    this.name = name;
    this.id = id;
  }
}

const names = (prefix: string, ...words: string[]): ReadonlyMap<string, number> =>
  new Map(words.map((word, i) => [`${prefix}_${word}`, i]));

const ENUMS: Readonly<Record<string, ReadonlyMap<string, number>>> = {
  SpanKind: names('SPAN_KIND', 'UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'),
  StatusCode: names('STATUS_CODE', 'UNSET', 'OK', 'ERROR'),
  AggregationTemporality: names('AGGREGATION_TEMPORALITY', 'UNSPECIFIED', 'DELTA', 'CUMULATIVE'),
  SeverityNumber: names(
    'SEVERITY_NUMBER',
    'UNSPECIFIED',
    ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level) => [
      level,
      `${level}2`,
      `${level}3`,
      `${level}4`,
    ]),
  ),
};

const types = new Map<string, MessageType>();
const bodies: (() => void)[] = [];

function define<N extends Readonly<Record<string, number>>>(
  name: string,
  numbers: N,
  words: { readonly [K in keyof N]: string },
): MessageType {
  const type = new MessageType(name, types.size);
  types.set(name, type);
  bodies.push(() => {
    type.fields = Object.entries(numbers)
      .map(([field, number]) => parseField(field, number, words[field]))
      .sort((a, b) => a.number - b.number);
    type.byName = new Map(
      type.fields.flatMap((field) => [
        [field.name, field],
        [snakeCase(field.name), field],
      ]),
    );
    const byNumber: (Field | undefined)[] = Array.from({ length: 32 });
    for (const field of type.fields) byNumber[field.number] = field;
    type.byNumber = byNumber;
  });
  return type;
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function parseField(name: string, number: number, text: string): Field {
  const word = text.replace(/[*?|]$/, '');
  const message = types.get(word) ?? null;
  const values = ENUMS[word] ?? null;
  const kind = message !== null ? 'message' : values !== null ? 'enum' : (word as Scalar);
  const oneof = text.endsWith('|');
  return {
    number,
    name,
    kind,
    repeated: text.endsWith('*'),
    presence: oneof || text.endsWith('?'),
    oneof,
    message,
    values,
  };
}

const ATTRIBUTES = 'KeyValue*';

export const KEY_VALUE_TYPE = define('KeyValue', F.KEY_VALUE, { key: 'string', value: 'AnyValue' });
define('AnyValue', F.ANY_VALUE, {
  stringValue: 'string|',
  boolValue: 'bool|',
  intValue: 'int64|',
  doubleValue: 'double|',
  arrayValue: 'ArrayValue|',
  kvlistValue: 'KeyValueList|',
  bytesValue: 'bytes|',
});
define('ArrayValue', F.ARRAY_VALUE, { values: 'AnyValue*' });
define('KeyValueList', F.KEY_VALUE_LIST, { values: ATTRIBUTES });
export const RESOURCE_TYPE = define('Resource', F.RESOURCE, {
  attributes: ATTRIBUTES,
  droppedAttributesCount: 'uint32',
  entityRefs: 'EntityRef*',
});
define('EntityRef', F.ENTITY_REF, {
  schemaUrl: 'string',
  type: 'string',
  idKeys: 'string*',
  descriptionKeys: 'string*',
});
export const SCOPE_TYPE = define('InstrumentationScope', F.SCOPE, {
  name: 'string',
  version: 'string',
  attributes: ATTRIBUTES,
  droppedAttributesCount: 'uint32',
});

const TRACES_REQUEST = define(
  'ExportTraceServiceRequest',
  { resourceSpans: F.REQUEST.entries },
  { resourceSpans: 'ResourceSpans*' },
);
define(
  'ResourceSpans',
  { resource: F.ENTRY.resource, scopeSpans: F.ENTRY.scopes, schemaUrl: F.ENTRY.schemaUrl },
  {
    resource: 'Resource',
    scopeSpans: 'ScopeSpans*',
    schemaUrl: 'string',
  },
);
define(
  'ScopeSpans',
  { scope: F.SCOPE_ENTRY.scope, spans: F.SCOPE_ENTRY.items, schemaUrl: F.SCOPE_ENTRY.schemaUrl },
  {
    scope: 'InstrumentationScope',
    spans: 'Span*',
    schemaUrl: 'string',
  },
);
const SPAN_TYPE = define('Span', F.SPAN, {
  traceId: 'traceId',
  spanId: 'spanId',
  traceState: 'string',
  parentSpanId: 'spanId',
  name: 'string',
  kind: 'SpanKind',
  startTimeUnixNano: 'fixed64',
  endTimeUnixNano: 'fixed64',
  attributes: ATTRIBUTES,
  droppedAttributesCount: 'uint32',
  events: 'Event*',
  droppedEventsCount: 'uint32',
  links: 'Link*',
  droppedLinksCount: 'uint32',
  status: 'Status',
  flags: 'fixed32',
});
define('Event', F.SPAN_EVENT, {
  timeUnixNano: 'fixed64',
  name: 'string',
  attributes: ATTRIBUTES,
  droppedAttributesCount: 'uint32',
});
define('Link', F.SPAN_LINK, {
  traceId: 'traceId',
  spanId: 'spanId',
  traceState: 'string',
  attributes: ATTRIBUTES,
  droppedAttributesCount: 'uint32',
  flags: 'fixed32',
});
define('Status', F.SPAN_STATUS, { message: 'string', code: 'StatusCode' });

const METRICS_REQUEST = define(
  'ExportMetricsServiceRequest',
  { resourceMetrics: F.REQUEST.entries },
  { resourceMetrics: 'ResourceMetrics*' },
);
define(
  'ResourceMetrics',
  { resource: F.ENTRY.resource, scopeMetrics: F.ENTRY.scopes, schemaUrl: F.ENTRY.schemaUrl },
  {
    resource: 'Resource',
    scopeMetrics: 'ScopeMetrics*',
    schemaUrl: 'string',
  },
);
define(
  'ScopeMetrics',
  { scope: F.SCOPE_ENTRY.scope, metrics: F.SCOPE_ENTRY.items, schemaUrl: F.SCOPE_ENTRY.schemaUrl },
  {
    scope: 'InstrumentationScope',
    metrics: 'Metric*',
    schemaUrl: 'string',
  },
);
const METRIC_TYPE = define('Metric', F.METRIC, {
  name: 'string',
  description: 'string',
  unit: 'string',
  gauge: 'Gauge|',
  sum: 'Sum|',
  histogram: 'Histogram|',
  exponentialHistogram: 'ExponentialHistogram|',
  summary: 'Summary|',
  metadata: ATTRIBUTES,
});
const { dataPoints, aggregationTemporality, isMonotonic } = F.METRIC_DATA;
define('Gauge', { dataPoints }, { dataPoints: 'NumberDataPoint*' });
define(
  'Sum',
  { dataPoints, aggregationTemporality, isMonotonic },
  {
    dataPoints: 'NumberDataPoint*',
    aggregationTemporality: 'AggregationTemporality',
    isMonotonic: 'bool',
  },
);
define(
  'Histogram',
  { dataPoints, aggregationTemporality },
  {
    dataPoints: 'HistogramDataPoint*',
    aggregationTemporality: 'AggregationTemporality',
  },
);
define(
  'ExponentialHistogram',
  { dataPoints, aggregationTemporality },
  {
    dataPoints: 'ExponentialHistogramDataPoint*',
    aggregationTemporality: 'AggregationTemporality',
  },
);
define('Summary', { dataPoints }, { dataPoints: 'SummaryDataPoint*' });
define('NumberDataPoint', F.NUMBER_POINT, {
  startTimeUnixNano: 'fixed64',
  timeUnixNano: 'fixed64',
  asDouble: 'double|',
  exemplars: 'Exemplar*',
  asInt: 'sfixed64|',
  attributes: ATTRIBUTES,
  flags: 'uint32',
});
define('HistogramDataPoint', F.HISTOGRAM_POINT, {
  startTimeUnixNano: 'fixed64',
  timeUnixNano: 'fixed64',
  count: 'fixed64',
  sum: 'double?',
  bucketCounts: 'fixed64*',
  explicitBounds: 'double*',
  exemplars: 'Exemplar*',
  attributes: ATTRIBUTES,
  flags: 'uint32',
  min: 'double?',
  max: 'double?',
});
define('ExponentialHistogramDataPoint', F.EXPONENTIAL_POINT, {
  attributes: ATTRIBUTES,
  startTimeUnixNano: 'fixed64',
  timeUnixNano: 'fixed64',
  count: 'fixed64',
  sum: 'double?',
  scale: 'sint32',
  zeroCount: 'fixed64',
  positive: 'Buckets',
  negative: 'Buckets',
  flags: 'uint32',
  exemplars: 'Exemplar*',
  min: 'double?',
  max: 'double?',
  zeroThreshold: 'double',
});
define('Buckets', F.BUCKETS, { offset: 'sint32', bucketCounts: 'uint64*' });
define('SummaryDataPoint', F.SUMMARY_POINT, {
  startTimeUnixNano: 'fixed64',
  timeUnixNano: 'fixed64',
  count: 'fixed64',
  sum: 'double',
  quantileValues: 'ValueAtQuantile*',
  attributes: ATTRIBUTES,
  flags: 'uint32',
});
define('ValueAtQuantile', F.QUANTILE, { quantile: 'double', value: 'double' });
define('Exemplar', F.EXEMPLAR, {
  timeUnixNano: 'fixed64',
  asDouble: 'double|',
  spanId: 'spanId',
  traceId: 'traceId',
  asInt: 'sfixed64|',
  filteredAttributes: ATTRIBUTES,
});

const LOGS_REQUEST = define(
  'ExportLogsServiceRequest',
  { resourceLogs: F.REQUEST.entries },
  { resourceLogs: 'ResourceLogs*' },
);
define(
  'ResourceLogs',
  { resource: F.ENTRY.resource, scopeLogs: F.ENTRY.scopes, schemaUrl: F.ENTRY.schemaUrl },
  {
    resource: 'Resource',
    scopeLogs: 'ScopeLogs*',
    schemaUrl: 'string',
  },
);
define(
  'ScopeLogs',
  { scope: F.SCOPE_ENTRY.scope, logRecords: F.SCOPE_ENTRY.items, schemaUrl: F.SCOPE_ENTRY.schemaUrl },
  {
    scope: 'InstrumentationScope',
    logRecords: 'LogRecord*',
    schemaUrl: 'string',
  },
);
const LOG_RECORD_TYPE = define('LogRecord', F.LOG_RECORD, {
  timeUnixNano: 'fixed64',
  severityNumber: 'SeverityNumber',
  severityText: 'string',
  body: 'AnyValue',
  attributes: ATTRIBUTES,
  droppedAttributesCount: 'uint32',
  flags: 'fixed32',
  traceId: 'traceId',
  spanId: 'spanId',
  observedTimeUnixNano: 'fixed64',
  eventName: 'string',
});

for (const complete of bodies) complete();

/** Every message type; its index is its id. */
export const MESSAGE_TYPES: readonly MessageType[] = [...types.values()];

/** Indexed by signal. */
export const REQUEST_TYPES = [TRACES_REQUEST, METRICS_REQUEST, LOGS_REQUEST] as const;
/** Span, Metric, LogRecord. Indexed by signal. */
export const ITEM_TYPES = [SPAN_TYPE, METRIC_TYPE, LOG_RECORD_TYPE] as const;
