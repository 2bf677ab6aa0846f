/** Small requests whose items carry numbers, so that a test can tell which of them came out where. */
import type { Batch } from '#components/kit/batch.ts';
import type { Metadata } from '#shared/metadata.ts';
import { LOGS, METRICS, type Signal } from '#shared/signal.ts';
import { encodeRequest, listItems } from './otlp-proto.ts';

/** One resource with one scope holding items numbered from `from`: spans by name, data points by value, log records by body. */
export function numbered(signal: Signal, from: number, count: number, metadata: Metadata | null = null): Batch {
  return {
    signal,
    bytes: encodeRequest(signal, request(signal, range(from, count))),
    items: count,
    metadata,
    owned: true,
  };
}

/** The numbers in a request, in order. */
export function numbersIn(batch: Pick<Batch, 'signal' | 'bytes'>): number[] {
  return listItems(batch.signal, batch.bytes).map((item) => Number(/(?:"#|"asInt":")(\d+)/.exec(item)?.[1]));
}

/** The whole numbers from..from + count - 1. */
export const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => from + i);

function request(signal: Signal, numbers: readonly number[]): { readonly [field: string]: unknown } {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'numbers' } }] };
  const scope = { name: 'counter' };
  if (signal === METRICS) {
    const gauge = { dataPoints: numbers.map((n) => ({ asInt: n })) };
    return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [{ name: 'm', gauge }] }] }] };
  }
  if (signal === LOGS) {
    return {
      resourceLogs: [
        { resource, scopeLogs: [{ scope, logRecords: numbers.map((n) => ({ body: { stringValue: `#${n}` } })) }] },
      ],
    };
  }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: numbers.map((n) => ({ name: `#${n}` })) }] }] };
}
