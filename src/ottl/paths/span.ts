/** Paths of the contexts `span` and `spanevent`. */
import { SPAN, SPAN_EVENT, SPAN_STATUS } from '#codec/otlp/fields.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { fail } from '../error.ts';
import { messageList, messageValue, typeNamed } from '../message-value.ts';
import type { Message, Telemetry } from '../telemetry.ts';
import { typeName, type Value } from '../value.ts';
import { attributes, cache, spanId, text, time, traceId, uint32, unixNano, type Paths } from './entry.ts';

const span = (t: Telemetry): Message => t.span;
const event = (t: Telemetry): Message => t.spanEvent;

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const EVENT = typeNamed('Event');
const LINK = typeNamed('Link');
const STATUS = typeNamed('Status');

/** Reads one field of the status message inside a span, which most spans leave out. */
function status(t: Telemetry, field: number): Reader | null {
  const { view } = t.span;
  if (!view.has(SPAN.status)) return null;
  let found: Reader | null = null;
  const reader = new Reader().reset(view.buf, view.start(SPAN.status), view.stop(SPAN.status));
  while (reader.next()) {
    if (reader.field !== field) continue;
    found ??= new Reader();
    found.reset(reader.buf, reader.fieldStart, reader.pos).next();
  }
  return found;
}

/** The value of a list member `key=value` of the W3C trace state; '' if it has none with that key, nil if it is malformed. */
function traceStateValue(t: Telemetry, key: Value): Value {
  if (typeof key !== 'string') fail(`trace_state is indexed with a string, got ${typeName(key)}`);
  let found = '';
  for (const member of t.span.view.string(SPAN.traceState).split(',')) {
    const trimmed = member.trim();
    if (trimmed === '') continue;
    const equals = trimmed.indexOf('=');
    if (equals < 1) return null;
    if (found === '' && trimmed.slice(0, equals) === key) found = trimmed.slice(equals + 1);
  }
  return found;
}

export const SPAN_PATHS: Paths = {
  ...traceId('trace_id', span, SPAN.traceId),
  ...spanId('span_id', span, SPAN.spanId),
  ...spanId('parent_span_id', span, SPAN.parentSpanId),
  trace_state: { ...text(span, SPAN.traceState), indexed: true, key: traceStateValue },
  name: text(span, SPAN.name),
  kind: uint32(span, SPAN.kind),
  'kind.string': { type: 'string', read: (t) => KINDS[t.span.view.uint32(SPAN.kind)] ?? '' },
  'kind.deprecated_string': {
    type: 'string',
    read: (t) => {
      const kind = KINDS[t.span.view.uint32(SPAN.kind)];
      return kind === undefined ? '' : `SPAN_KIND_${kind.toUpperCase()}`;
    },
  },
  start_time_unix_nano: unixNano(span, SPAN.startTimeUnixNano),
  end_time_unix_nano: unixNano(span, SPAN.endTimeUnixNano),
  start_time: time(span, SPAN.startTimeUnixNano),
  end_time: time(span, SPAN.endTimeUnixNano),
  attributes: attributes(span, SPAN.attributes),
  dropped_attributes_count: uint32(span, SPAN.droppedAttributesCount),
  events: { type: 'any', read: (t) => messageList(EVENT, t.span.view, SPAN.events) },
  dropped_events_count: uint32(span, SPAN.droppedEventsCount),
  links: { type: 'any', read: (t) => messageList(LINK, t.span.view, SPAN.links) },
  dropped_links_count: uint32(span, SPAN.droppedLinksCount),
  status: {
    type: 'any',
    read: (t) => {
      const { view } = t.span;
      return messageValue(STATUS, view.buf, view.start(SPAN.status), view.stop(SPAN.status));
    },
  },
  'status.code': { type: 'int', read: (t) => BigInt(status(t, SPAN_STATUS.code)?.uint32() ?? 0) },
  'status.message': { type: 'string', read: (t) => status(t, SPAN_STATUS.message)?.string() ?? '' },
  cache,
};

export const SPAN_EVENT_PATHS: Paths = {
  time_unix_nano: unixNano(event, SPAN_EVENT.timeUnixNano),
  time: time(event, SPAN_EVENT.timeUnixNano),
  name: text(event, SPAN_EVENT.name),
  attributes: attributes(event, SPAN_EVENT.attributes),
  dropped_attributes_count: uint32(event, SPAN_EVENT.droppedAttributesCount),
  event_index: { type: 'int', read: (t) => BigInt(t.eventIndex) },
  cache,
};
