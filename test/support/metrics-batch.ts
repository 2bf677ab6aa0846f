/** Metrics requests for tests of components: made by the oracle, read by it. */
import type { Batch } from '#components/kit/batch.ts';
import { countItems } from '#codec/otlp/count.ts';
import { METRICS } from '#shared/signal.ts';
import { decodeRequest, encodeRequest, type PlainMessage } from './otlp-proto.ts';

export type Fields = { readonly [field: string]: unknown };

export const text = (key: string, value: string): Fields => ({ key, value: { stringValue: value } });

/** Metrics of one scope of one resource. */
export function metricsBatch(
  metrics: readonly Fields[],
  more: Partial<Batch> & { readonly resource?: Fields } = {},
): Batch {
  const { resource = { attributes: [text('service.name', 'shop')] }, ...rest } = more;
  return requestBatch([{ resource, scopeMetrics: [{ scope: { name: 'lib' }, metrics }] }], rest);
}

export function requestBatch(resourceMetrics: readonly Fields[], more: Partial<Batch> = {}): Batch {
  const bytes = encodeRequest(METRICS, { resourceMetrics });
  return { signal: METRICS, bytes, items: countItems(METRICS, bytes), metadata: null, owned: true, ...more };
}

export const sum = (
  name: string,
  dataPoints: readonly Fields[],
  aggregationTemporality = 2,
  isMonotonic = true,
): Fields => ({
  name,
  sum: { dataPoints, aggregationTemporality, isMonotonic },
});
export const gauge = (name: string, dataPoints: readonly Fields[]): Fields => ({ name, gauge: { dataPoints } });
export const summary = (name: string, dataPoints: readonly Fields[]): Fields => ({ name, summary: { dataPoints } });
export const histogram = (name: string, dataPoints: readonly Fields[], aggregationTemporality = 2): Fields => ({
  name,
  histogram: { dataPoints, aggregationTemporality },
});
export const exponential = (name: string, dataPoints: readonly Fields[], aggregationTemporality = 2): Fields => ({
  name,
  exponentialHistogram: { dataPoints, aggregationTemporality },
});

/** A number point; times are nanoseconds. Integers as bigint, doubles as number. */
export function point(
  startTimeUnixNano: number,
  timeUnixNano: number,
  value: number | bigint,
  attributes: readonly Fields[] = [],
): Fields {
  const number = typeof value === 'bigint' ? { asInt: String(value) } : { asDouble: value };
  return { startTimeUnixNano, timeUnixNano, ...number, attributes };
}

export interface ReadMetric {
  readonly name: string;
  /** gauge, sum, histogram, exponentialHistogram, summary */
  readonly kind: string;
  readonly temporality: unknown;
  readonly points: readonly PlainMessage[];
}

/** Every metric of a request, in order. */
export function readMetrics({ bytes }: Pick<Batch, 'bytes'>): ReadMetric[] {
  const list = (value: unknown): PlainMessage[] => (value ?? []) as PlainMessage[];
  return list(decodeRequest(METRICS, bytes)['resourceMetrics']).flatMap((r) =>
    list(r['scopeMetrics']).flatMap((s) =>
      list(s['metrics']).map((metric) => {
        const kind = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].find((k) => k in metric) ?? '';
        const data = (metric[kind] ?? {}) as PlainMessage;
        return {
          name: String(metric['name'] ?? ''),
          kind,
          temporality: data['aggregationTemporality'],
          points: list(data['dataPoints']),
        };
      }),
    ),
  );
}

/** `start-time=value` of each number point, in order. */
export function numbersOf(batch: Pick<Batch, 'bytes'>): string[] {
  return readMetrics(batch).flatMap(({ points }) =>
    points.map(
      (p) =>
        `${String(p['startTimeUnixNano'] ?? 0)}-${String(p['timeUnixNano'] ?? 0)}=${String(p['asInt'] ?? p['asDouble'] ?? '')}`,
    ),
  );
}
