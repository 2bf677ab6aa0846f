/**
 * The fields of items: one table for each kind. Reading, checking, comparing and the JSON Schema of test files go by these tables.
 */
import type { Kind } from './value.ts';

export type FieldType =
  /** Trace and span: ids by name or in hex. */
  | {
      readonly type: 'text' | 'number' | 'sample' | 'integer' | 'bool' | 'time' | 'duration' | 'trace' | 'span' | 'any';
    }
  /** By key: any values; numbers by bound or quantile; texts. */
  | { readonly type: 'attributes' | 'numbers' | 'labels' }
  /** A word; the first one is what an unset field stands for. `also`: integers stand for themselves. */
  | { readonly type: 'choice'; readonly choices: readonly string[] }
  | { readonly type: 'list'; readonly of: 'number' }
  | { readonly type: 'map' | 'maps'; readonly fields: Fields };
export type Field = FieldType & { readonly doc: string };
export type Fields = Readonly<Record<string, Field>>;

const text = (doc: string): Field => ({ type: 'text', doc });
const number = (doc: string): Field => ({ type: 'number', doc });
const integer = (doc: string): Field => ({ type: 'integer', doc });
const time = (doc: string): Field => ({ type: 'time', doc });
const attributes = (doc: string): Field => ({ type: 'attributes', doc });
const choice = (doc: string, ...choices: string[]): Field => ({ type: 'choice', choices, doc });
const trace: Field = { type: 'trace', doc: 'The trace: a name of your choice, or an id of 32 hex digits.' };
const span: Field = { type: 'span', doc: 'The span: a name of your choice, or an id of 16 hex digits.' };

const ORIGIN: Fields = {
  resource: attributes('Attributes of the resource.'),
  scope: {
    type: 'map',
    doc: 'The instrumentation scope.',
    fields: {
      name: text('Name of the library.'),
      version: text('Version of the library.'),
      attributes: attributes('Attributes of the scope.'),
    },
  },
};

export const KIND_WORDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export const STATUS_WORDS = ['unset', 'ok', 'error'] as const;
export const TYPE_WORDS = ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary'] as const;
export const TEMPORALITY_WORDS = ['unspecified', 'delta', 'cumulative'] as const;
export const SEVERITY_WORDS: readonly string[] = [
  'unspecified',
  ...['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((word) => [word, `${word}2`, `${word}3`, `${word}4`]),
];

const SPANS: Fields = {
  name: text('Name of the span.'),
  kind: choice('Kind of the span.', ...KIND_WORDS),
  trace,
  span,
  parent: { type: 'span', doc: 'The parent span. A span without a trace is in that of its parent.' },
  start: time('When it began; left out in input: so that it has just ended.'),
  duration: { type: 'duration', doc: 'How long it took.' },
  status: choice('Code of the status.', ...STATUS_WORDS),
  status_message: text('Message of the status.'),
  attributes: attributes('Attributes of the span.'),
  events: {
    type: 'maps',
    doc: 'Events, in any order.',
    fields: { name: text('Name of the event.'), time: time('When it was.'), attributes: attributes('Its attributes.') },
  },
  links: {
    type: 'maps',
    doc: 'Links to other spans, in any order.',
    fields: { trace, span, trace_state: text('Its trace state.'), attributes: attributes('Its attributes.') },
  },
  trace_state: text('The W3C trace state.'),
  flags: integer('Flags.'),
  dropped_attributes: integer('How many attributes were dropped at the source.'),
  dropped_events: integer('How many events were dropped at the source.'),
  dropped_links: integer('How many links were dropped at the source.'),
  ...ORIGIN,
};

const BUCKETS: Field = {
  type: 'map',
  doc: 'Buckets of an exponential histogram.',
  fields: { offset: integer('Of the first bucket.'), counts: { type: 'list', of: 'number', doc: 'Of each bucket.' } },
};

const EXEMPLARS: Field = {
  type: 'maps',
  doc: 'Exemplars, in any order.',
  fields: {
    value: number('Its value.'),
    time: time('When it was.'),
    trace,
    span,
    attributes: attributes('Attributes that the point does not have.'),
  },
};

const METRICS: Fields = {
  name: text('Name of the metric.'),
  type: choice('Type of the metric.', ...TYPE_WORDS),
  unit: text('Unit of the metric.'),
  description: text('Description of the metric.'),
  temporality: choice('Temporality of sums and histograms.', ...TEMPORALITY_WORDS),
  monotonic: { type: 'bool', doc: 'Of a sum: it only goes up.' },
  attributes: attributes('Attributes of the point.'),
  value: number('Of a gauge or a sum.'),
  count: number('Of a histogram or a summary.'),
  sum: number('Of a histogram or a summary.'),
  min: number('Of a histogram.'),
  max: number('Of a histogram.'),
  buckets: {
    type: 'numbers',
    doc: 'Counts of a histogram by upper bound, each bucket for itself; the last bound is +Inf.',
  },
  scale: integer('Of an exponential histogram.'),
  zero_count: number('Of an exponential histogram.'),
  zero_threshold: number('Of an exponential histogram.'),
  positive: BUCKETS,
  negative: BUCKETS,
  quantiles: { type: 'numbers', doc: 'Values of a summary by quantile.' },
  start: time('Beginning of what was counted.'),
  time: time('When it was measured; left out in input: now.'),
  exemplars: EXEMPLARS,
  flags: integer('Flags.'),
  ...ORIGIN,
};

const LOGS: Fields = {
  body: { type: 'any', doc: 'The body.' },
  severity: choice('Severity by number: info, info2, ...', ...SEVERITY_WORDS),
  severity_text: text('Severity as the source calls it.'),
  event: text('Name of the event.'),
  attributes: attributes('Attributes of the record.'),
  trace,
  span,
  time: time('When it happened; left out in input: now.'),
  observed: time('When it was observed.'),
  flags: integer('Flags.'),
  dropped_attributes: integer('How many attributes were dropped at the source.'),
  ...ORIGIN,
};

const SERIES: Fields = {
  name: text('Name of the series.'),
  labels: { type: 'labels', doc: 'All other labels.' },
  value: { type: 'sample', doc: 'Value of the sample; that of a stale marker is stale.' },
  count: number('Of a native histogram.'),
  sum: number('Of a native histogram.'),
  schema: integer('Of a native histogram.'),
  zero_count: number('Of a native histogram.'),
  zero_threshold: number('Of a native histogram.'),
  positive: { type: 'numbers', doc: 'Counts of a native histogram by index of the bucket.' },
  negative: { type: 'numbers', doc: 'Counts of a native histogram by index of the bucket.' },
  time: time('Time of the sample.'),
  exemplars: {
    type: 'maps',
    doc: 'Exemplars, in any order.',
    fields: {
      value: number('Its value.'),
      time: time('When it was.'),
      labels: { type: 'labels', doc: 'Its labels.' },
    },
  },
};

const LINES: Fields = {
  line: text('The line.'),
  labels: { type: 'labels', doc: 'Labels of its stream.' },
  metadata: { type: 'labels', doc: 'Structured metadata.' },
  time: time('When it was.'),
};

export const FIELDS: Readonly<Record<Kind, Fields>> = {
  spans: SPANS,
  metrics: METRICS,
  logs: LOGS,
  series: SERIES,
  lines: LINES,
};
