/**
 * Makes a request of metrics out of another: metrics that nobody wants to edit are copied as they came, points of the others are kept,
 * replaced or left out one by one. Messages that lose all they had (metrics, scopes, resources) go too.
 *
 *     request   1 entry*         entry    1 resource  2 scope entry*  ...        metric   1 name  ...  5|7|9|10|11 data
 *               scope entry      1 scope  2 metric*   ...                        data     1 point*  2 temporality  3 monotonic
 *
 * For validated bytes. Worker threads; reused.
 */
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { countPoints } from '#codec/otlp/count.ts';
import { ENTRY, METRIC_DATA, REQUEST, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { GAUGE, Metric, NONE, Point, SUMMARY } from './metric.ts';

/** What becomes of a point. REPLACED: its new content was written. */
export const KEPT = 0;
export const LEFT_OUT = 1;
export const REPLACED = 2;

export interface MetricEdits {
  /** Whether its points are looked at; else it stays as it is. */
  wants(metric: Metric): boolean;
  /** KEPT, LEFT_OUT or REPLACED; in the last case `out` was given the fields of the new point. */
  point(metric: Metric, point: Point, out: Writer): number;
  /** Temporality of metrics that were looked at; null: as it was. */
  readonly temporality: number | null;
}

export class MetricsEditor {
  readonly #out = new Writer();
  readonly #metric = new Metric();
  readonly #point = new Point();
  readonly #request = new Reader();
  readonly #entry = new Reader();
  readonly #scope = new Reader();
  readonly #inMetric = new Reader();
  readonly #data = new Reader();
  #touched = false;
  /** Points in the result. */
  items = 0;

  /** The edited request in memory of its own; the same bytes if no metric was wanted; null if no point is left. */
  run(bytes: Buffer, edits: MetricEdits): Buffer | null {
    const out = this.#out.reset();
    this.items = 0;
    this.#touched = false;
    const request = this.#request.reset(bytes, 0, bytes.length);
    while (request.next()) {
      if (request.field !== REQUEST.entries || request.wire !== LENGTH) out.raw(bytes, request.fieldStart, request.pos);
      else this.#editEntry(bytes, request.start, request.stop, edits);
    }
    if (this.items === 0) return null;
    return this.#touched ? out.finish() : bytes;
  }

  #editEntry(buf: Buffer, start: number, stop: number, edits: MetricEdits): void {
    const out = this.#out;
    const before = out.length;
    const mark = out.begin(REQUEST.entries);
    const reader = this.#entry;
    this.#metric.entryStart = start;
    this.#metric.entryStop = stop;
    this.#metric.resource(buf, start, start);
    for (reader.reset(buf, start, stop); reader.next();) {
      if (reader.field === ENTRY.resource && reader.wire === LENGTH)
        this.#metric.resource(buf, reader.start, reader.stop);
    }
    let left = 0;
    for (reader.reset(buf, start, stop); reader.next();) {
      if (reader.field !== ENTRY.scopes || reader.wire !== LENGTH) out.raw(buf, reader.fieldStart, reader.pos);
      else left += this.#editScope(buf, reader.start, reader.stop, edits);
    }
    if (left > 0) out.end(mark);
    else out.cut(before);
  }

  /** Metrics left. */
  #editScope(buf: Buffer, start: number, stop: number, edits: MetricEdits): number {
    const out = this.#out;
    const before = out.length;
    const mark = out.begin(ENTRY.scopes);
    const reader = this.#scope;
    this.#metric.scopeStart = start;
    this.#metric.scopeStop = stop;
    this.#metric.scope(buf, start, start);
    for (reader.reset(buf, start, stop); reader.next();) {
      if (reader.field === SCOPE_ENTRY.scope && reader.wire === LENGTH)
        this.#metric.scope(buf, reader.start, reader.stop);
    }
    let left = 0;
    for (reader.reset(buf, start, stop); reader.next();) {
      if (reader.field !== SCOPE_ENTRY.items || reader.wire !== LENGTH) out.raw(buf, reader.fieldStart, reader.pos);
      else if (this.#editMetric(buf, edits)) left++;
    }
    if (left > 0) out.end(mark);
    else out.cut(before);
    return left;
  }

  /** The metric at which the reader of the scope stands; whether it is still there. */
  #editMetric(buf: Buffer, edits: MetricEdits): boolean {
    const out = this.#out;
    const { start, stop, fieldStart, pos } = this.#scope;
    const metric = this.#metric.reset(buf, start, stop);
    if (metric.kind === NONE || !edits.wants(metric)) {
      out.raw(buf, fieldStart, pos);
      this.items += countPoints(buf, start, stop);
      return true;
    }
    this.#touched = true;
    const before = out.length;
    const mark = out.begin(SCOPE_ENTRY.items);
    const reader = this.#inMetric.reset(buf, start, stop);
    let points = 0;
    while (reader.next()) {
      if (reader.field !== metric.kind || reader.wire !== LENGTH) out.raw(buf, reader.fieldStart, reader.pos);
      else points += this.#editData(buf, reader.start, reader.stop, edits);
    }
    this.items += points;
    if (points > 0) out.end(mark);
    else out.cut(before);
    return points > 0;
  }

  /** Points left. */
  #editData(buf: Buffer, start: number, stop: number, edits: MetricEdits): number {
    const out = this.#out;
    const metric = this.#metric;
    const mark = out.begin(metric.kind);
    const reader = this.#data.reset(buf, start, stop);
    const { temporality } = edits;
    let points = 0;
    while (reader.next()) {
      if (reader.field === METRIC_DATA.dataPoints && reader.wire === LENGTH) {
        if (this.#editPoint(edits)) points++;
      } else if (reader.field !== METRIC_DATA.aggregationTemporality || temporality === null)
        out.raw(buf, reader.fieldStart, reader.pos);
    }
    if (temporality !== null && metric.kind !== GAUGE && metric.kind !== SUMMARY)
      out.uint32(METRIC_DATA.aggregationTemporality, temporality);
    out.end(mark);
    return points;
  }

  #editPoint(edits: MetricEdits): boolean {
    const out = this.#out;
    const { buf, start, stop, fieldStart, pos } = this.#data;
    const before = out.length;
    const mark = out.begin(METRIC_DATA.dataPoints);
    const became = edits.point(this.#metric, this.#point.reset(this.#metric.kind, buf, start, stop), out);
    if (became === REPLACED) {
      out.end(mark);
      return true;
    }
    out.cut(before);
    if (became === KEPT) out.raw(buf, fieldStart, pos);
    return became === KEPT;
  }
}
