/** Paths of the contexts `metric` and `datapoint`. The fields of points differ by the kind of metric. */
import { readAttributes } from '#codec/otlp/any-value.ts';
import {
  BUCKETS,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  METRIC_DATA,
  NUMBER_POINT,
  SUMMARY_POINT,
} from '#codec/otlp/fields.ts';
import { MessageView, doubles, fixed64s, varints } from '#codec/otlp/view.ts';
import { messageList, messageValue, typeNamed } from '../message-value.ts';
import type { Message, PointKind, Telemetry } from '../telemetry.ts';
import { int64, Time, type Value } from '../value.ts';
import { attributes, cache, text, type PathEntry, type Paths } from './entry.ts';

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
const BUCKETS_TYPE = typeNamed('Buckets');
const POINT_TYPES = {
  [METRIC.gauge]: typeNamed('NumberDataPoint'),
  [METRIC.sum]: typeNamed('NumberDataPoint'),
  [METRIC.histogram]: typeNamed('HistogramDataPoint'),
  [METRIC.exponentialHistogram]: typeNamed('ExponentialHistogramDataPoint'),
  [METRIC.summary]: typeNamed('SummaryDataPoint'),
};

export const METRIC_PATHS: Paths = {
  name: text(metric, METRIC.name),
  description: text(metric, METRIC.description),
  unit: text(metric, METRIC.unit),
  type: { type: 'int', read: (t) => TYPE_NUMBERS[t.pointKind] },
  aggregation_temporality: {
    type: 'any',
    read: ({ pointKind, metricData }) =>
      pointKind === METRIC.sum || pointKind === METRIC.histogram || pointKind === METRIC.exponentialHistogram
        ? BigInt(metricData.view.uint32(METRIC_DATA.aggregationTemporality))
        : null,
  },
  is_monotonic: {
    type: 'any',
    read: ({ pointKind, metricData }) =>
      pointKind === METRIC.sum ? metricData.view.bool(METRIC_DATA.isMonotonic) : null,
  },
  data_points: {
    type: 'any',
    read: ({ pointKind, metricData }) =>
      pointKind === 0 ? null : messageList(POINT_TYPES[pointKind], metricData.view, METRIC_DATA.dataPoints),
  },
  metadata: attributes(metric, METRIC.metadata),
  cache,
};

type Fields = Readonly<Record<string, number>>;
/** How points of the kind number their fields. */
export const POINT_FIELDS = {
  [METRIC.gauge]: NUMBER_POINT,
  [METRIC.sum]: NUMBER_POINT,
  [METRIC.histogram]: HISTOGRAM_POINT,
  [METRIC.exponentialHistogram]: EXPONENTIAL_POINT,
  [METRIC.summary]: SUMMARY_POINT,
} as const;

/** nil where points of that kind have no such field. */
function field(type: PathEntry['type'], name: string, read: (view: MessageView, field: number) => Value): PathEntry {
  return {
    type,
    read: (t) => {
      if (t.pointKind === 0) return null;
      const number = (POINT_FIELDS[t.pointKind] as Fields)[name];
      return number === undefined ? null : read(t.point.view, number);
    },
  };
}

const int = (view: MessageView, number: number): Value => int64(view.uint64(number));
const double = (view: MessageView, number: number): Value => view.double(number);
const moment = (view: MessageView, number: number): Value => new Time(view.uint64(number));
const bucketView = new MessageView();

function buckets(name: 'positive' | 'negative'): Paths {
  const inside = (view: MessageView, number: number): MessageView =>
    bucketView.reset(view.buf, view.start(number), view.stop(number));
  return {
    [name]: field('any', name, (view, number) =>
      messageValue(BUCKETS_TYPE, view.buf, view.start(number), view.stop(number)),
    ),
    [`${name}.offset`]: field('any', name, (view, number) => BigInt(inside(view, number).sint32(BUCKETS.offset))),
    [`${name}.bucket_counts`]: field('any', name, (view, number) =>
      varints(inside(view, number), BUCKETS.bucketCounts).map(int64),
    ),
  };
}

export const POINT_PATHS: Paths = {
  attributes: {
    type: 'any',
    indexed: true,
    read: (t) => (t.pointKind === 0 ? null : readAttributes(t.point.view, POINT_FIELDS[t.pointKind].attributes)),
    attributes: (t) => (t.pointKind === 0 ? null : { view: t.point.view, field: POINT_FIELDS[t.pointKind].attributes }),
  },
  start_time_unix_nano: field('any', 'startTimeUnixNano', int),
  time_unix_nano: field('any', 'timeUnixNano', int),
  start_time: field('any', 'startTimeUnixNano', moment),
  time: field('any', 'timeUnixNano', moment),
  value_double: field('double', 'asDouble', double),
  value_int: field('int', 'asInt', (view, number) => view.int64(number)),
  exemplars: field('any', 'exemplars', (view, number) => messageList(EXEMPLAR, view, number)),
  flags: field('any', 'flags', (view, number) => BigInt(view.uint32(number))),
  count: field('int', 'count', int),
  sum: field('double', 'sum', double),
  bucket_counts: field('any', 'bucketCounts', (view, number) => fixed64s(view, number).map(int64)),
  explicit_bounds: field('any', 'explicitBounds', (view, number) => doubles(view, number)),
  scale: field('int', 'scale', (view, number) => BigInt(view.sint32(number))),
  zero_count: field('int', 'zeroCount', int),
  ...buckets('positive'),
  ...buckets('negative'),
  quantile_values: field('any', 'quantileValues', (view, number) => messageList(QUANTILE, view, number)),
  cache,
};
