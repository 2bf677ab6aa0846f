/** Data points as items, and back. */
import type { Terms } from './canonical.ts';
import { TEMPORALITY_WORDS } from './fields.ts';
import {
  attributesOf,
  grouped,
  idText,
  numberOf,
  numbersBy,
  object,
  objects,
  textOf,
  timeText,
  toAttributes,
  toDouble,
  toSpanId,
  toTime,
  toTraceId,
  ungrouped,
  word,
  wordNumber,
  type Json,
  type JsonObject,
} from './otlp-json.ts';
import { filled, isList, isMap, isText, maps, present, textOr, type Value, type ValueMap } from './value.ts';

const NAMES = { entries: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' } as const;
const NS_PER_MS = 1_000_000n;
/** By the field that holds the points. */
const TYPES: Readonly<Record<string, string>> = {
  gauge: 'gauge',
  sum: 'sum',
  histogram: 'histogram',
  exponentialHistogram: 'exponential_histogram',
  summary: 'summary',
};

export function metricsOf(request: JsonObject, terms: Terms): ValueMap[] {
  return [...ungrouped(request, NAMES)].flatMap(({ item, origin }) => {
    const field = Object.keys(TYPES).find((name) => name in item);
    if (field === undefined) return [];
    const data = object(item[field]);
    const about = present({
      name: textOf(item['name']) ?? '',
      type: TYPES[field],
      unit: textOf(item['unit']),
      description: textOf(item['description']),
      temporality: word(TEMPORALITY_WORDS, data['aggregationTemporality']),
      monotonic: field === 'sum' ? data['isMonotonic'] === true : undefined,
    });
    return objects(data['dataPoints']).map((point) => ({ ...about, ...pointOf(point, field, terms), ...origin }));
  });
}

function pointOf(point: JsonObject, field: string, terms: Terms): ValueMap {
  const isNumber = field === 'gauge' || field === 'sum';
  const bounds = (point['explicitBounds'] ?? []) as Json[];
  const counts = (point['bucketCounts'] ?? []) as Json[];
  const quantiles = objects(point['quantileValues']);
  return present({
    attributes: attributesOf(point['attributes']),
    value: isNumber ? (numberOf(point['asInt']) ?? numberOf(point['asDouble'])) : undefined,
    count: isNumber ? undefined : (numberOf(point['count']) ?? 0n),
    sum: field === 'summary' ? (numberOf(point['sum']) ?? 0) : numberOf(point['sum']),
    min: numberOf(point['min']),
    max: numberOf(point['max']),
    buckets: filled(numbersBy(bounds, counts)),
    scale: field === 'exponentialHistogram' ? (numberOf(point['scale']) ?? 0) : undefined,
    zero_count: numberOf(point['zeroCount']),
    zero_threshold: numberOf(point['zeroThreshold']),
    positive: bucketsOf(point['positive']),
    negative: bucketsOf(point['negative']),
    quantiles: filled(
      numbersBy(
        quantiles.map(({ quantile }) => quantile ?? 0),
        quantiles.map(({ value }) => value ?? 0),
      ),
    ),
    start: timeText(point['startTimeUnixNano'], terms),
    time: timeText(point['timeUnixNano'], terms),
    exemplars: filled(
      objects(point['exemplars']).map((exemplar) =>
        present({
          value: numberOf(exemplar['asInt']) ?? numberOf(exemplar['asDouble']),
          time: timeText(exemplar['timeUnixNano'], terms),
          trace: idText(exemplar['traceId'], terms),
          span: idText(exemplar['spanId'], terms),
          attributes: attributesOf(exemplar['filteredAttributes']),
        }),
      ),
    ),
    flags: numberOf(point['flags']),
  });
}

function bucketsOf(buckets: Json | undefined): ValueMap | undefined {
  const { offset, bucketCounts } = object(buckets);
  const counts = ((bucketCounts ?? []) as Json[]).map((count) => numberOf(count) ?? 0n);
  return counts.length === 0 ? undefined : { offset: numberOf(offset) ?? 0, counts };
}

/** The request that holds these points, which are canonical. A point without a type is a gauge. */
export function toMetrics(points: readonly ValueMap[], nowMs: number, terms: Terms): JsonObject {
  return grouped(
    points.map((point) => ({
      item: toMetric(point, BigInt(nowMs) * NS_PER_MS, terms),
      resource: point['resource'],
      scope: point['scope'],
    })),
    NAMES,
  );
}

function toMetric(point: ValueMap, nowNs: bigint, terms: Terms): JsonObject {
  const type = isText(point['type']) ? point['type'] : 'gauge';
  const field = Object.keys(TYPES).find((name) => TYPES[name] === type) ?? 'gauge';
  const isGauge = field === 'gauge' || field === 'summary';
  return {
    name: textOr(point['name']),
    description: textOr(point['description']),
    unit: textOr(point['unit']),
    [field]: {
      dataPoints: [toPoint(point, field, nowNs, terms)],
      ...(isGauge ? {} : { aggregationTemporality: temporality(point) }),
      ...(field === 'sum' ? { isMonotonic: point['monotonic'] === true } : {}),
    },
  };
}

/** Cumulative where nothing is said, as SDKs send by default. */
function temporality({ temporality: written }: ValueMap): number {
  return written === undefined ? wordNumber(TEMPORALITY_WORDS, 'cumulative') : wordNumber(TEMPORALITY_WORDS, written);
}

function toPoint(point: ValueMap, field: string, nowNs: bigint, terms: Terms): JsonObject {
  const common: JsonObject = {
    attributes: toAttributes(point['attributes']),
    startTimeUnixNano: toTime(point['start'], 0n, terms),
    timeUnixNano: toTime(point['time'], nowNs, terms),
    flags: Number(point['flags'] ?? 0),
  };
  const exemplars = maps(point['exemplars']).map((exemplar) => ({
    timeUnixNano: toTime(exemplar['time'], nowNs, terms),
    ...toNumber(exemplar['value']),
    traceId: toTraceId(exemplar['trace'], terms),
    spanId: toSpanId(exemplar['span'], terms),
    filteredAttributes: toAttributes(exemplar['attributes']),
  }));
  if (field === 'gauge' || field === 'sum') return { ...common, ...toNumber(point['value']), exemplars };
  const counted: JsonObject = {
    ...common,
    count: countOf(point['count']),
    ...(isNumber(point['sum']) ? { sum: toDouble(point['sum']) } : {}),
  };
  if (field === 'summary') {
    const quantiles = isMap(point['quantiles']) ? Object.entries(point['quantiles']) : [];
    return {
      ...counted,
      quantileValues: quantiles.map(([quantile, value]) => ({ quantile: Number(quantile), value: Number(value) })),
    };
  }
  const histogram: JsonObject = {
    ...counted,
    ...(isNumber(point['min']) ? { min: toDouble(point['min']) } : {}),
    ...(isNumber(point['max']) ? { max: toDouble(point['max']) } : {}),
    exemplars,
  };
  if (field === 'histogram') return { ...histogram, ...toBuckets(point['buckets']) };
  return {
    ...histogram,
    scale: Number(point['scale'] ?? 0),
    zeroCount: countOf(point['zero_count']),
    zeroThreshold: Number(point['zero_threshold'] ?? 0),
    positive: toExponential(point['positive']),
    negative: toExponential(point['negative']),
  };
}

function toBuckets(buckets: Value | undefined): JsonObject {
  if (!isMap(buckets)) return {};
  const sorted = Object.entries(buckets).toSorted(([a], [b]) => boundOf(a) - boundOf(b));
  if (!Object.hasOwn(buckets, '+Inf')) sorted.push(['+Inf', 0n]);
  return {
    explicitBounds: sorted.slice(0, -1).map(([bound]) => boundOf(bound)),
    bucketCounts: sorted.map(([, count]) => countOf(count)),
  };
}

const boundOf = (text: string): number => (text === '+Inf' ? Infinity : Number(text));

function toExponential(buckets: Value | undefined): JsonObject | null {
  if (!isMap(buckets)) return null;
  const { offset, counts } = buckets;
  return { offset: Number(offset ?? 0), bucketCounts: isList(counts) ? counts.map(countOf) : [] };
}

const isNumber = (value: Value | undefined): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';
const countOf = (value: Value | undefined): string => String(isNumber(value) ? BigInt(value) : 0n);

function toNumber(value: Value | undefined): JsonObject {
  if (typeof value === 'bigint') return { asInt: String(value) };
  return typeof value === 'number' ? { asDouble: toDouble(value) } : {};
}
