/** Arguments of otelcol.connector.spanmetrics (semantics 13.1). In the order of Alloy's structs. */
import { attr, block, body, type Infer } from '#config/schema/schema.ts';
import { bool, duration, int, list, oneOf, string } from '#config/schema/types.ts';
import { debugMetricsBlock } from '#components/kit/blocks/debug-metrics.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { Glob, GlobError } from '#text/glob.ts';

/** Between the words of attribute names, for globs. */
const SEPARATOR = '.';
const FIXED = ['service.name', 'span.name', 'span.kind', 'status.code'];

const dimensionBlock = body(
  {
    name: attr(string, { default: '', doc: 'Name of a span attribute or resource attribute.' }),
    default: attr(string, {
      otelcol: { emptyIsSet: true },
      doc: 'Value of the dimension where neither the span nor its resource has the attribute.',
    }),
    glob: attr(string, {
      default: '',
      doc: 'Pattern for names of span attributes and resource attributes; `*` does not reach over a dot, `**` does.',
    }),
  },
  (args, error) => {
    if (args.name === '' && args.glob === '') error('name', 'exactly one of name or glob must be set');
    if (args.name !== '' && args.glob !== '') error('glob', 'exactly one of name or glob must be set');
    if (args.glob !== '' && args.default !== undefined) error('default', 'default can only be set together with name');
    const problem = args.glob === '' ? null : globProblem(args.glob);
    if (problem !== null) error('glob', problem);
  },
);
export type DimensionArgs = Infer<typeof dimensionBlock>;

function globProblem(pattern: string): string | null {
  try {
    new Glob(pattern, SEPARATOR);
    return null;
  } catch (thrown) {
    if (thrown instanceof GlobError) return thrown.message;
    throw thrown;
  }
}

/** `error` takes the number of the dimension that is one too many. */
function checkDimensions(
  dimensions: readonly DimensionArgs[],
  what: string,
  error: (message: string, index: number) => void,
): void {
  const names = new Set(FIXED);
  for (const [i, { name }] of dimensions.entries()) {
    if (name === '') continue;
    if (names.has(name)) error(`failed validating ${what}: duplicate dimension name "${name}"`, i);
    names.add(name);
  }
  const globs = new Set<string>();
  for (const [i, { glob }] of dimensions.entries()) {
    if (glob === '' || globProblem(glob) !== null) continue;
    if (globs.has(glob)) error(`failed validating ${what}: duplicate dimension glob "${glob}"`, i);
    globs.add(glob);
    const pattern = new Glob(glob, SEPARATOR);
    for (const name of names)
      if (pattern.test(name))
        error(`failed validating ${what}: dimension glob "${glob}" matches dimension name "${name}"`, i);
  }
}

const DEFAULT_BUCKETS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];

const exponentialBlock = body(
  { max_size: attr(int, { default: 160, doc: 'Most buckets of a histogram; at least 2 are used, at most 16384.' }) },
  (args, error) => {
    if (args.max_size <= 0) error('max_size', 'max_size must be greater than 0');
  },
);

const explicitBlock = body({
  buckets: attr(list(duration), { default: DEFAULT_BUCKETS, doc: 'Upper bounds of the buckets.' }),
});

const histogramBlock = body(
  {
    disable: attr(bool, { default: false, doc: 'Whether the duration metric is left out.' }),
    unit: attr(oneOf('ms', 's'), { default: 'ms', doc: 'Unit of durations.' }),
    exponential: block(exponentialBlock, {
      optional: true,
      otelcol: { emptyIsSet: true },
      doc: 'Exponential histograms: buckets that fit themselves to the values.',
    }),
    explicit: block(explicitBlock, {
      optional: true,
      otelcol: { emptyIsSet: true },
      doc: 'Histograms with the given buckets.',
    }),
    dimension: block(dimensionBlock, {
      many: true,
      otelcol: { key: 'dimensions' },
      doc: 'A dimension of the duration metric only.',
    }),
  },
  (args, error) => {
    if (args.exponential !== undefined && args.explicit !== undefined)
      error('explicit', 'only one of exponential or explicit histogram configuration can be specified');
    if (args.exponential === undefined && args.explicit === undefined)
      error('explicit', 'either exponential or explicit histogram configuration must be specified');
    checkDimensions(args.dimension, 'histogram dimensions', (message, i) => error('dimension', message, i));
  },
);

const exemplarsBlock = body({
  enabled: attr(bool, { default: false, doc: 'Whether points carry exemplars: spans that were counted in them.' }),
  max_per_data_point: attr(int, {
    default: 5,
    doc: 'Most exemplars of a point between two flushes; the first ones are kept. At most 100.',
  }),
});

