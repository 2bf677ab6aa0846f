/** Arguments of otelcol.connector.signaltometrics. */
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { ottlCondition, ottlValue } from '#components/kit/blocks/ottl.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { plainValue } from '#components/kit/blocks/plain-value.ts';
import { attr, block, body, type BlockField, type Infer } from '#config/schema/schema.ts';
import { any, bool, int64, list, number, oneOf, string } from '#config/schema/types.ts';
import type { ContextName } from '#ottl/context.ts';
import { ADJUSTED_COUNT } from '#ottl/functions/items.ts';
import { withConverters } from '#ottl/functions/library.ts';

export const FUNCTIONS = withConverters(ADJUSTED_COUNT);

export const KINDS = ['spans', 'datapoints', 'logs'] as const;
export type Kind = (typeof KINDS)[number];
/** The context in which expressions of each block stand. */
export const CONTEXT_OF: Readonly<Record<Kind, ContextName>> = { spans: 'span', datapoints: 'datapoint', logs: 'log' };

/** What a histogram has where no buckets are configured. */
export const DEFAULT_BUCKETS: readonly number[] = [
  2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000,
];
export const DEFAULT_MAX_SIZE = 160;
/** As lightstep/go-expohisto, which upstream uses. */
const MIN_MAX_SIZE = 2;
const MAX_MAX_SIZE = 16_384;
const MAX_BUCKETS = 1000;

const wrongDefault = (value: unknown): string | null =>
  value === undefined || plainValue(value) !== undefined
    ? null
    : 'default_value should be a string, number, bool, array or object';

const attributeBody = body(
  {
    key: attr(string, { required: true, doc: 'Name of the attribute.' }),
    optional: attr(bool, { default: false, doc: 'Whether data without the attribute count, too, without it.' }),
    default_value: attr(any, { doc: 'Value for data without the attribute.' }),
  },
  (a, error) => {
    if (a.key === '') error('key', 'key must not be empty');
    const problem = wrongDefault(a.default_value);
    if (problem !== null) error('default_value', problem);
    if (a.optional && a.default_value !== undefined)
      error('optional', 'only one of default_value and optional may be set');
  },
);

const resourceAttributeBody = body(
  {
    key: attr(string, { required: true, doc: 'Name of the resource attribute.' }),
    optional: attr(bool, { doc: 'Accepted without effect: a resource attribute that is missing is left out anyway.' }),
    default_value: attr(any, { doc: 'Value for resources without the attribute.' }),
  },
  (a, error) => {
    if (a.key === '') error('key', 'key must not be empty');
    const problem = wrongDefault(a.default_value);
    if (problem !== null) error('default_value', problem);
  },
);

const value = (context: ContextName, what: string) =>
  attr(ottlValue(context, FUNCTIONS), { required: true, doc: `OTTL expression of the value ${what}.` });
const count = (context: ContextName) =>
  attr(ottlValue(context, FUNCTIONS, true), {
    default: '',
    doc: 'OTTL expression of how many times the value is recorded; once when not set.',
  });

const histogramBody = (context: ContextName) =>
  body(
    {
      buckets: attr(list(number), {
        default: [],
        doc: `Upper bounds of the buckets; when not set ${DEFAULT_BUCKETS.join(', ')}.`,
      }),
      count: count(context),
      value: value(context, 'that is recorded'),
    },
    (a, error) => {
      if (a.buckets.length > MAX_BUCKETS) error('buckets', `at most ${MAX_BUCKETS} buckets are possible`);
      if (a.buckets.some((bound, i) => !Number.isFinite(bound) || (i > 0 && bound <= a.buckets[i - 1])))
        error('buckets', 'buckets must be finite numbers, each greater than the one before');
    },
  );
const exponentialBody = (context: ContextName) =>
  body(
    {
      max_size: attr(int64, { default: DEFAULT_MAX_SIZE, doc: 'Most buckets of a data point.' }),
      count: count(context),
      value: value(context, 'that is recorded'),
    },
    (a, error) => {
      if (a.max_size !== 0 && (a.max_size < MIN_MAX_SIZE || a.max_size > MAX_MAX_SIZE))
        error('max_size', `max_size must be from ${MIN_MAX_SIZE} to ${MAX_MAX_SIZE}`);
    },
  );

const FORMS = ['histogram', 'exponential_histogram', 'sum', 'gauge'] as const;

const metricBody = (context: ContextName) =>
  body(
    {
      name: attr(string, { required: true, doc: 'Name of the metric.' }),
      description: attr(string, { default: '', doc: 'Description of the metric.' }),
      unit: attr(string, { default: '', doc: 'Unit of the metric.' }),
      include_resource_attributes: block(resourceAttributeBody, {
        many: true,
        doc: 'Resource attributes that the metric has; without any block, all.',
      }),
      attributes: block(attributeBody, {
        many: true,
        doc: 'Attributes that the metric has, of the item. Data without one of them are left out.',
      }),
      conditions: attr(list(ottlCondition(context, FUNCTIONS)), {
        default: [],
        doc: 'OTTL conditions; what meets any of them is taken. Without any, all is.',
      }),
      histogram: block(histogramBody(context), { optional: true, doc: 'Makes a histogram with explicit buckets.' }),
      exponential_histogram: block(exponentialBody(context), {
        optional: true,
        doc: 'Makes an exponential histogram.',
      }),
      sum: block(body({ value: value(context, 'that is added') }), { optional: true, doc: 'Makes a sum.' }),
      gauge: block(body({ value: value(context, 'that is shown; the last one counts') }), {
        optional: true,
        doc: 'Makes a gauge.',
      }),
    },
    (a, error) => {
      if (a.name === '') error('name', 'name must not be empty');
      const forms = FORMS.filter((form) => a[form] !== undefined);
      if (forms.length === 0) error('name', `one of the blocks ${FORMS.join(', ')} is missing`);
      if (forms.length > 1) error(forms[1], `only one of the blocks ${forms.join(', ')} may be set`);
      const keys = a.attributes.map((one) => one.key);
      const twice = keys.find((key, i) => keys.indexOf(key) !== i);
      if (twice !== undefined) error('attributes', `duplicate attribute key: "${twice}"`);
    },
  );
export type MetricArgs = Infer<ReturnType<typeof metricBody>>;

const metricsOf = (kind: Kind, what: string): BlockField<readonly MetricArgs[]> =>
  block(metricBody(CONTEXT_OF[kind]), { many: true, doc: `A metric out of ${what}.` });

export const args = body(
  {
    spans: metricsOf('spans', 'spans'),
    datapoints: metricsOf('datapoints', 'data points'),
    logs: metricsOf('logs', 'log records'),
    error_mode: attr(oneOf('ignore', 'silent', 'propagate'), {
      default: 'propagate',
      doc: 'What an expression that fails means: `ignore` logs it and leaves the item out, `silent` leaves it out, `propagate` refuses the whole batch.',
    }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
  },
  (a, error) => {
    if (KINDS.every((kind) => a[kind].length === 0))
      error('output', `at least one of the blocks ${KINDS.join(', ')} is needed`);
  },
);
export type Args = Infer<typeof args>;
