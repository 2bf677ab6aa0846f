/**
 * WriteRequest to ExportMetricsServiceRequest (Collector prometheusreceiver, which Alloy's `otelcol.receiver.prometheus` is made
 * of): series become points of the metrics that their families are, of the resource that job and instance name.
 *
 *     counter                              monotonic cumulative sum      gauge, unknown     gauge
 *     info, state set                      cumulative sum                summary            summary
 *     name_bucket, name_sum, name_count    one histogram point           native histogram   exponential, or with custom buckets a histogram
 *
 * `target_info` and `otel_scope_info` give attributes to resources and scopes. The stale marker becomes the flag
 * "no recorded value". Series of one point have to be in one request.
 */
import { METRIC_TYPE } from './fields.ts';
import { FamilyTypes, type Family } from './family-types.ts';
import { PointGroup, type MetricShape } from './point-group.ts';
import { readWriteRequest, type Label, type Series } from './read.ts';
import { writeMetrics, type MetricOut, type ResourceOut, type ScopeOut } from './metrics-writer.ts';

/** Why a sample is in no point. `bounds`: `le` or `quantile` is no number. `count`: of a histogram or summary, it has none. */
export type LostReason = 'name' | 'bounds' | 'count' | 'buckets';
export const LOST_REASONS: readonly LostReason[] = ['name', 'bounds', 'count', 'buckets'];

export interface Converted {
  /** An ExportMetricsServiceRequest. */
  readonly bytes: Buffer;
  /** Data points in it. */
  readonly items: number;
  /** Samples and histograms that are in no point, by reason. */
  readonly lost: ReadonlyMap<LostReason, number>;
}

const TARGET_INFO = 'target_info';
const SCOPE_INFO = 'otel_scope_info';
const SCOPE_NAME = 'otel_scope_name';
const SCOPE_VERSION = 'otel_scope_version';
const SCOPE_URL = 'otel_scope_schema_url';
/** They say where a series comes from, which resource and scope tell. */
const ORIGIN_LABELS: ReadonlySet<string> = new Set([
  'job',
  'instance',
  SCOPE_NAME,
  SCOPE_VERSION,
  SCOPE_URL,
  '__scheme__',
  '__metrics_path__',
]);

/** Remembers metadata from request to request (bounded). One thread. */
export class ToOtlp {
  readonly #families = new FamilyTypes();

  /** For bytes from outside, too: throws a ProtobufError where they are no WriteRequest. */
  convert(bytes: Buffer): Converted {
    const request = readWriteRequest(bytes);
    this.#families.learn(request);
    const build = new Build(this.#families);
    for (const series of request.series) build.add(series);
    return build.finish();
  }
}

interface MetricBuild {
  readonly family: Family;
  readonly shape: MetricShape;
  readonly groups: Map<string, PointGroup>;
}
interface ScopeBuild {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  attributes: readonly Label[];
  readonly metrics: Map<string, MetricBuild>;
}
interface ResourceBuild {
  readonly job: string;
  readonly instance: string;
  attributes: readonly Label[];
  readonly scopes: Map<string, ScopeBuild>;
}

/** One request on its way. */
class Build {
  readonly #families: FamilyTypes;
  readonly #resources = new Map<string, ResourceBuild>();
  readonly #lost = new Map<LostReason, number>();

  constructor(families: FamilyTypes) {
    this.#families = families;
  }

  add(series: Series): void {
    if (series.name === '') return this.#lose('name', series.samples.length + series.histograms.length);
    const resource = this.#resourceOf(series);
    if (series.name === TARGET_INFO) {
      resource.attributes = infoOf(series);
      return;
    }
    const scope = scopeOf(resource, series);
    if (series.name === SCOPE_INFO) {
      scope.attributes = infoOf(series);
      return;
    }
    const family = this.#families.of(series.name);
    if (series.samples.length > 0) this.#samples(series, family, scope);
    for (const histogram of series.histograms) {
      const shape = histogram.schema === CUSTOM_BUCKETS_SCHEMA ? 'histogram' : 'exponential';
      const metric = metricOf(scope, family, shape);
      if (!groupOf(metric, series, histogram.ms).native(histogram)) this.#lose('buckets', 1);
    }
    this.#exemplars(series, family, scope);
  }

