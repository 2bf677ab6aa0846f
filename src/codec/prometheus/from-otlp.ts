/**
 * ExportMetricsServiceRequest to WriteRequest (semantics 16; Alloy `otelcol.exporter.prometheus`). Every data point becomes the
 * series of its metric:
 *
 *     gauge, sum that is not monotonic   name                       histogram     name_sum, name_count, name_bucket{le}
 *     monotonic sum                      name_total                 summary       name_sum, name_count, name{quantile}
 *                                                                   exponential   name, a native histogram
 *
 * The labels of a series are job and instance (of the resource), scope, attributes of the point, and where asked for those of the
 * resource. Start times are not used. Sums and histograms that are not cumulative, and points that cannot be told in Prometheus's
 * terms, have no series and are counted by reason.
 */
import {
  ENTRY,
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  METRIC_DATA,
  NUMBER_POINT,
  REQUEST,
  RESOURCE,
  SCOPE,
  SCOPE_ENTRY,
  SUMMARY_POINT,
} from '../otlp/fields.ts';
import { MessageView, Occurrences } from '../otlp/view.ts';
import { Writer } from '../protobuf/writer.ts';
import { AttributeLabels, type Attribute } from './attribute-labels.ts';
import { METRIC_TYPE, WRITE_REQUEST } from './fields.ts';
import { LabelSet, type Boundary } from './label-set.ts';
import { MetadataMemory } from './metadata-memory.ts';
import { labelName, metricName, type MetricKind } from './names.ts';
import { PointSeries, type DropReason } from './point-series.ts';
import { epochMs, writeSample } from './values.ts';

export interface FromOtlpOptions {
  /** Units, `total` and `ratio` in names. */
  readonly suffixes: boolean;
  readonly targetInfo: boolean;
  readonly scopeInfo: boolean;
  readonly scopeLabels: boolean;
  /** Resource attributes are labels of every series. */
  readonly resourceLabels: boolean;
  /** `target_info` has also the attributes that job and instance are made of. */
  readonly keepIdentifying: boolean;
  /** Histograms with explicit bounds are native ones with custom buckets. */
  readonly customBuckets: boolean;
  /** The type, help and unit of a metric family go with its first series. */
  readonly metadata: boolean;
}

/** A part of what a request becomes; a request of usual size has one. */
export interface Chunk {
  /** A WriteRequest in memory of its own. */
  readonly bytes: Buffer;
  /** Samples and histograms in it; 0 in the last chunk when only points without series were left. */
  readonly items: number;
  /** Data points of the request that were read up to its end: where to go on. */
  readonly points: number;
  /** Points without series since the chunk before, by reason. */
  readonly dropped: ReadonlyMap<DropReason, number>;
  /** Families whose metadata it has; give them to {@link FromOtlp.forget} when it was not taken. */
  readonly families: readonly string[];
}

/** From this size on a chunk is ended at the next point. */
export const CHUNK_BYTES = 4 << 20;

const SERVICE_NAME = 'service.name';
const SERVICE_NAMESPACE = 'service.namespace';
const SERVICE_INSTANCE = 'service.instance.id';
const IDENTIFYING: readonly string[] = [SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_INSTANCE];

/** Reused for request after request, one at a time; remembers keys and families (bounded). One thread. */
export class FromOtlp {
  readonly #options: FromOtlpOptions;
  readonly #out = new Writer(1 << 16);
  readonly #labels = new LabelSet();
  readonly #info = new LabelSet();
  readonly #attributes = new AttributeLabels();
  readonly #points = new PointSeries(this.#out, this.#labels);
  readonly #metadata = new MetadataMemory();
  readonly #point = new MessageView();
  #dropped = new Map<DropReason, number>();
  #families: string[] = [];
  #items = 0;
  /** Data points read so far, and how many of them an earlier call has given already. */
  #read = 0;
  #skip = 0;
  #nowMs = 0;
  /** Of the resource and the scope that are being read. */
  #target: Target = NO_TARGET;
  #scope: Scope = NO_SCOPE;
  #targetTold = false;
  #scopeTold = false;

  constructor(options: FromOtlpOptions) {
    this.#options = options;
  }

