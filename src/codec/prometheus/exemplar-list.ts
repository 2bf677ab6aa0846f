/**
 * Exemplars of one OTLP data point, as those of Prometheus series: labels `span_id` and `trace_id` in hex, other attributes are
 * left out. In the order of their values, since each belongs to the first bucket whose bound is above its value. Reused.
 */
import { EXEMPLAR } from '../otlp/fields.ts';
import { MessageView, Occurrences } from '../otlp/view.ts';
import type { Writer } from '../protobuf/writer.ts';
import { PROM_EXEMPLAR, TIME_SERIES } from './fields.ts';
import { writeLabel } from './label-set.ts';
import { epochMs, intValue, writeDouble, writeMs } from './values.ts';

export class ExemplarList {
  readonly #view = new MessageView();
  readonly #each = new Occurrences();
  readonly #values: number[] = [];
  readonly #times: number[] = [];
  readonly #starts: number[] = [];
  readonly #stops: number[] = [];
  readonly #order: number[] = [];
  /** Of `order`: the next one to write. */
  #next = 0;

  /** Takes those in `field` of `point`; one without a time gets `ms`. */
  read(point: MessageView, field: number, ms: number): void {
    this.#next = 0;
    this.#order.length = 0;
    if (!point.has(field)) {
      this.#values.length = 0;
      return;
    }
    let count = 0;
    const view = this.#view;
    for (const each = this.#each.over(point, field); each.next(); count++) {
      view.reset(point.buf, each.start, each.stop);
      this.#values[count] = view.has(EXEMPLAR.asInt) ? intValue(view, EXEMPLAR.asInt) : view.double(EXEMPLAR.asDouble);
      const own = epochMs(view, EXEMPLAR.timeUnixNano);
      this.#times[count] = own === 0 ? ms : own;
      this.#starts[count] = each.start;
      this.#stops[count] = each.stop;
      this.#order[count] = count;
    }
    const values = this.#values;
    // One that is not a number is above everything.
    const rank = (i: number): number => (Number.isNaN(values[i]) ? Infinity : values[i]);
    if (count > 1) this.#order.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  }

  /** Writes those that are below `bound` and were not written yet into the TimeSeries that `out` is writing. */
  writeBelow(out: Writer, buf: Buffer, bound: number): void {
    while (this.#next < this.#order.length && this.#values[this.#order[this.#next]] < bound)
      this.#write(out, buf, this.#order[this.#next++]);
  }

  /** Writes all that were not written yet. */
  writeRest(out: Writer, buf: Buffer): void {
    while (this.#next < this.#order.length) this.#write(out, buf, this.#order[this.#next++]);
  }

  #write(out: Writer, buf: Buffer, at: number): void {
    const view = this.#view.reset(buf, this.#starts[at], this.#stops[at]);
    const mark = out.begin(TIME_SERIES.exemplars);
    writeId(out, view, EXEMPLAR.spanId, 'span_id');
    writeId(out, view, EXEMPLAR.traceId, 'trace_id');
    writeDouble(out, PROM_EXEMPLAR.value, this.#values[at]);
    writeMs(out, PROM_EXEMPLAR.timestamp, this.#times[at]);
    out.end(mark);
  }
}

/** An id that is all zeros is none. The labels of exemplars and of series have the same field number. */
function writeId(out: Writer, exemplar: MessageView, field: number, name: string): void {
  const hex = exemplar.hex(field);
  if (/[^0]/.test(hex)) writeLabel(out, name, hex);
}