  finish(): Converted {
    let items = 0;
    const resources: ResourceOut[] = [];
    for (const { job, instance, attributes, scopes } of this.#resources.values()) {
      const made: ScopeOut[] = [];
      for (const scope of scopes.values()) {
        const metrics: MetricOut[] = [];
        for (const { family, shape, groups } of scope.metrics.values()) {
          const points: PointGroup[] = [];
          for (const group of groups.values()) {
            if (group.isComplete(shape)) points.push(group);
            else this.#lose('count', group.samples);
          }
          items += points.length;
          if (points.length > 0) metrics.push({ family, shape, points });
        }
        if (metrics.length > 0) made.push({ ...scope, metrics });
      }
      if (made.length > 0) resources.push({ job, instance, attributes, scopes: made });
    }
    return { bytes: writeMetrics(resources), items, lost: this.#lost };
  }

  #samples(series: Series, family: Family, scope: ScopeBuild): void {
    const metric = metricOf(scope, family, shapeOf(family.type));
    for (const sample of series.samples) {
      if (!groupOf(metric, series, sample.ms).sample(series, family.family, metric.shape, sample))
        this.#lose('bounds', 1);
    }
  }

  /** They go to the newest point of their series; without one to none. */
  #exemplars(series: Series, family: Family, scope: ScopeBuild): void {
    if (series.exemplars.length === 0) return;
    const native = series.histograms.at(-1);
    const ms = native?.ms ?? series.samples.at(-1)?.ms;
    if (ms === undefined) return;
    let shape = shapeOf(family.type);
    if (native !== undefined) shape = native.schema === CUSTOM_BUCKETS_SCHEMA ? 'histogram' : 'exponential';
    groupOf(metricOf(scope, family, shape), series, ms).exemplars.push(...series.exemplars);
  }

  #resourceOf({ labels }: Series): ResourceBuild {
    const job = valueOf(labels, 'job');
    const instance = valueOf(labels, 'instance');
    const key = `${job}\0${instance}`;
    let found = this.#resources.get(key);
    if (found === undefined) {
      found = { job, instance, attributes: [], scopes: new Map() };
      this.#resources.set(key, found);
    }
    return found;
  }

  #lose(reason: LostReason, samples: number): void {
    if (samples > 0) this.#lost.set(reason, (this.#lost.get(reason) ?? 0) + samples);
  }
}

const CUSTOM_BUCKETS_SCHEMA = -53;

function shapeOf(type: number): MetricShape {
  switch (type) {
    case METRIC_TYPE.counter:
      return 'counter';
    case METRIC_TYPE.histogram:
      return 'histogram';
    case METRIC_TYPE.summary:
      return 'summary';
    case METRIC_TYPE.info:
    case METRIC_TYPE.stateSet:
      return 'sum';
    default:
      return 'gauge';
  }
}

function scopeOf(resource: ResourceBuild, { labels }: Series): ScopeBuild {
  const name = valueOf(labels, SCOPE_NAME);
  const version = valueOf(labels, SCOPE_VERSION);
  const schemaUrl = valueOf(labels, SCOPE_URL);
  const key = `${name}\0${version}\0${schemaUrl}`;
  let found = resource.scopes.get(key);
  if (found === undefined) {
    found = { name, version, schemaUrl, attributes: [], metrics: new Map() };
    resource.scopes.set(key, found);
  }
  return found;
}

function metricOf(scope: ScopeBuild, family: Family, shape: MetricShape): MetricBuild {
  const key = `${shape}\0${family.family}`;
  let found = scope.metrics.get(key);
  if (found === undefined) {
    found = { family, shape, groups: new Map() };
    scope.metrics.set(key, found);
  }
  return found;
}

/** The point at `ms` of the series that differ from this one only in what belongs together. */
function groupOf(metric: MetricBuild, { labels }: Series, ms: number): PointGroup {
  const boundary = metric.shape === 'histogram' ? 'le' : metric.shape === 'summary' ? 'quantile' : '';
  const own = labels.filter(({ name, value }) => name !== boundary && value !== '' && !ORIGIN_LABELS.has(name));
  const key = `${ms}\0${own.map(({ name, value }) => `${name}\0${value}`).join('\0')}`;
  let found = metric.groups.get(key);
  if (found === undefined) {
    found = new PointGroup(own, ms);
    metric.groups.set(key, found);
  }
  return found;
}

const infoOf = ({ labels }: Series): readonly Label[] => labels.filter(({ name }) => !ORIGIN_LABELS.has(name));

const valueOf = (labels: readonly Label[], name: string): string =>
  labels.find((label) => label.name === name)?.value ?? '';