  /**
   * The request as WriteRequests, made as they are asked for; stop asking to stop. `skip`: data points that are left out, because
   * chunks of an earlier call hold them. `nowMs`: for info metrics and points without a time. For validated bytes.
   */
  *convert(bytes: Buffer, nowMs: number, skip = 0): Generator<Chunk, void, undefined> {
    this.#begin();
    this.#read = 0;
    this.#skip = skip;
    this.#nowMs = nowMs;
    const request = new MessageView().reset(bytes, 0, bytes.length);
    const entry = new MessageView();
    for (const entries = new Occurrences().over(request, REQUEST.entries); entries.next();)
      yield* this.#entry(entry.reset(bytes, entries.start, entries.stop));
    if (this.#items > 0 || this.#dropped.size > 0) yield this.#chunk();
  }

  /** These families are announced again: what announced them was not taken. */
  forget(families: readonly string[]): void {
    this.#metadata.forget(families);
  }

  *#entry(entry: MessageView): Generator<Chunk, void, undefined> {
    const resource = new MessageView().reset(entry.buf, entry.start(ENTRY.resource), entry.stop(ENTRY.resource));
    this.#target = targetOf(this.#attributes.read(resource, RESOURCE.attributes));
    this.#targetTold = !this.#options.targetInfo;
    const scopeEntry = new MessageView();
    const metric = new MessageView();
    for (const scopes = new Occurrences().over(entry, ENTRY.scopes); scopes.next();) {
      scopeEntry.reset(entry.buf, scopes.start, scopes.stop);
      this.#beginScope(scopeEntry);
      for (const metrics = new Occurrences().over(scopeEntry, SCOPE_ENTRY.items); metrics.next();)
        yield* this.#metric(metric.reset(entry.buf, metrics.start, metrics.stop));
    }
  }

  #beginScope(scopeEntry: MessageView): void {
    const [start, stop] = [scopeEntry.start(SCOPE_ENTRY.scope), scopeEntry.stop(SCOPE_ENTRY.scope)];
    const scope = new MessageView().reset(scopeEntry.buf, start, stop);
    this.#scope = { name: scope.string(SCOPE.name), version: scope.string(SCOPE.version), view: scope };
    this.#scopeTold = !this.#options.scopeInfo;
    this.#labels.truncate(0);
    this.#targetLabels(this.#labels);
    if (this.#options.scopeLabels) this.#scopeLabels(this.#labels);
  }

