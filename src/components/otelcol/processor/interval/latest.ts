/**
 * The latest point of each stream since it was last taken, as bytes, and around them what a request of them needs: resources, scopes
 * and metrics without what is in them. Points and headers are copied in, so batches may be borrowed.
 */
import { LEFT_OUT, type MetricEdits } from '#components/kit/metrics/edit.ts';
import {
  CUMULATIVE,
  EXPONENTIAL,
  GAUGE,
  HISTOGRAM,
  SUM,
  SUMMARY,
  type Metric,
  type Point,
} from '#components/kit/metrics/metric.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { ENTRY, METRIC_DATA, REQUEST, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import type { Args } from './schema.ts';

/** What a point, and what it is in, take beside their bytes and their keys; measured. */
const POINT_BYTES = 420;
const NODE_BYTES = 700;

interface Latest {
  timeNs: bigint;
  bytes: Buffer;
}
interface MetricNode {
  readonly headers: Buffer;
  readonly kind: number;
  /** Of its gauge, sum, ...: temporality, monotonicity. */
  readonly dataHeaders: Buffer;
  readonly points: Map<string, Latest>;
}
interface ScopeNode {
  readonly headers: Buffer;
  readonly metrics: Map<string, MetricNode>;
}
interface ResourceNode {
  readonly headers: Buffer;
  readonly scopes: Map<string, ScopeNode>;
}

export class LatestPoints implements MetricEdits {
  readonly temporality = null;
  passthrough: Args['passthrough'];
  readonly #resources = new Map<string, ResourceNode>();
  readonly #reader = new Reader();
  readonly #out = new Writer();
  /** The metric that the points that come are of; null: not looked up yet. */
  #node: MetricNode | null = null;
  /** Points held, and the memory for them. */
  size = 0;
  bytes = 0;

  constructor(passthrough: Args['passthrough']) {
    this.passthrough = passthrough;
  }

  wants({ kind, temporality, isMonotonic }: Metric): boolean {
    this.#node = null;
    switch (kind) {
      case GAUGE:
        return !this.passthrough.gauge;
      case SUMMARY:
        return !this.passthrough.summary;
      case SUM:
        return temporality === CUMULATIVE && isMonotonic;
      case HISTOGRAM:
      case EXPONENTIAL:
        return temporality === CUMULATIVE;
      default:
        return false;
    }
  }

  point(metric: Metric, point: Point): number {
    this.#node ??= this.#nodeOf(metric);
    const { points } = this.#node;
    const key = point.key();
    const { timeNs } = point;
    const known = points.get(key);
    if (known === undefined) {
      points.set(key, { timeNs, bytes: copyOf(point) });
      this.size++;
      this.bytes += POINT_BYTES + key.length + point.stop - point.start;
    } else if (timeNs > known.timeNs) {
      this.bytes += point.stop - point.start - known.bytes.length;
      known.timeNs = timeNs;
      known.bytes = copyOf(point);
    }
    return LEFT_OUT;
  }

  /** All points as one request, which are held no longer; null: none are. */
  take(): Buffer | null {
    if (this.size === 0) return null;
    const out = this.#out.reset();
    for (const { headers, scopes } of this.#resources.values()) {
      const entry = out.begin(REQUEST.entries);
      out.raw(headers);
      for (const scope of scopes.values()) this.#writeScope(scope);
      out.end(entry);
    }
    this.#resources.clear();
    this.#node = null;
    this.size = 0;
    this.bytes = 0;
    const bytes = out.finish();
    out.reset();
    return bytes;
  }

  #writeScope({ headers, metrics }: ScopeNode): void {
    const out = this.#out;
    const scope = out.begin(ENTRY.scopes);
    out.raw(headers);
    for (const node of metrics.values()) {
      const metric = out.begin(SCOPE_ENTRY.items);
      out.raw(node.headers);
      const data = out.begin(node.kind);
      out.raw(node.dataHeaders);
      for (const { bytes } of node.points.values()) out.bytes(METRIC_DATA.dataPoints, bytes);
      out.end(data);
      out.end(metric);
    }
    out.end(scope);
  }

  #nodeOf(metric: Metric): MetricNode {
    const { buf } = metric;
    const resource = this.#child(this.#resources, metric.resourceKey, () => ({
      headers: this.#without(buf, metric.entryStart, metric.entryStop, ENTRY.scopes),
      scopes: new Map<string, ScopeNode>(),
    }));
    const scope = this.#child(resource.scopes, metric.scopeKey, () => ({
      headers: this.#without(buf, metric.scopeStart, metric.scopeStop, SCOPE_ENTRY.items),
      metrics: new Map<string, MetricNode>(),
    }));
    return this.#child(scope.metrics, metric.key, () => ({
      headers: this.#without(buf, metric.start, metric.stop, metric.kind),
      kind: metric.kind,
      dataHeaders: this.#without(
        buf,
        metric.view.start(metric.kind),
        metric.view.stop(metric.kind),
        METRIC_DATA.dataPoints,
      ),
      points: new Map<string, Latest>(),
    }));
  }

  #child<N extends { readonly headers: Buffer }>(nodes: Map<string, N>, key: string, make: () => N): N {
    const known = nodes.get(key);
    if (known !== undefined) return known;
    const node = make();
    nodes.set(key, node);
    this.bytes += NODE_BYTES + key.length + node.headers.length;
    return node;
  }

  /** The fields of a message but those with one number. */
  #without(buf: Buffer, start: number, stop: number, field: number): Buffer {
    const out = this.#out.reset();
    const reader = this.#reader.reset(buf, start, stop);
    while (reader.next()) if (reader.field !== field) out.raw(buf, reader.fieldStart, reader.pos);
    return out.finish();
  }
}

function copyOf({ view, start, stop }: Point): Buffer {
  const bytes = Buffer.allocUnsafeSlow(stop - start);
  view.buf.copy(bytes, 0, start, stop);
  return bytes;
}
