/** Spans as items, and back. */
import type { Terms } from './canonical.ts';
import { KIND_WORDS, STATUS_WORDS } from './fields.ts';
import {
  attributesOf,
  grouped,
  idText,
  nsOf,
  numberOf,
  object,
  objects,
  textOf,
  timeText,
  toAttributes,
  toSpanId,
  toTime,
  toTraceId,
  ungrouped,
  word,
  wordNumber,
  type JsonObject,
} from './otlp-json.ts';
import { durationNs, nsText } from './times.ts';
import { filled, isText, maps, present, textOr, type ValueMap } from './value.ts';

const NAMES = { entries: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' } as const;
const NS_PER_MS = 1_000_000n;

export function spansOf(request: JsonObject, terms: Terms): ValueMap[] {
  return [...ungrouped(request, NAMES)].map(({ item, origin }) => ({ ...spanOf(item, terms), ...origin }));
}

function spanOf(span: JsonObject, terms: Terms): ValueMap {
  const startNs = nsOf(span['startTimeUnixNano']);
  const endNs = nsOf(span['endTimeUnixNano']);
  const status = object(span['status']);
  return present({
    name: textOf(span['name']) ?? '',
    kind: word(KIND_WORDS, span['kind']),
    trace: idText(span['traceId'], terms),
    span: idText(span['spanId'], terms),
    parent: idText(span['parentSpanId'], terms),
    start: startNs === 0n ? undefined : terms.times.text(startNs),
    duration: startNs === 0n || endNs === 0n ? undefined : nsText(endNs - startNs),
    status: word(STATUS_WORDS, status['code']),
    status_message: textOf(status['message']),
    attributes: attributesOf(span['attributes']),
    events: filled(
      objects(span['events']).map((event) =>
        present({
          name: textOf(event['name']) ?? '',
          time: timeText(event['timeUnixNano'], terms),
          attributes: attributesOf(event['attributes']),
        }),
      ),
    ),
    links: filled(
      objects(span['links']).map((link) =>
        present({
          trace: idText(link['traceId'], terms),
          span: idText(link['spanId'], terms),
          trace_state: textOf(link['traceState']),
          attributes: attributesOf(link['attributes']),
        }),
      ),
    ),
    trace_state: textOf(span['traceState']),
    flags: numberOf(span['flags']),
    dropped_attributes: numberOf(span['droppedAttributesCount']),
    dropped_events: numberOf(span['droppedEventsCount']),
    dropped_links: numberOf(span['droppedLinksCount']),
  });
}

/** The request that holds these spans, which are canonical. What is not said of one is made up: ids, and that it ends at `nowMs`. */
export function toTraces(spans: readonly ValueMap[], nowMs: number, terms: Terms): JsonObject {
  const ids = spans.map((span) => (isText(span['span']) ? terms.names.span(span['span']) : terms.names.nextSpan()));
  const traces = tracesOf(spans, ids, terms);
  return grouped(
    spans.map((span, i) => ({
      item: toSpan(span, traces[i], ids[i], nowMs, terms),
      resource: span['resource'],
      scope: span['scope'],
    })),
    NAMES,
  );
}

/** Of each span its trace: its own, that of its parent, which may stand behind it or have been sent before, or a new one. */
function tracesOf(spans: readonly ValueMap[], ids: readonly string[], terms: Terms): readonly string[] {
  const { names } = terms;
  const traceOf = (i: number, below: readonly number[]): string => {
    const known = names.traceOf(ids[i]);
    const { trace, parent } = spans[i];
    if (isText(trace)) return names.trace(trace);
    if (known !== undefined) return known;
    if (!isText(parent) || below.includes(i)) return names.nextTrace();
    const parentId = names.span(parent);
    const at = ids.indexOf(parentId);
    return names.traceOf(parentId) ?? (at < 0 ? names.nextTrace() : traceOf(at, [...below, i]));
  };
  return spans.map((_, i) => {
    const trace = traceOf(i, []);
    names.place(ids[i], trace);
    const { parent } = spans[i];
    // So that the siblings are in the same one, wherever the parent is.
    if (isText(parent) && names.traceOf(names.span(parent)) === undefined) names.place(names.span(parent), trace);
    return trace;
  });
}

function toSpan(span: ValueMap, traceId: string, spanId: string, nowMs: number, terms: Terms): JsonObject {
  const duration = durationNs(textOr(span['duration'])) ?? 0n;
  const start = toTime(span['start'], BigInt(nowMs) * NS_PER_MS - duration, terms);
  const hasStatus = isText(span['status']) || isText(span['status_message']);
  return {
    traceId,
    spanId,
    parentSpanId: toSpanId(span['parent'], terms),
    traceState: textOr(span['trace_state']),
    name: textOr(span['name']),
    kind: wordNumber(KIND_WORDS, span['kind']),
    startTimeUnixNano: start,
    endTimeUnixNano: String(BigInt(start) + duration),
    attributes: toAttributes(span['attributes']),
    droppedAttributesCount: Number(span['dropped_attributes'] ?? 0),
    events: maps(span['events']).map((event) => ({
      timeUnixNano: toTime(event['time'], BigInt(start), terms),
      name: textOr(event['name']),
      attributes: toAttributes(event['attributes']),
    })),
    droppedEventsCount: Number(span['dropped_events'] ?? 0),
    links: maps(span['links']).map((link) => ({
      traceId: toTraceId(link['trace'], terms),
      spanId: toSpanId(link['span'], terms),
      traceState: textOr(link['trace_state']),
      attributes: toAttributes(link['attributes']),
    })),
    droppedLinksCount: Number(span['dropped_links'] ?? 0),
    flags: Number(span['flags'] ?? 0),
    status: hasStatus
      ? { message: textOr(span['status_message']), code: wordNumber(STATUS_WORDS, span['status']) }
      : null,
  };
}
