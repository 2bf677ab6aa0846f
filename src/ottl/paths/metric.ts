/** Paths of the contexts `metric` and `datapoint`. The fields of points differ by the kind of metric. */
import { putAll } from '#codec/otlp/attribute-edit.ts';
import { POINT_FIELDS, BUCKETS, METRIC, METRIC_DATA, NUMBER_POINT } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { fail } from '../error.ts';
import { attributesOf, messageIn, messageList, numbersIn, typeNamed } from '../message-value.ts';
import { plainMapIn } from '../plain.ts';
import type { PointKind, Telemetry } from '../telemetry.ts';
import { int64, Time, type Value } from '../value.ts';
import { attributes, cache, text, type PathEntry, type Paths } from './entry.ts';
import {
  intIn,
  putBool,
  putDouble,
  putDoubles,
  putFixed64,
  putFixed64s,
  putSint32,
  putUint32,
  putVarints,
  timeIn,
} from './write.ts';

const metric = (t: Telemetry): Message => t.metric;

/** pdata's numbers of the kinds (`pmetric.MetricType`). */
const TYPE_NUMBERS: Readonly<Record<PointKind, bigint>> = {
  0: 0n,
  [METRIC.gauge]: 1n,
  [METRIC.sum]: 2n,
  [METRIC.histogram]: 3n,
  [METRIC.exponentialHistogram]: 4n,
  [METRIC.summary]: 5n,
};
const EXEMPLAR = typeNamed('Exemplar');
const QUANTILE = typeNamed('ValueAtQuantile');
const HISTOGRAM = typeNamed('HistogramDataPoint');
const BUCKETS_TYPE = typeNamed('Buckets');
const POINT_TYPES = {
  [METRIC.gauge]: typeNamed('NumberDataPoint'),
  [METRIC.sum]: typeNamed('NumberDataPoint'),
  [METRIC.histogram]: HISTOGRAM,
  [METRIC.exponentialHistogram]: typeNamed('ExponentialHistogramDataPoint'),
  [METRIC.summary]: typeNamed('SummaryDataPoint'),
};

/** The kinds that have a temporality. */
const AGGREGATED: readonly PointKind[] = [METRIC.sum, METRIC.histogram, METRIC.exponentialHistogram];
const isAggregated = ({ pointKind }: Telemetry): boolean => AGGREGATED.includes(pointKind);

export const METRIC_PATHS: Paths = {
  name: text(metric, METRIC.name),
  description: text(metric, METRIC.description),
  unit: text(metric, METRIC.unit),
  type: { type: 'int', read: (t) => TYPE_NUMBERS[t.pointKind] },
  aggregation_temporality: {
    type: 'any',
    read: (t) => (isAggregated(t) ? BigInt(t.metricData.uint32(METRIC_DATA.aggregationTemporality)) : null),
    write: (t, value) => {
      if (isAggregated(t)) putUint32(t.metricData, METRIC_DATA.aggregationTemporality, value);
    },
  },
  is_monotonic: {
    type: 'any',
    read: ({ pointKind, metricData }) => (pointKind === METRIC.sum ? metricData.bool(METRIC_DATA.isMonotonic) : null),
    write: ({ pointKind, metricData }, value) => {
      if (pointKind === METRIC.sum) putBool(metricData, METRIC_DATA.isMonotonic, value);
    },
  },
  data_points: {
    type: 'any',
    read: (t) => {
      settlePoint(t);
      return t.pointKind === 0 ? null : messageList(POINT_TYPES[t.pointKind], t.metricData, METRIC_DATA.dataPoints);
    },
  },
  metadata: attributes(metric, METRIC.metadata),
  cache,
};

/** Brings what was just changed in the point at hand into the data of its metric, for whoever reads all points. */
export function settlePoint({ row, point, metricData }: Telemetry): void {
  if (row !== 0 && point.edited) metricData.replace(row, point.write(METRIC_DATA.dataPoints));
}

type Fields = Readonly<Record<string, number>>;
/** Field number of the attributes of the point at hand; 0: there is none. */
export const pointAttributes = ({ pointKind }: Telemetry): number =>
  pointKind === 0 ? 0 : POINT_FIELDS[pointKind].attributes;

/** nil where points of that kind have no such field; there, setting it does nothing. */
function field(
  type: PathEntry['type'],
  name: string,
  read: (point: Message, field: number, t: Telemetry) => Value,
  write?: (point: Message, field: number, value: Value, t: Telemetry) => void,
): PathEntry {
  const numberOf = ({ pointKind }: Telemetry): number | undefined =>
    pointKind === 0 ? undefined : (POINT_FIELDS[pointKind] as Fields)[name];
  const entry: PathEntry = {
    type,
    read: (t) => {
      const number = numberOf(t);
      return number === undefined ? null : read(t.point, number, t);
    },
  };
  if (write === undefined) return entry;
  return {
    ...entry,
    write: (t, value) => {
      const number = numberOf(t);
      if (number !== undefined) write(t.point, number, value, t);
    },
  };
}

