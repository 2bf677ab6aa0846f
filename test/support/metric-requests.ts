/** Metrics requests for tests, from little: what is not said has a default that a sender would choose. */
import { METRICS } from '#shared/signal.ts';
import { encodeRequest } from './otlp-proto.ts';

export type Attributes = Readonly<Record<string, string | number | boolean>>;
type Fields = Readonly<Record<string, unknown>>;

/** Unix milliseconds of every point that does not say another time. */
export const POINT_MS = 1_700_000_000_123;
const POINT_NANOS = `${POINT_MS}456789`;

export function keyValues(attributes: Attributes): readonly Fields[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value:
      typeof value === 'string'
        ? { stringValue: value }
        : typeof value === 'boolean'
          ? { boolValue: value }
          : Number.isInteger(value)
            ? { intValue: value }
            : { doubleValue: value },
  }));
}

/** A data point: `attributes` as a plain object, everything else as the oracle takes it. */
export function point(fields: Fields, attributes: Attributes = {}): Fields {
  return { timeUnixNano: POINT_NANOS, attributes: keyValues(attributes), ...fields };
}

const CUMULATIVE = 2;

export const gauge = (name: string, ...dataPoints: readonly Fields[]): Fields => ({ name, gauge: { dataPoints } });
export const counter = (name: string, ...dataPoints: readonly Fields[]): Fields => ({
  name,
  sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true },
});
export const histogram = (name: string, ...dataPoints: readonly Fields[]): Fields => ({
  name,
  histogram: { dataPoints, aggregationTemporality: CUMULATIVE },
});
export const exponential = (name: string, ...dataPoints: readonly Fields[]): Fields => ({
  name,
  exponentialHistogram: { dataPoints, aggregationTemporality: CUMULATIVE },
});
export const summary = (name: string, ...dataPoints: readonly Fields[]): Fields => ({ name, summary: { dataPoints } });

/** One request of one resource and one scope. */
export function metricsRequest(
  metrics: readonly Fields[],
  { resource = {}, scope = {} }: { readonly resource?: Attributes; readonly scope?: Fields } = {},
): Buffer {
  return encodeRequest(METRICS, {
    resourceMetrics: [{ resource: { attributes: keyValues(resource) }, scopeMetrics: [{ scope, metrics }] }],
  });
}
