/**
 * The labels of a series while it is made: collected in any order, then sorted by name and written as the `labels` of a
 * TimeSeries. The series of one histogram differ only in their name and in `le`, so these two are left out of the set and
 * filled in at each write, between bytes that are encoded once.
 *
 * Of labels with one name the last counts; if its value is empty there is no such label. Reused; one thread.
 */
import { isUtf8 } from 'node:buffer';
import { Writer } from '../protobuf/writer.ts';
import { LABEL, TIME_SERIES } from './fields.ts';

export const NAME_LABEL = '__name__';
/** The label in which the series of one data point differ. */
export type Boundary = 'le' | 'quantile';

export class LabelSet {
  /** In the order of arrival. A value is a range of bytes, or text where `from` is null. */
  readonly #names: string[] = [];
  readonly #texts: string[] = [];
  readonly #from: (Buffer | null)[] = [];
  readonly #starts: number[] = [];
  readonly #stops: number[] = [];
  #count = 0;
  readonly #order: number[] = [];
  readonly #encoded = new Writer();
  /** Where in `encoded` the labels that are filled in belong. */
  #nameAt = 0;
  #boundaryAt = 0;
  #boundary: Boundary | null = null;

  /** How many were added; give it to {@link truncate} to take back what came later. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of the sealed labels. */
  get size(): number {
    return this.#encoded.length;
  }

  truncate(count: number): void {
    this.#from.fill(null, count, this.#count);
    this.#count = count;
  }

  add(name: string, text: string): void {
    const at = this.#count++;
    this.#names[at] = name;
    this.#texts[at] = text;
    this.#from[at] = null;
    this.#starts[at] = 0;
    this.#stops[at] = text.length;
  }

  /** A value that lies in `from`; it is read at {@link seal}. Bytes that are not UTF-8 become U+FFFD. */
  addBytes(name: string, from: Buffer, start: number, stop: number): void {
    if (!isAscii(from, start, stop) && !isUtf8(from.subarray(start, stop)))
      return this.add(name, from.toString('utf8', start, stop));
    const at = this.#count++;
    this.#names[at] = name;
    this.#texts[at] = '';
    this.#from[at] = from;
    this.#starts[at] = start;
    this.#stops[at] = stop;
  }

  /** Sorts and encodes all but the name and `boundary`, which come with each {@link write}. */
  seal(boundary: Boundary | null): void {
    this.#sort();
    const out = this.#encoded.reset();
    this.#boundary = boundary;
    this.#nameAt = -1;
    this.#boundaryAt = -1;
    for (let i = 0; i < this.#count; i++) {
      const at = this.#order[i];
      const name = this.#names[at];
      if (i + 1 < this.#count && this.#names[this.#order[i + 1]] === name) continue;
      if (name === NAME_LABEL || name === boundary || this.#starts[at] === this.#stops[at]) continue;
      if (this.#nameAt < 0 && name > NAME_LABEL) this.#nameAt = out.length;
      if (boundary !== null && this.#boundaryAt < 0 && name > boundary) this.#boundaryAt = out.length;
      const from = this.#from[at];
      const mark = out.begin(TIME_SERIES.labels);
      out.string(LABEL.name, name);
      if (from === null) out.string(LABEL.value, this.#texts[at]);
      else out.bytes(LABEL.value, from, this.#starts[at], this.#stops[at]);
      out.end(mark);
    }
    if (this.#nameAt < 0) this.#nameAt = out.length;
    if (this.#boundaryAt < 0) this.#boundaryAt = out.length;
  }

  /** Writes the sealed labels as those of a series with this name; `boundary`: value of the label that `seal` named, '' = without. */
  write(out: Writer, name: string, boundary: string): void {
    const sealed = this.#encoded;
    out.append(sealed, 0, this.#nameAt);
    writeLabel(out, NAME_LABEL, name);
    if (this.#boundary === null || boundary === '') return out.append(sealed, this.#nameAt, sealed.length);
    out.append(sealed, this.#nameAt, this.#boundaryAt);
    writeLabel(out, this.#boundary, boundary);
    out.append(sealed, this.#boundaryAt, sealed.length);
  }

  /** By name, then by arrival. Sets are short and often nearly in order; a long one is left to the engine. */
  #sort(): void {
    const names = this.#names;
    const order = this.#order;
    order.length = this.#count;
    for (let i = 0; i < order.length; i++) order[i] = i;
    if (order.length > 48) {
      order.sort((a, b) => (names[a] < names[b] ? -1 : names[a] > names[b] ? 1 : a - b));
      return;
    }
    for (let i = 1; i < order.length; i++) {
      const moved = order[i];
      const name = names[moved];
      let at = i;
      for (; at > 0 && names[order[at - 1]] > name; at--) order[at] = order[at - 1];
      order[at] = moved;
    }
  }
}

export function writeLabel(out: Writer, name: string, value: string): void {
  const mark = out.begin(TIME_SERIES.labels);
  out.string(LABEL.name, name);
  out.string(LABEL.value, value);
  out.end(mark);
}

function isAscii(buf: Buffer, start: number, stop: number): boolean {
  for (let i = start; i < stop; i++) if (buf[i] > 0x7f) return false;
  return true;
}