const readInt = (point: Message, number: number): Value => int64(point.uint64(number));
const writeInt = (point: Message, number: number, value: Value): void => putFixed64(point, number, intIn(value));
const readDouble = (point: Message, number: number): Value => point.double(number);
const readTime = (point: Message, number: number): Value => new Time(point.uint64(number));
const writeTime = (point: Message, number: number, value: Value): void => putFixed64(point, number, timeIn(value));

/** The sum of a summary has no presence, that of histograms has. */
const writeSum = (point: Message, number: number, value: Value, { pointKind }: Telemetry): void =>
  putDouble(point, number, value, pointKind !== METRIC.summary);

/** A point holds an int or a double. */
function writeNumber(point: Message, number: number, value: Value): void {
  const other = number === NUMBER_POINT.asInt ? NUMBER_POINT.asDouble : NUMBER_POINT.asInt;
  if (number === NUMBER_POINT.asDouble) putDouble(point, number, value, true);
  else {
    const bits = BigInt.asUintN(64, intIn(value));
    const mark = point.mark();
    point.scratch.fixed64(number, Number(bits & 0xffff_ffffn), Number(bits >> 32n));
    point.put(number, mark);
  }
  point.removeAll(other);
}

function buckets(name: 'positive' | 'negative'): Paths {
  const inside = (point: Message, number: number, { buckets: message }: Telemetry): Message => {
    if (point.locate(number)) message.set(point.valueAt(point.row), point.valueEnd(point.row));
    else message.clear();
    return message;
  };
  const part = (
    part: string,
    read: (buckets: Message) => Value,
    write: (buckets: Message, value: Value) => void,
  ): Paths => ({
    [`${name}.${part}`]: field(
      'any',
      name,
      (point, number, t) => read(inside(point, number, t)),
      (point, number, value, t) => {
        const message = inside(point, number, t);
        write(message, value);
        point.put(number, message.write(number));
      },
    ),
  });
  return {
    [name]: field('any', name, (point, number) => messageIn(BUCKETS_TYPE, point, number)),
    ...part(
      'offset',
      (message) => BigInt(message.sint32(BUCKETS.offset)),
      (message, value) => putSint32(message, BUCKETS.offset, value),
    ),
    ...part(
      'bucket_counts',
      (message) => numbersIn(BUCKETS_TYPE, message, BUCKETS.bucketCounts),
      (message, value) => putVarints(message, BUCKETS.bucketCounts, value),
    ),
  };
}

export const POINT_PATHS: Paths = {
  attributes: {
    type: 'any',
    indexed: true,
    read: (t) => (t.pointKind === 0 ? null : attributesOf(t.point, pointAttributes(t))),
    write: (t, value) => {
      if (t.pointKind === 0) fail('the metric has no points');
      putAll(t.point, pointAttributes(t), plainMapIn(value));
    },
    attributes: { of: (t) => (t.pointKind === 0 ? null : t.point), field: pointAttributes },
  },
  start_time_unix_nano: field('any', 'startTimeUnixNano', readInt, writeInt),
  time_unix_nano: field('any', 'timeUnixNano', readInt, writeInt),
  start_time: field('any', 'startTimeUnixNano', readTime, writeTime),
  time: field('any', 'timeUnixNano', readTime, writeTime),
  value_double: field('double', 'asDouble', readDouble, writeNumber),
  value_int: field('int', 'asInt', (point, number) => point.int64(number), writeNumber),
  exemplars: field('any', 'exemplars', (point, number) => messageList(EXEMPLAR, point, number)),
  flags: field(
    'any',
    'flags',
    (point, number) => BigInt(point.uint32(number)),
    (point, number, value) => putUint32(point, number, value),
  ),
  count: field('int', 'count', readInt, writeInt),
  sum: field('double', 'sum', readDouble, writeSum),
  bucket_counts: field(
    'any',
    'bucketCounts',
    (point, number) => numbersIn(HISTOGRAM, point, number),
    (point, number, value) => putFixed64s(point, number, value),
  ),
  explicit_bounds: field(
    'any',
    'explicitBounds',
    (point, number) => numbersIn(HISTOGRAM, point, number),
    (point, number, value) => putDoubles(point, number, value),
  ),
  scale: field(
    'int',
    'scale',
    (point, number) => BigInt(point.sint32(number)),
    (point, number, value) => putSint32(point, number, value),
  ),
  zero_count: field('int', 'zeroCount', readInt, writeInt),
  ...buckets('positive'),
  ...buckets('negative'),
  quantile_values: field('any', 'quantileValues', (point, number) => messageList(QUANTILE, point, number)),
  cache,
};
