/**
 * The oracle: OTLP as protobufjs understands it, from a minimal schema text with the public field numbers of
 * opentelemetry-proto v1. Independent of `src/codec`, so that both can be held against each other.
 */
import { METRICS, TRACES, type Signal } from '#shared/signal.ts';
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto3";
package otlp;

message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message InstrumentationScope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
message EntityRef { string schema_url = 1; string type = 2; repeated string id_keys = 3; repeated string description_keys = 4; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; repeated EntityRef entity_refs = 3; }

message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
message ExportMetricsServiceResponse { ExportMetricsPartialSuccess partial_success = 1; }
message ExportMetricsPartialSuccess { int64 rejected_data_points = 1; string error_message = 2; }
message ExportLogsServiceResponse { ExportLogsPartialSuccess partial_success = 1; }
message ExportLogsPartialSuccess { int64 rejected_log_records = 1; string error_message = 2; }

message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ScopeSpans { InstrumentationScope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  enum SpanKind {
    SPAN_KIND_UNSPECIFIED = 0; SPAN_KIND_INTERNAL = 1; SPAN_KIND_SERVER = 2; SPAN_KIND_CLIENT = 3;
    SPAN_KIND_PRODUCER = 4; SPAN_KIND_CONSUMER = 5;
  }
  SpanKind kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
  repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10;
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  repeated Event events = 11; uint32 dropped_events_count = 12;
  message Link {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
    uint32 dropped_attributes_count = 5; fixed32 flags = 6;
  }
  repeated Link links = 13; uint32 dropped_links_count = 14; Status status = 15; fixed32 flags = 16;
}
message Status {
  string message = 2;
  enum StatusCode { STATUS_CODE_UNSET = 0; STATUS_CODE_OK = 1; STATUS_CODE_ERROR = 2; }
  StatusCode code = 3;
}

message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; string schema_url = 3; }
message ScopeMetrics { InstrumentationScope scope = 1; repeated Metric metrics = 2; string schema_url = 3; }
message Metric {
  string name = 1; string description = 2; string unit = 3;
  oneof data {
    Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; ExponentialHistogram exponential_histogram = 10; Summary summary = 11;
  }
  repeated KeyValue metadata = 12;
}
enum AggregationTemporality {
  AGGREGATION_TEMPORALITY_UNSPECIFIED = 0; AGGREGATION_TEMPORALITY_DELTA = 1; AGGREGATION_TEMPORALITY_CUMULATIVE = 2;
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2; }
message ExponentialHistogram { repeated ExponentialHistogramDataPoint data_points = 1; AggregationTemporality aggregation_temporality = 2; }
message Summary { repeated SummaryDataPoint data_points = 1; }
message NumberDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3;
  oneof value { double as_double = 4; sfixed64 as_int = 6; }
  repeated Exemplar exemplars = 5; repeated KeyValue attributes = 7; uint32 flags = 8;
}
message HistogramDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; optional double sum = 5;
  repeated fixed64 bucket_counts = 6; repeated double explicit_bounds = 7; repeated Exemplar exemplars = 8;
  repeated KeyValue attributes = 9; uint32 flags = 10; optional double min = 11; optional double max = 12;
}
message ExponentialHistogramDataPoint {
  repeated KeyValue attributes = 1; fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4;
  optional double sum = 5; sint32 scale = 6; fixed64 zero_count = 7; Buckets positive = 8; Buckets negative = 9;
  message Buckets { sint32 offset = 1; repeated uint64 bucket_counts = 2; }
  uint32 flags = 10; repeated Exemplar exemplars = 11; optional double min = 12; optional double max = 13; double zero_threshold = 14;
}
message SummaryDataPoint {
  fixed64 start_time_unix_nano = 2; fixed64 time_unix_nano = 3; fixed64 count = 4; double sum = 5;
  message ValueAtQuantile { double quantile = 1; double value = 2; }
  repeated ValueAtQuantile quantile_values = 6; repeated KeyValue attributes = 7; uint32 flags = 8;
}
message Exemplar {
  fixed64 time_unix_nano = 2; oneof value { double as_double = 3; sfixed64 as_int = 6; }
  bytes span_id = 4; bytes trace_id = 5; repeated KeyValue filtered_attributes = 7;
}

