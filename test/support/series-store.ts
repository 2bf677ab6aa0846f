/** A series store under test: plans, flushes as plain data. */
import { settleFlush } from '#components/kit/series/expiry.ts';
import { flushWalk } from '#components/kit/series/flush-walk.ts';
import { mergeMetrics } from '#components/kit/series/own-metrics.ts';
import type { Group, Instrument, SeriesPlan } from '#components/kit/series/plan.ts';
import { SeriesStore } from '#components/kit/series/store.ts';
import { METRICS } from '#shared/signal.ts';
import { FakeMeter } from './fake-meter.ts';
import { decodeRequest, type Plain, type PlainMessage } from './otlp-proto.ts';

export const BOUNDS = [1, 10, 100];

export const CALLS: Instrument = {
  name: 'calls',
  description: '',
  unit: '',
  kind: 'sum',
  startsAtZero: true,
  exemplars: 2,
};
export const PLAIN_SUM: Instrument = { name: 'hits', description: 'A sum.', unit: '1', kind: 'sum' };
export const DURATION: Instrument = {
  name: 'duration',
  description: '',
  unit: 'ms',
  kind: 'histogram',
  bounds: BOUNDS,
  minMax: true,
  exemplars: 2,
};
export const EXPONENTIAL: Instrument = { name: 'exp', description: '', unit: 'ms', kind: 'exponential', maxSize: 20 };
export const GAUGE: Instrument = { name: 'level', description: '', unit: '', kind: 'gauge', double: true };

export function planOf(more: Partial<SeriesPlan> = {}, ...groups: Group[]): SeriesPlan {
  return {
    scopeName: 'scope',
    groups: groups.length > 0 ? groups : [{ instruments: [PLAIN_SUM], limit: 0 }],
    temporality: 'cumulative',
    flushIntervalMs: 60_000,
    startsWith: 'series',
    emitsEmpty: false,
    resourceExpirationMs: 0,
    seriesExpirationMs: 0,
    expiryIntervalMs: 0,
    resourceCacheSize: 0,
    timestampCacheSize: 1000,
    identity: '',
    ...more,
  };
}

export function storeOf(plan: SeriesPlan, nowMs = 0): { readonly store: SeriesStore; readonly meter: FakeMeter } {
  const meter = new FakeMeter();
  return { store: new SeriesStore(plan, nowMs, mergeMetrics(meter)), meter };
}

export interface FlatPoint {
  /** `service.name` of its resource. */
  readonly resource: string;
  readonly metric: string;
  /** The attribute `key`, or all of them as JSON. */
  readonly key: string;
  readonly point: PlainMessage;
}

/** Flushes to the end; the requests. */
export function flushRequests(store: SeriesStore, flushMs: number, last = false): Buffer[] {
  const requests: Buffer[] = [];
  for (const piece of flushWalk(store, flushMs, last)) if (piece !== null) requests.push(Buffer.from(piece.bytes));
  for (const _ of settleFlush(store, flushMs));
  return requests;
}

/** Flushes to the end; all points in order. */
export function flushPoints(store: SeriesStore, flushMs: number, last = false): FlatPoint[] {
  return flushRequests(store, flushMs, last).flatMap(pointsOf);
}

const list = (value: Plain | undefined): PlainMessage[] => (value ?? []) as PlainMessage[];

export function pointsOf(request: Uint8Array): FlatPoint[] {
  return list(decodeRequest(METRICS, request)['resourceMetrics']).flatMap((entry) => {
    const resource = String(plainAttributes((entry['resource'] as PlainMessage)['attributes'])['service.name'] ?? '');
    return list(entry['scopeMetrics']).flatMap((scope) =>
      list(scope['metrics']).flatMap((metric) => {
        const data = ['sum', 'gauge', 'histogram', 'exponentialHistogram'].find((kind) => metric[kind] !== undefined);
        return list((metric[data as string] as PlainMessage)['dataPoints']).map((point) => {
          const attributes = plainAttributes(point['attributes']);
          const key = attributes['key'] ?? JSON.stringify(attributes);
          return { resource, metric: String(metric['name']), key: String(key), point };
        });
      }),
    );
  });
}

/** Attributes as an object: ints and doubles as text. */
export function plainAttributes(attributes: Plain | undefined): Record<string, string | boolean> {
  return Object.fromEntries(
    list(attributes).map((pair) => {
      const value = Object.values((pair['value'] ?? {}) as PlainMessage)[0];
      return [String(pair['key']), typeof value === 'boolean' ? value : String(value)];
    }),
  );
}

/** Nanoseconds of milliseconds, as decoded points have them. */
export const nanos = (ms: number): string => (BigInt(ms) * 1_000_000n).toString();
