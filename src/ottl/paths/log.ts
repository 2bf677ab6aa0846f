/** Paths of the context `log`. */
import { LOG_RECORD } from '#codec/otlp/fields.ts';
import { textOf } from '#codec/otlp/value-text.ts';
import { anyValueIn, putAnyValue } from '../any-value-field.ts';
import type { Message } from '#codec/otlp/message.ts';
import type { Telemetry } from '../telemetry.ts';
import { attributes, cache, fixed32, spanId, text, time, traceId, uint32, unixNano, type Paths } from './entry.ts';
import { textIn } from './write.ts';

const log = (t: Telemetry): Message => t.log;

export const LOG_PATHS: Paths = {
  time_unix_nano: unixNano(log, LOG_RECORD.timeUnixNano),
  observed_time_unix_nano: unixNano(log, LOG_RECORD.observedTimeUnixNano),
  time: time(log, LOG_RECORD.timeUnixNano),
  observed_time: time(log, LOG_RECORD.observedTimeUnixNano),
  severity_number: uint32(log, LOG_RECORD.severityNumber),
  severity_text: text(log, LOG_RECORD.severityText),
  body: {
    type: 'any',
    indexed: true,
    read: (t) => anyValueIn(t.log, LOG_RECORD.body),
    write: (t, value) => putAnyValue(t.log, LOG_RECORD.body, value),
  },
  'body.string': {
    type: 'string',
    read: (t) => textOf(anyValueIn(t.log, LOG_RECORD.body)),
    write: (t, value) => putAnyValue(t.log, LOG_RECORD.body, textIn(value)),
  },
  attributes: attributes(log, LOG_RECORD.attributes),
  dropped_attributes_count: uint32(log, LOG_RECORD.droppedAttributesCount),
  flags: fixed32(log, LOG_RECORD.flags),
  ...traceId('trace_id', log, LOG_RECORD.traceId),
  ...spanId('span_id', log, LOG_RECORD.spanId),
  event_name: text(log, LOG_RECORD.eventName),
  cache,
};