message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; string schema_url = 3; }
message ScopeLogs { InstrumentationScope scope = 1; repeated LogRecord log_records = 2; string schema_url = 3; }
message LogRecord {
  fixed64 time_unix_nano = 1; SeverityNumber severity_number = 2; string severity_text = 3; AnyValue body = 5;
  repeated KeyValue attributes = 6; uint32 dropped_attributes_count = 7; fixed32 flags = 8; bytes trace_id = 9; bytes span_id = 10;
  fixed64 observed_time_unix_nano = 11; string event_name = 12;
}
enum SeverityNumber {
  SEVERITY_NUMBER_UNSPECIFIED = 0;
${['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
  .flatMap((level, l) => ['', '2', '3', '4'].map((step, s) => `  SEVERITY_NUMBER_${level}${step} = ${l * 4 + s + 1};`))
  .join('\n')}
}

message RpcStatus { int32 code = 1; string message = 2; repeated Any details = 3; }
message Any { string type_url = 1; bytes value = 2; }
message RetryInfo { Duration retry_delay = 1; }
message Duration { int64 seconds = 1; int32 nanos = 2; }
`;

const parsed = protobuf.parse(SCHEMA, { keepCase: false }).root;
parsed.resolveAll();
export const otlpRoot: protobuf.Root = parsed;

/** A message type by its short name (`Span`, `Span.Event`, `ExportTraceServiceRequest`, `RpcStatus`). */
export function messageType(name: string): protobuf.Type {
  return otlpRoot.lookupType(`otlp.${name}`);
}

const REQUESTS = ['ExportTraceServiceRequest', 'ExportMetricsServiceRequest', 'ExportLogsServiceRequest'].map(
  messageType,
);
const RESPONSES = ['ExportTraceServiceResponse', 'ExportMetricsServiceResponse', 'ExportLogsServiceResponse'].map(
  messageType,
);

export const requestType = (signal: Signal): protobuf.Type => REQUESTS[signal];
export const responseType = (signal: Signal): protobuf.Type => RESPONSES[signal];

/** Plain data of a decoded message: 64-bit integers as decimal strings, enums as numbers, bytes as hex, unset fields absent. */
export type Plain = null | boolean | number | string | Plain[] | { [field: string]: Plain };
export interface PlainMessage {
  [field: string]: Plain;
}

function plain(value: unknown): Plain {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    const out: PlainMessage = {};
    for (const [key, member] of Object.entries(value)) out[key] = plain(member);
    return out;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return '-0';
  return value as Plain;
}

/** Decodes with the oracle. Throws where protobufjs throws. */
export function decodeMessage(type: protobuf.Type, bytes: Uint8Array): PlainMessage {
  return plain(type.toObject(type.decode(bytes), { longs: String, bytes: Buffer })) as PlainMessage;
}

/** Encodes with the oracle. `message` takes protobufjs's object form (camelCase, bytes as Uint8Array, 64-bit as string or number). */
export function encodeMessage(type: protobuf.Type, message: { readonly [field: string]: unknown }): Buffer {
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}

export const decodeRequest = (signal: Signal, bytes: Uint8Array): PlainMessage =>
  decodeMessage(requestType(signal), bytes);
export const encodeRequest = (signal: Signal, request: { readonly [field: string]: unknown }): Buffer =>
  encodeMessage(requestType(signal), request);

const list = (value: Plain | undefined): PlainMessage[] => (value ?? []) as PlainMessage[];

const RESOURCE_FIELD = ['resourceSpans', 'resourceMetrics', 'resourceLogs'] as const;
const SCOPE_FIELD = ['scopeSpans', 'scopeMetrics', 'scopeLogs'] as const;
const ITEM_FIELD = ['spans', 'metrics', 'logRecords'] as const;
const METRIC_DATA = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

/**
 * Every span, metric data point or log record of a request, in order, as JSON text that also holds its resource, scope, schema
 * URLs and (metrics) the metric around it. Two requests carry the same items in the same context iff the sorted lists are equal.
 */
export function listItems(signal: Signal, bytes: Uint8Array): string[] {
  const out: string[] = [];
  for (const r of list(decodeRequest(signal, bytes)[RESOURCE_FIELD[signal]])) {
    for (const s of list(r[SCOPE_FIELD[signal]])) {
      const context = [r['resource'] ?? null, r['schemaUrl'] ?? '', s['scope'] ?? null, s['schemaUrl'] ?? ''];
      for (const item of list(s[ITEM_FIELD[signal]])) {
        if (signal !== METRICS) {
          out.push(JSON.stringify([...context, item]));
          continue;
        }
        const kind = METRIC_DATA.find((name) => item[name] !== undefined);
        if (kind === undefined) continue;
        const { dataPoints, ...data } = item[kind] as PlainMessage;
        for (const point of list(dataPoints)) out.push(JSON.stringify([...context, { ...item, [kind]: data }, point]));
      }
    }
  }
  return out;
}

/** `traceId:spanId` in hex of every span, in order. */
export function listSpanIds(bytes: Uint8Array): string[] {
  const out: string[] = [];
  for (const r of list(decodeRequest(TRACES, bytes)['resourceSpans'])) {
    for (const s of list(r['scopeSpans'])) {
      for (const span of list(s['spans'])) out.push(`${String(span['traceId'] ?? '')}:${String(span['spanId'] ?? '')}`);
    }
  }
  return out;
}
