/** Paths of the contexts `span` and `spanevent`. */
import { SPAN, SPAN_EVENT, SPAN_STATUS } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { fail } from '../error.ts';
import { messageIn, messageList, typeNamed } from '../message-value.ts';
import type { Telemetry } from '../telemetry.ts';
import {
  attributes,
  cache,
  spanId,
  text,
  time,
  traceId,
  uint32,
  unixNano,
  type PathEntry,
  type Paths,
} from './entry.ts';
import { traceStateMember } from './trace-state.ts';
import { putText, putUint32, textIn } from './write.ts';

const span = (t: Telemetry): Message => t.span;
const event = (t: Telemetry): Message => t.spanEvent;

const KINDS = ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'];
const EVENT = typeNamed('Event');
const LINK = typeNamed('Link');
const STATUS = typeNamed('Status');

/** The status of the span, which most spans leave out. */
function status({ span, spanStatus }: Telemetry): Message {
  if (span.locate(SPAN.status)) spanStatus.set(span.valueAt(span.row), span.valueEnd(span.row));
  else spanStatus.clear();
  return spanStatus;
}

/** Sets something in the status of the span. */
function inStatus(t: Telemetry, set: (status: Message) => void): void {
  const message = status(t);
  set(message);
  t.span.put(SPAN.status, message.write(SPAN.status));
}

function kindText(spelled: (name: string) => string): PathEntry {
  const names = KINDS.map(spelled);
  return {
    type: 'string',
    read: (t) => names[t.span.uint32(SPAN.kind)] ?? '',
    write: (t, value) => {
      const kind = names.indexOf(textIn(value));
      if (kind < 0) fail(`there is no span kind ${JSON.stringify(value)}: it is one of ${names.join(', ')}`);
      putUint32(t.span, SPAN.kind, BigInt(kind));
    },
  };
}

export const SPAN_PATHS: Paths = {
  ...traceId('trace_id', span, SPAN.traceId),
  ...spanId('span_id', span, SPAN.spanId),
  ...spanId('parent_span_id', span, SPAN.parentSpanId),
  trace_state: { ...text(span, SPAN.traceState), indexed: true, key: traceStateMember(span, SPAN.traceState) },
  name: text(span, SPAN.name),
  kind: uint32(span, SPAN.kind),
  'kind.string': kindText((name) => name),
  'kind.deprecated_string': kindText((name) => `SPAN_KIND_${name.toUpperCase()}`),
  start_time_unix_nano: unixNano(span, SPAN.startTimeUnixNano),
  end_time_unix_nano: unixNano(span, SPAN.endTimeUnixNano),
  start_time: time(span, SPAN.startTimeUnixNano),
  end_time: time(span, SPAN.endTimeUnixNano),
  attributes: attributes(span, SPAN.attributes),
  dropped_attributes_count: uint32(span, SPAN.droppedAttributesCount),
  events: { type: 'any', read: (t) => messageList(EVENT, t.span, SPAN.events) },
  dropped_events_count: uint32(span, SPAN.droppedEventsCount),
  links: { type: 'any', read: (t) => messageList(LINK, t.span, SPAN.links) },
  dropped_links_count: uint32(span, SPAN.droppedLinksCount),
  status: { type: 'any', read: (t) => messageIn(STATUS, t.span, SPAN.status) },
  'status.code': {
    type: 'int',
    read: (t) => BigInt(status(t).uint32(SPAN_STATUS.code)),
    write: (t, value) => inStatus(t, (message) => putUint32(message, SPAN_STATUS.code, value)),
    number: (t) => status(t).uint32(SPAN_STATUS.code),
  },
  'status.message': {
    type: 'string',
    read: (t) => status(t).string(SPAN_STATUS.message),
    write: (t, value) => inStatus(t, (message) => putText(message, SPAN_STATUS.message, value)),
    text: { of: status, field: SPAN_STATUS.message },
  },
  cache,
};

export const SPAN_EVENT_PATHS: Paths = {
  time_unix_nano: unixNano(event, SPAN_EVENT.timeUnixNano),
  time: time(event, SPAN_EVENT.timeUnixNano),
  name: text(event, SPAN_EVENT.name),
  attributes: attributes(event, SPAN_EVENT.attributes),
  dropped_attributes_count: uint32(event, SPAN_EVENT.droppedAttributesCount),
  event_index: { type: 'int', read: (t) => BigInt(t.eventIndex), number: (t) => t.eventIndex },
  cache,
};
