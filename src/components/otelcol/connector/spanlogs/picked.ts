/** Finds the attributes that are wanted among those of a span, a resource or an event: of equal keys the first counts, as in pdata. */
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { KEY_VALUE } from '#codec/otlp/fields.ts';
import type { Wanted } from './layout.ts';
import type { LineValues } from './line-values.ts';

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;

export class Picked {
  readonly #wanted: readonly Wanted[];
  readonly #pair = new Reader();
  /** By wanted attribute: its AnyValue message; start -1: not found. */
  readonly #start: Int32Array;
  readonly #end: Int32Array;
  #found = 0;

  constructor(wanted: readonly Wanted[]) {
    this.#wanted = wanted;
    this.#start = new Int32Array(wanted.length).fill(-1);
    this.#end = new Int32Array(wanted.length);
  }

  reset(): void {
    if (this.#found > 0) this.#start.fill(-1);
    this.#found = 0;
  }

  /** One attribute: the KeyValue message in `buf[start, stop)`. */
  offer(buf: Buffer, start: number, stop: number): void {
    if (this.#found === this.#wanted.length) return;
    // Nearly every encoder writes the key first: one look at it is enough for an attribute that nobody wants.
    if (stop - start >= 2 && buf[start] === KEY_TAG && buf[start + 1] < 0x80) {
      const keyAt = start + 2;
      const keyEnd = keyAt + buf[start + 1];
      if (keyEnd < stop && buf[keyEnd] === VALUE_TAG && this.#indexOf(buf, keyAt, keyEnd) < 0) return;
    }
    this.#offerAnyForm(buf, start, stop);
  }

  #offerAnyForm(buf: Buffer, start: number, stop: number): void {
    const pair = this.#pair.reset(buf, start, stop);
    let keyAt = start;
    let keyEnd = start;
    let valueAt = stop;
    let valueEnd = stop;
    while (pair.next()) {
      if (pair.wire !== LENGTH) continue;
      if (pair.field === KEY_VALUE.key) {
        keyAt = pair.start;
        keyEnd = pair.stop;
      } else if (pair.field === KEY_VALUE.value) {
        valueAt = pair.start;
        valueEnd = pair.stop;
      }
    }
    // A name may be wanted twice.
    for (let i = this.#indexOf(buf, keyAt, keyEnd); i >= 0; i = this.#indexOf(buf, keyAt, keyEnd)) {
      this.#start[i] = valueAt;
      this.#end[i] = valueEnd;
      this.#found++;
    }
  }

  /** The first wanted attribute of that name that has not been found; -1 if there is none. */
  #indexOf(buf: Buffer, keyAt: number, keyEnd: number): number {
    const wanted = this.#wanted;
    const length = keyEnd - keyAt;
    for (let i = 0; i < wanted.length; i++) {
      const { name } = wanted[i];
      if (name.length === length && this.#start[i] < 0 && sameBytes(name, buf, keyAt)) return i;
    }
    return -1;
  }

  /** Puts what was found into a line, in the order of the configuration. `buf`: what `offer` was given. */
  put(line: LineValues, buf: Buffer): void {
    if (this.#found === 0) return;
    for (let i = 0; i < this.#wanted.length; i++) {
      if (this.#start[i] >= 0) line.value(this.#wanted[i].slot, buf, this.#start[i], this.#end[i]);
    }
  }
}

function sameBytes(a: Buffer, b: Buffer, at: number): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[at + i]) return false;
  return true;
}
