/** Log records as items, and back. */
import type { Terms } from './canonical.ts';
import { SEVERITY_WORDS } from './fields.ts';
import {
  anyValueOf,
  attributesOf,
  grouped,
  idText,
  numberOf,
  textOf,
  timeText,
  toAnyValue,
  toAttributes,
  toSpanId,
  toTime,
  toTraceId,
  ungrouped,
  word,
  wordNumber,
  type JsonObject,
} from './otlp-json.ts';
import { present, textOr, type ValueMap } from './value.ts';

const NAMES = { entries: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' } as const;

export function logsOf(request: JsonObject, terms: Terms): ValueMap[] {
  return [...ungrouped(request, NAMES)].map(({ item, origin }) => ({ ...recordOf(item, terms), ...origin }));
}

function recordOf(record: JsonObject, terms: Terms): ValueMap {
  return present({
    body: 'body' in record ? anyValueOf(record['body']) : undefined,
    severity: word(SEVERITY_WORDS, record['severityNumber']),
    severity_text: textOf(record['severityText']),
    event: textOf(record['eventName']),
    attributes: attributesOf(record['attributes']),
    trace: idText(record['traceId'], terms),
    span: idText(record['spanId'], terms),
    time: timeText(record['timeUnixNano'], terms),
    observed: timeText(record['observedTimeUnixNano'], terms),
    flags: numberOf(record['flags']),
    dropped_attributes: numberOf(record['droppedAttributesCount']),
  });
}

/** The request that holds these records, which are canonical. */
export function toLogs(records: readonly ValueMap[], nowMs: number, terms: Terms): JsonObject {
  return grouped(
    records.map((record) => ({
      item: {
        timeUnixNano: toTime(record['time'], BigInt(nowMs) * 1_000_000n, terms),
        observedTimeUnixNano: toTime(record['observed'], 0n, terms),
        severityNumber: wordNumber(SEVERITY_WORDS, record['severity']),
        severityText: textOr(record['severity_text']),
        body: record['body'] === undefined ? null : toAnyValue(record['body']),
        attributes: toAttributes(record['attributes']),
        droppedAttributesCount: Number(record['dropped_attributes'] ?? 0),
        flags: Number(record['flags'] ?? 0),
        traceId: toTraceId(record['trace'], terms),
        spanId: toSpanId(record['span'], terms),
        eventName: textOr(record['event']),
      },
      resource: record['resource'],
      scope: record['scope'],
    })),
    NAMES,
  );
}