const eventsBlock = body(
  {
    enabled: attr(bool, { default: false, doc: 'Whether the events of spans are counted in a metric of their own.' }),
    dimension: block(dimensionBlock, {
      many: true,
      otelcol: { key: 'dimensions' },
      doc: 'A dimension of the events metric: an attribute of the span, the event or the resource.',
    }),
  },
  (args, error) => {
    if (!args.enabled) return;
    if (args.dimension.length === 0)
      error('enabled', 'failed validating event dimensions: no dimensions configured for events');
    checkDimensions(args.dimension, 'event dimensions', (message, i) => error('dimension', message, i));
  },
);

export const args = body(
  {
    dimension: block(dimensionBlock, {
      many: true,
      otelcol: { key: 'dimensions' },
      doc: 'A dimension of all metrics, beside the service, span name, span kind and status code.',
    }),
    calls_dimension: block(dimensionBlock, {
      many: true,
      otelcol: { key: 'calls_dimensions' },
      doc: 'A dimension of the calls metric only.',
    }),
    exclude_dimensions: attr(list(string), {
      default: [],
      doc: 'Which of `service.name`, `span.name`, `span.kind`, `status.code`, `collector.instance.id` metrics do not have.',
    }),
    dimensions_cache_size: attr(int, {
      default: 0,
      deprecated: 'it has no effect and is kept for old configurations',
      doc: 'Size of a cache.',
    }),
    resource_metrics_cache_size: attr(int, {
      default: 1000,
      doc: 'Most resources whose metrics are kept; the one used least recently is sent once more and goes.',
    }),
    resource_metrics_key_attributes: attr(list(string), {
      default: [],
      doc: 'Resource attributes that tell resources apart. All when empty.',
    }),
    aggregation_cardinality_limit: attr(int, {
      default: 0,
      doc: 'Most series of a resource and metric; spans past it count in one series more, with `otel.metric.overflow`. 0 means no limit of its own.',
    }),
    aggregation_temporality: attr(oneOf('CUMULATIVE', 'DELTA'), {
      default: 'CUMULATIVE',
      doc: 'Whether a point says what was counted since the start, or since the last flush.',
    }),
    histogram: block(histogramBlock, { required: true, doc: 'The duration metric.' }),
    metrics_flush_interval: attr(duration, { default: 60_000, doc: 'How often metrics are sent.' }),
    metrics_expiration: attr(duration, {
      default: 0,
      doc: 'Time without spans after which the metrics of a resource go. 0 means never.',
    }),
    series_expiration: attr(duration, {
      default: 0,
      doc: 'Time without spans after which a series goes. 0 means never.',
    }),
    metric_timestamp_cache_size: attr(int, {
      default: 1000,
      doc: 'DELTA only: how many series are remembered for the start time of their next point.',
    }),
    namespace: attr(string, { default: 'traces.span.metrics', doc: 'What the names of the metrics begin with.' }),
    exemplars: block(exemplarsBlock, { doc: 'Exemplars of all metrics.' }),
    events: block(eventsBlock, { doc: 'The events metric.' }),
    output: outputBlock,
    debug_metrics: debugMetricsBlock,
    include_instrumentation_scope: attr(list(string), {
      default: [],
      doc: 'Names of instrumentation scopes that are shown as `span.instrumentation.scope.name` and `.version`.',
    }),
    include_collector_instance_id: attr(bool, {
      default: false,
      otelcol: { key: null },
      doc: 'Whether metrics have `collector.instance.id`, which tells instances of the collector apart.',
    }),
  },
  (a, error) => {
    checkDimensions(a.dimension, 'dimensions', (message, i) => error('dimension', message, i));
    checkDimensions(a.calls_dimension, 'calls dimensions', (message, i) => error('calls_dimension', message, i));
    if (a.metrics_flush_interval <= 0) error('metrics_flush_interval', 'metrics_flush_interval must be greater than 0');
    if (a.metrics_expiration < 0) error('metrics_expiration', 'metrics_expiration must not be negative');
    if (a.series_expiration < 0) error('series_expiration', 'series_expiration must not be negative');
    if (a.aggregation_cardinality_limit < 0)
      error('aggregation_cardinality_limit', 'aggregation_cardinality_limit must not be negative');
    if (a.resource_metrics_cache_size <= 0)
      error('resource_metrics_cache_size', 'resource_metrics_cache_size must be greater than 0');
    if (a.aggregation_temporality === 'DELTA' && a.metric_timestamp_cache_size <= 0)
      error(
        'metric_timestamp_cache_size',
        `invalid delta timestamp cache size: ${a.metric_timestamp_cache_size}, the maximum number of the items in the cache should be positive`,
      );
  },
  { collectorOnly: ['add_resource_attributes', 'enable_metrics_sampling_method'] },
);
export type Args = Infer<typeof args>;
