/**
 * Where an expression looks: one item of a batch and what it is in. Whoever walks a batch says where the messages lie; a view of
 * one is made when an expression asks for it, so that what nobody reads costs two assignments.
 */
import type { METRIC } from '#codec/otlp/fields.ts';
import { MessageView } from '#codec/otlp/view.ts';
import type { Value } from './value.ts';

const NOTHING = Buffer.alloc(0);

/** A message that is looked at when somebody asks. Holds on to the buffer until the next `set`. */
export class Message {
  readonly #view = new MessageView();
  #stale = true;
  buf: Buffer = NOTHING;
  start = 0;
  end = 0;

  set(buf: Buffer, start: number, end: number): void {
    this.buf = buf;
    this.start = start;
    this.end = end;
    this.#stale = true;
  }

  /** An absent message, which is an empty one. */
  clear(): void {
    this.set(NOTHING, 0, 0);
  }

  get view(): MessageView {
    if (this.#stale) {
      this.#view.reset(this.buf, this.start, this.end);
      this.#stale = false;
    }
    return this.#view;
  }
}

/** Field numbers of the kinds of metric data; 0 = a metric without data. */
export type PointKind =
  | 0
  | typeof METRIC.gauge
  | typeof METRIC.sum
  | typeof METRIC.histogram
  | typeof METRIC.exponentialHistogram
  | typeof METRIC.summary;

export class Telemetry {
  /** ResourceSpans, ResourceMetrics or ResourceLogs: for the schema URL. */
  readonly resourceEntry = new Message();
  readonly resource = new Message();
  readonly scopeEntry = new Message();
  readonly scope = new Message();
  readonly span = new Message();
  readonly spanEvent = new Message();
  readonly metric = new Message();
  /** The data of the metric: Gauge, Sum, Histogram, ExponentialHistogram or Summary. */
  readonly metricData = new Message();
  readonly point = new Message();
  readonly log = new Message();
  /** Of the metric. */
  pointKind: PointKind = 0;
  /** Position of the span event among those of its span. */
  eventIndex = 0;
  /** What `Now()` is: milliseconds since the epoch, the same for a whole batch. */
  nowMs = 0;
}

/** An expression, compiled. Throws EvaluationError when it fails on the item. */
export type Getter<T = Value> = (t: Telemetry) => T;
