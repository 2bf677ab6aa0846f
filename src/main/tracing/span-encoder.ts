/**
 * Spans as OTLP protobuf bytes (opentelemetry-proto v1; field numbers in `#codec/otlp/fields.ts`).
 *
 *     request   1 entry:  1 resource { 1 attribute* }   2 scope entry:  1 scope { 1 name 2 version }   2 span*
 *     span      1 trace_id 2 span_id 3 trace_state 4 parent_span_id 5 name 6 kind 7 start 8 end 9 attribute* 15 status 16 flags
 */
import {
  ANY_VALUE,
  ENTRY,
  KEY_VALUE,
  REQUEST,
  RESOURCE,
  SCOPE,
  SCOPE_ENTRY,
  SPAN,
  SPAN_STATUS,
} from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';

export const KIND = { internal: 1, server: 2 } as const;
export const STATUS = { unset: 0, ok: 1, error: 2 } as const;

export type Attributes = Readonly<Record<string, string | number>>;

export interface SpanRecord {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  /** null: the root of its trace. */
  readonly parentId: Buffer | null;
  /** The parent is in another process. */
  readonly remoteParent: boolean;
  /** W3C `tracestate`, '' without one. */
  readonly state: string;
  readonly name: string;
  readonly kind: (typeof KIND)[keyof typeof KIND];
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  /** Whole numbers. */
  readonly attributes: Attributes;
  readonly status: (typeof STATUS)[keyof typeof STATUS];
  /** Of an error. */
  readonly message: string;
}

/** Longer texts are cut. */
const MAX_TEXT = 1024;
/** Flags of a span (opentelemetry-proto SpanFlags): sampled, and that the next bit is known. */
const SAMPLED = 0x001;
const REMOTE_KNOWN = 0x100;
const REMOTE = 0x200;

/** Appends one span as a field of a scope entry. */
export function writeSpan(to: Writer, span: SpanRecord): void {
  const mark = to.begin(SCOPE_ENTRY.items);
  to.bytes(SPAN.traceId, span.traceId);
  to.bytes(SPAN.spanId, span.spanId);
  if (span.state !== '') to.string(SPAN.traceState, span.state);
  if (span.parentId !== null) to.bytes(SPAN.parentSpanId, span.parentId);
  to.string(SPAN.name, cut(span.name));
  to.uint32(SPAN.kind, span.kind);
  writeTime(to, SPAN.startTimeUnixNano, span.startMs);
  writeTime(to, SPAN.endTimeUnixNano, span.endMs);
  writeAttributes(to, SPAN.attributes, span.attributes);
  if (span.status !== STATUS.unset) {
    const status = to.begin(SPAN.status);
    if (span.message !== '') to.string(SPAN_STATUS.message, cut(span.message));
    to.uint32(SPAN_STATUS.code, span.status);
    to.end(status);
  }
  to.fixed32(SPAN.flags, SAMPLED | REMOTE_KNOWN | (span.remoteParent ? REMOTE : 0));
  to.end(mark);
}

/** A whole request. `spans`: what {@link writeSpan} has written. */
export function encodeRequest(resource: Attributes, version: string, spans: Buffer): Buffer {
  const to = new Writer(spans.length + 512);
  const entry = to.begin(REQUEST.entries);
  const from = to.begin(ENTRY.resource);
  writeAttributes(to, RESOURCE.attributes, resource);
  to.end(from);
  const scopeEntry = to.begin(ENTRY.scopes);
  const scope = to.begin(SCOPE_ENTRY.scope);
  to.string(SCOPE.name, 'millrace');
  to.string(SCOPE.version, version);
  to.end(scope);
  to.raw(spans);
  to.end(scopeEntry);
  to.end(entry);
  return to.finish();
}

function writeAttributes(to: Writer, field: number, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    const pair = to.begin(field);
    to.string(KEY_VALUE.key, key);
    const any = to.begin(KEY_VALUE.value);
    if (typeof value === 'string') to.string(ANY_VALUE.stringValue, cut(value));
    else to.varint64(ANY_VALUE.intValue, value >>> 0, Math.floor(value / 2 ** 32) >>> 0);
    to.end(any);
    to.end(pair);
  }
}

function writeTime(to: Writer, field: number, ms: number): void {
  const whole = Math.floor(ms);
  const nanos = BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6));
  to.fixed64(field, Number(nanos & 0xffff_ffffn), Number(nanos >> 32n));
}

const cut = (text: string): string => (text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text);