  *#metric(metric: MessageView): Generator<Chunk, void, undefined> {
    const shape = shapeOf(metric);
    if (shape === null) return;
    const data = new MessageView().reset(metric.buf, metric.start(shape.field), metric.stop(shape.field));
    const count = data.count(METRIC_DATA.dataPoints);
    if (this.#read + count <= this.#skip) {
      this.#read += count;
      return;
    }
    const kind = kindOf(shape, data);
    const unit = metric.string(METRIC.unit);
    const name = kind === null ? '' : metricName(metric.string(METRIC.name), unit, kind, this.#options.suffixes);
    if (kind === null || name === '') {
      this.#drop(kind === null ? 'temporality' : 'name', count);
      this.#read += count;
      return;
    }
    let announced = !this.#options.metadata;
    const base = this.#labels.count;
    const boundary = this.#options.customBuckets && shape.boundary === 'le' ? null : shape.boundary;
    for (const points = new Occurrences().over(data, METRIC_DATA.dataPoints); points.next();) {
      if (this.#read++ < this.#skip) continue;
      const point = this.#point.reset(metric.buf, points.start, points.stop);
      this.#attributes.addTo(this.#labels, point, shape.attributes);
      if (this.#options.resourceLabels)
        for (const { name: label, value } of this.#target.attributes) this.#labels.add(label, value);
      this.#labels.seal(boundary);
      this.#labels.truncate(base);
      const written = this.#write(shape, kind, point, name);
      if (typeof written === 'number') {
        this.#items += written;
        this.#tell();
        if (!announced) this.#announce(name, TYPES[kind], metric.string(METRIC.description), unit);
        announced = true;
      } else this.#drop(written, 1);
      if (this.#out.length >= CHUNK_BYTES) {
        yield this.#chunk();
        this.#begin();
        // A part can be understood without the others.
        this.#targetTold = !this.#options.targetInfo;
        this.#scopeTold = !this.#options.scopeInfo;
      }
    }
  }

  #write(shape: Shape, kind: MetricKind, point: MessageView, name: string): number | DropReason {
    const ms = epochMs(point, shape.time) || this.#nowMs;
    switch (shape.field) {
      case METRIC.histogram:
        return this.#options.customBuckets
          ? this.#points.customBuckets(point, name, ms)
          : this.#points.histogram(point, name, ms);
      case METRIC.exponentialHistogram:
        return this.#points.exponential(point, name, ms);
      case METRIC.summary:
        return this.#points.summary(point, name, ms);
      default:
        return this.#points.number(point, name, ms, kind === 'counter');
    }
  }

  /** Info metrics come with the first series of their resource or scope. */
  #tell(): void {
    if (!this.#targetTold) this.#tellTarget();
    if (!this.#scopeTold) this.#tellScope();
  }

  #tellTarget(): void {
    this.#targetTold = true;
    const info = this.#info;
    info.truncate(0);
    this.#targetLabels(info);
    for (const { key, name, value } of this.#target.attributes)
      if (this.#options.keepIdentifying || !IDENTIFYING.includes(key)) info.add(name, value);
    info.seal(null);
    // Without any label it would be the same series for all who say nothing of themselves.
    if (info.size > 0) this.#infoSeries('target_info', 'Target metadata');
  }

  #tellScope(): void {
    this.#scopeTold = true;
    const info = this.#info;
    info.truncate(0);
    this.#targetLabels(info);
    this.#scopeLabels(info);
    this.#attributes.addTo(info, this.#scope.view, SCOPE.attributes);
    info.seal(null);
    this.#infoSeries('otel_scope_info', '');
  }

  #infoSeries(name: string, help: string): void {
    const mark = this.#out.begin(WRITE_REQUEST.timeseries);
    this.#info.write(this.#out, name, '');
    writeSample(this.#out, 1, this.#nowMs);
    this.#out.end(mark);
    this.#items++;
    if (this.#options.metadata) this.#announce(name, METRIC_TYPE.gauge, help, '');
  }

  #targetLabels(labels: LabelSet): void {
    labels.add('job', this.#target.job);
    labels.add('instance', this.#target.instance);
  }

  #scopeLabels(labels: LabelSet): void {
    labels.add('otel_scope_name', this.#scope.name);
    labels.add('otel_scope_version', this.#scope.version);
  }

  #announce(name: string, type: number, help: string, unit: string): void {
    if (this.#metadata.announce(this.#out, name, type, help, unit, this.#nowMs)) this.#families.push(name);
  }

  #drop(reason: DropReason, points: number): void {
    if (points > 0) this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + points);
  }

  #begin(): void {
    this.#out.reset();
    this.#dropped = new Map();
    this.#families = [];
    this.#items = 0;
  }

  #chunk(): Chunk {
    const bytes = this.#out.finish();
    return { bytes, items: this.#items, points: this.#read, dropped: this.#dropped, families: this.#families };
  }
}

/** What a resource says of who measures. Names are those of labels. */
interface Target {
  readonly job: string;
  readonly instance: string;
  readonly attributes: readonly (Attribute & { readonly name: string })[];
}
const NO_TARGET: Target = { job: '', instance: '', attributes: [] };

function targetOf(attributes: readonly Attribute[]): Target {
  const valueOf = (key: string): string | undefined => attributes.find((attribute) => attribute.key === key)?.value;
  const service = valueOf(SERVICE_NAME);
  const namespace = valueOf(SERVICE_NAMESPACE);
  const job = service === undefined || namespace === undefined ? (service ?? '') : `${namespace}/${service}`;
  const named = attributes.map(({ key, value }) => ({ key, value, name: labelName(key) }));
  return { job, instance: valueOf(SERVICE_INSTANCE) ?? '', attributes: named.filter(({ name }) => name !== '') };
}

interface Scope {
  readonly name: string;
  readonly version: string;
  readonly view: MessageView;
}
const NO_SCOPE: Scope = { name: '', version: '', view: new MessageView() };

/** Where the parts of a metric lie that has its data in `field`. */
interface Shape {
  readonly field: number;
  readonly kind: MetricKind;
  readonly attributes: number;
  readonly time: number;
  readonly boundary: Boundary | null;
  readonly temporality: boolean;
}
const number = { attributes: NUMBER_POINT.attributes, time: NUMBER_POINT.timeUnixNano, boundary: null };
const SHAPES: readonly Shape[] = [
  { ...number, field: METRIC.gauge, kind: 'gauge', temporality: false },
  { ...number, field: METRIC.sum, kind: 'updown', temporality: true },
  {
    field: METRIC.histogram,
    kind: 'histogram',
    attributes: HISTOGRAM_POINT.attributes,
    time: HISTOGRAM_POINT.timeUnixNano,
    boundary: 'le',
    temporality: true,
  },
  {
    field: METRIC.exponentialHistogram,
    kind: 'histogram',
    attributes: EXPONENTIAL_POINT.attributes,
    time: EXPONENTIAL_POINT.timeUnixNano,
    boundary: null,
    temporality: true,
  },
  {
    field: METRIC.summary,
    kind: 'summary',
    attributes: SUMMARY_POINT.attributes,
    time: SUMMARY_POINT.timeUnixNano,
    boundary: 'quantile',
    temporality: false,
  },
];
const CUMULATIVE = 2;
const TYPES: Readonly<Record<MetricKind, number>> = {
  counter: METRIC_TYPE.counter,
  gauge: METRIC_TYPE.gauge,
  updown: METRIC_TYPE.gauge,
  histogram: METRIC_TYPE.histogram,
  summary: METRIC_TYPE.summary,
};

const shapeOf = (metric: MessageView): Shape | null => SHAPES.find(({ field }) => metric.has(field)) ?? null;

/** null: its temporality is not that of Prometheus. */
function kindOf(shape: Shape, data: MessageView): MetricKind | null {
  if (shape.temporality && data.uint32(METRIC_DATA.aggregationTemporality) !== CUMULATIVE) return null;
  return shape.field === METRIC.sum && data.bool(METRIC_DATA.isMonotonic) ? 'counter' : shape.kind;
}
