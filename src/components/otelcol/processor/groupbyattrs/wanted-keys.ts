/** Finds those of an item's attributes that are configured: by length first, then byte by byte. For validated bytes; reused. */
import { KEY_VALUE } from '#codec/otlp/fields.ts';
import { Reader } from '#codec/protobuf/reader.ts';

export class WantedKeys {
  readonly count: number;
  /** Of each key: the KeyValue found last, -1 if there was none. */
  readonly starts: Int32Array;
  readonly stops: Int32Array;
  readonly #keys: readonly Buffer[];
  readonly #longest: number;
  readonly #pair = new Reader();

  /** Empty keys and keys that were named before are left out, as in the Collector. */
  constructor(keys: readonly string[]) {
    this.#keys = [...new Set(keys)].filter((key) => key !== '').map((key) => Buffer.from(key));
    this.count = this.#keys.length;
    this.#longest = Math.max(0, ...this.#keys.map(({ length }) => length));
    this.starts = new Int32Array(this.count);
    this.stops = new Int32Array(this.count);
  }

  forget(): void {
    this.starts.fill(-1);
  }

  /** Notes the KeyValue `buf[start, stop)` if its key is wanted; of several with one key the first counts. */
  note(buf: Buffer, start: number, stop: number): boolean {
    const key = this.indexOf(buf, start, stop);
    if (key < 0) return false;
    if (this.starts[key] < 0) {
      this.starts[key] = start;
      this.stops[key] = stop;
    }
    return true;
  }

  /** Which of the keys the KeyValue `buf[start, stop)` has, or -1. */
  indexOf(buf: Buffer, start: number, stop: number): number {
    if (this.count === 0) return -1;
    const pair = this.#pair.reset(buf, start, stop);
    let from = start;
    let length = 0;
    // Encoders write the key first, and once.
    while (pair.next())
      if (pair.field === KEY_VALUE.key) {
        from = pair.start;
        length = pair.stop - from;
        if (length > this.#longest) return -1;
        if (pair.fieldStart === start) break;
      }
    for (let k = 0; k < this.count; k++) {
      const key = this.#keys[k];
      if (key.length === length && isSame(buf, from, key)) return k;
    }
    return -1;
  }
}

function isSame(buf: Buffer, start: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (buf[start + i] !== key[i]) return false;
  return true;
}
