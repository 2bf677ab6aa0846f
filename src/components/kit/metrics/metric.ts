/** A metric of a request and a point of it, as an editor sees them. Reused from one to the next; nothing is copied. */
import {
  EXPONENTIAL_POINT,
  HISTOGRAM_POINT,
  METRIC,
  METRIC_DATA,
  NUMBER_POINT,
  RESOURCE,
  SCOPE,
} from '#codec/otlp/fields.ts';
import { MessageView } from '#codec/otlp/view.ts';
import { KeyBuilder } from './key.ts';

/** What a metric is: the number of its field in Metric; 0 = it holds nothing. */
export const NONE = 0;
export const GAUGE = METRIC.gauge;
export const SUM = METRIC.sum;
export const HISTOGRAM = METRIC.histogram;
export const EXPONENTIAL = METRIC.exponentialHistogram;
export const SUMMARY = METRIC.summary;
const KINDS: readonly number[] = [GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY];

export const DELTA = 1;
export const CUMULATIVE = 2;

/** Of the flags of a point: it has no value, the stream has ended. */
const NO_RECORDED_VALUE = 1;

export class Metric {
  readonly view = new MessageView();
  readonly #data = new MessageView();
  readonly #resource = new MessageView();
  readonly #scope = new MessageView();
  readonly #key = new KeyBuilder();
  /** Where the parts of the key end; -1: not built. */
  #resourceKeyEnd = -1;
  #scopeKeyEnd = -1;
  #keyText: string | null = null;

  /** Where the messages that it is in lie, and it itself: contents, without tag and length. */
  entryStart = 0;
  entryStop = 0;
  scopeStart = 0;
  scopeStop = 0;
  start = 0;
  stop = 0;

  kind = NONE;
  temporality = 0;
  isMonotonic = false;

  get buf(): Buffer {
    return this.view.buf;
  }
  get name(): string {
    return this.view.string(METRIC.name);
  }
  /** What makes the resource, and the scope in it, the same in another request. */
  get resourceKey(): string {
    this.#buildResource();
    return this.#key.text(this.#resourceKeyEnd);
  }
  get scopeKey(): string {
    this.#buildScope();
    return this.#key.text(this.#scopeKeyEnd);
  }

  /** A Resource message: the metrics that follow are of it. */
  resource(buf: Buffer, start: number, stop: number): void {
    this.#resource.reset(buf, start, stop);
    this.#resourceKeyEnd = this.#scopeKeyEnd = -1;
  }

  /** An InstrumentationScope message. */
  scope(buf: Buffer, start: number, stop: number): void {
    this.#scope.reset(buf, start, stop);
    this.#scopeKeyEnd = -1;
  }

  reset(buf: Buffer, start: number, stop: number): this {
    const view = this.view.reset(buf, start, stop);
    this.start = start;
    this.stop = stop;
    this.#keyText = null;
    this.kind = NONE;
    let at = -1;
    // Of a oneof the last member counts.
    for (const kind of KINDS) {
      if (!view.has(kind) || view.start(kind) < at) continue;
      at = view.start(kind);
      this.kind = kind;
    }
    const data = this.#data.reset(buf, view.start(this.kind), view.stop(this.kind));
    this.temporality = data.uint32(METRIC_DATA.aggregationTemporality);
    this.isMonotonic = data.bool(METRIC_DATA.isMonotonic);
    return this;
  }

  /** What makes it the same metric in another request: resource, scope, name, unit, kind, temporality, monotonicity. */
  get key(): string {
    if (this.#keyText !== null) return this.#keyText;
    this.#buildScope();
    const key = this.#key;
    const { view } = this;
    key.cut(this.#scopeKeyEnd);
    key.bytes(view.buf, view.start(METRIC.name), view.stop(METRIC.name));
    key.bytes(view.buf, view.start(METRIC.unit), view.stop(METRIC.unit));
    key.number((this.kind << 4) | ((this.temporality & 3) << 1) | (this.isMonotonic ? 1 : 0));
    this.#keyText = key.text();
    return this.#keyText;
  }

  #buildScope(): void {
    if (this.#scopeKeyEnd >= 0) return;
    this.#buildResource();
    const key = this.#key;
    const scope = this.#scope;
    key.cut(this.#resourceKeyEnd);
    key.bytes(scope.buf, scope.start(SCOPE.name), scope.stop(SCOPE.name));
    key.bytes(scope.buf, scope.start(SCOPE.version), scope.stop(SCOPE.version));
    key.attributes(scope, SCOPE.attributes);
    this.#scopeKeyEnd = key.length;
  }

  #buildResource(): void {
    if (this.#resourceKeyEnd >= 0) return;
    this.#key.cut(0);
    this.#key.attributes(this.#resource, RESOURCE.attributes);
    this.#resourceKeyEnd = this.#key.length;
  }
}

export class Point {
  readonly view = new MessageView();
  start = 0;
  stop = 0;
  kind = NONE;
  readonly #key = new KeyBuilder();

  reset(kind: number, buf: Buffer, start: number, stop: number): this {
    this.view.reset(buf, start, stop);
    this.start = start;
    this.stop = stop;
    this.kind = kind;
    return this;
  }

  get startNs(): bigint {
    return this.view.uint64(NUMBER_POINT.startTimeUnixNano);
  }
  get timeNs(): bigint {
    return this.view.uint64(NUMBER_POINT.timeUnixNano);
  }
  /** A mark that the stream has ended, without a value. */
  get hasNoValue(): boolean {
    const flags = this.kind === HISTOGRAM || this.kind === EXPONENTIAL ? HISTOGRAM_POINT.flags : NUMBER_POINT.flags;
    return (this.view.uint32(flags) & NO_RECORDED_VALUE) !== 0;
  }

  /** What makes it a point of the same stream of its metric: its attributes. `more`: and these. */
  key(...more: readonly bigint[]): string {
    const field =
      this.kind === EXPONENTIAL
        ? EXPONENTIAL_POINT.attributes
        : this.kind === HISTOGRAM
          ? HISTOGRAM_POINT.attributes
          : NUMBER_POINT.attributes;
    const key = this.#key;
    key.cut(0);
    for (const part of more) {
      key.number(Number(part & 0xffff_ffffn));
      key.number(Number(part >> 32n));
    }
    key.attributes(this.view, field);
    return key.text();
  }
}
