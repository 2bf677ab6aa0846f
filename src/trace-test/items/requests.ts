/** Between items and the bytes that move between components. */
import { jsonToProto } from '#codec/otlp/json/read.ts';
import { protoToJson } from '#codec/otlp/json/write.ts';
import { FLOW_NAMES, LOGS, LOKI, METRICS, PROMETHEUS, TRACES, type Flow, type Signal } from '#shared/signal.ts';
import type { Terms } from './canonical.ts';
import { linesOf } from './lines.ts';
import { logsOf, toLogs } from './logs.ts';
import { metricsOf, toMetrics } from './metrics.ts';
import type { JsonObject } from './otlp-json.ts';
import { seriesOf } from './series.ts';
import { spansOf, toTraces } from './spans.ts';
import { KINDS, type Kind, type ValueMap } from './value.ts';

export const kindOf = (flow: Flow): Kind => KINDS[flow];

/** What a test can hand to a receiver, by kind. */
export const SIGNAL_OF: Readonly<Partial<Record<Kind, Signal>>> = { spans: TRACES, metrics: METRICS, logs: LOGS };
export const signalName = (signal: Signal): string => FLOW_NAMES[signal];

export function itemsOf(flow: Flow, bytes: Buffer, terms: Terms): ValueMap[] {
  if (flow === PROMETHEUS) return seriesOf(bytes, terms);
  if (flow === LOKI) return linesOf(bytes, terms);
  const request = JSON.parse(protoToJson(flow, bytes)) as JsonObject;
  if (flow === TRACES) return spansOf(request, terms);
  return flow === METRICS ? metricsOf(request, terms) : logsOf(request, terms);
}

const TO = [toTraces, toMetrics, toLogs] as const;

/** `items` are canonical. */
export function requestOf(signal: Signal, items: readonly ValueMap[], nowMs: number, terms: Terms): Buffer {
  return jsonToProto(signal, JSON.stringify(TO[signal](items, nowMs, terms)));
}

const MEMBERS: readonly (readonly string[])[] = [
  ['resourceSpans', 'resource_spans'],
  ['resourceMetrics', 'resource_metrics'],
  ['resourceLogs', 'resource_logs'],
];

/** Which request an object of OTLP/JSON is; null: none. */
export function signalOfJson(keys: Iterable<string>): Signal | null {
  const names = new Set(keys);
  const found = MEMBERS.findIndex((members) => members.some((member) => names.has(member)));
  return found < 0 ? null : (found as Signal);
}
