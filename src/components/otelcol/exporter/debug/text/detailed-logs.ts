/** Verbosity detailed: one log record. */
import { LOG_RECORD } from '#codec/otlp/fields.ts';
import type { MessageView } from '#codec/otlp/view.ts';
import { listAttributes, typedValue } from './attributes.ts';
import { idText, severityName, timestamp } from './go-format.ts';

export function logRecord(out: string[], index: number, record: MessageView): void {
  const severity = record.uint32(LOG_RECORD.severityNumber);
  const eventName = record.string(LOG_RECORD.eventName);
  out.push(`LogRecord #${index}`);
  out.push(`ObservedTimestamp: ${timestamp(record.uint64(LOG_RECORD.observedTimeUnixNano))}`);
  out.push(`Timestamp: ${timestamp(record.uint64(LOG_RECORD.timeUnixNano))}`);
  out.push(`SeverityText: ${record.string(LOG_RECORD.severityText)}`);
  out.push(`SeverityNumber: ${severityName(severity)}(${severity})`);
  if (eventName !== '') out.push(`EventName: ${eventName}`);
  out.push(`Body: ${typedValue(record.buf, record.start(LOG_RECORD.body), record.stop(LOG_RECORD.body))}`);
  listAttributes(out, 'Attributes', record, LOG_RECORD.attributes);
  out.push(`Trace ID: ${idText(record.hex(LOG_RECORD.traceId))}`);
  out.push(`Span ID: ${idText(record.hex(LOG_RECORD.spanId))}`);
  out.push(`Flags: ${record.fixed32(LOG_RECORD.flags)}`);
}
