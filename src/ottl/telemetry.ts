/**
 * Where an expression looks: one item of a batch and what it is in. Whoever walks a batch says where the messages lie; a table of one
 * is made when an expression asks for it, so that what nobody reads costs two assignments.
 */
import { EditSpace } from '#codec/otlp/address.ts';
import type { METRIC } from '#codec/otlp/fields.ts';
import { Message } from '#codec/otlp/message.ts';
import { fail } from './error.ts';
import type { Value, ValueMap } from './value.ts';

/** Field numbers of the kinds of metric data; 0 = a metric without data. */
export type PointKind =
  | 0
  | typeof METRIC.gauge
  | typeof METRIC.sum
  | typeof METRIC.histogram
  | typeof METRIC.exponentialHistogram
  | typeof METRIC.summary;

/** Statements that add a metric for each that they add do not go on for ever. */
const MOST_ADDED = 20_000;
const NOTHING: ValueMap = new Map();

export class Telemetry {
  /** The batch, and what was written beside it. */
  readonly space = new EditSpace();
  /** ResourceSpans, ResourceMetrics or ResourceLogs: for the schema URL. */
  readonly resourceEntry = new Message(this.space);
  readonly resource = new Message(this.space);
  readonly scopeEntry = new Message(this.space);
  readonly scope = new Message(this.space);
  readonly span = new Message(this.space);
  /** Of the span; {@link span} says where it is. */
  readonly spanStatus = new Message(this.space);
  readonly spanEvent = new Message(this.space);
  readonly metric = new Message(this.space);
  /** The data of the metric: Gauge, Sum, Histogram, ExponentialHistogram or Summary. */
  readonly metricData = new Message(this.space);
  /** The buckets of the point that are looked at. */
  readonly buckets = new Message(this.space);
  readonly point = new Message(this.space);
  readonly log = new Message(this.space);
  /** Of the metric. */
  pointKind: PointKind = 0;
  /** Position of the span event among those of its span. */
  eventIndex = 0;
  /** The path `cache` of the item at hand. */
  cache: ValueMap = NOTHING;
  /** What `Now()` is: milliseconds since the epoch, the same for a whole batch. */
  nowMs = 0;

  /** Adds a metric to the scope: the SCOPE_ENTRY.items field that was written to the scratch since `mark`. It is visited as the others are. */
  addMetric(mark: number): void {
    if (this.added.length >= MOST_ADDED) fail(`more than ${MOST_ADDED} metrics added to one scope`);
    this.added.push(mark, this.space.end);
  }
  /** Starts and ends of the metrics added to the scope at hand. */
  readonly added: number[] = [];

  /** Another item: what statements have kept is gone. */
  forget(): void {
    this.cache = NOTHING;
  }
}

/** An expression, compiled. Throws EvaluationError when it fails on the item. */
export type Getter<T = Value> = (t: Telemetry) => T;
/** A statement, compiled. Throws likewise. */
export type Run = (t: Telemetry) => void;
