/**
 * Up to 31 keys of attributes that are looked for together: one pass over the attributes of a message tells which of them are there
 * (`Message.present`). Most attributes are told apart by the length of their key alone.
 */
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { skipValue } from '../protobuf/valid-walk.ts';
import { KEY_VALUE } from './fields.ts';

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;

export class AttributeKeys {
  static readonly MOST = 31;
  /** Longer keys (in bytes) cannot be among them. */
  static readonly LONGEST = 127;
  readonly #keys: readonly Buffer[];
  /** By length: a bit for each key that has it. */
  readonly #ofLength = new Int32Array(AttributeKeys.LONGEST + 1);
  readonly #pair = new Reader();
  /** The bits of all. */
  readonly all: number;

  /** UTF-8, no two the same. */
  constructor(keys: readonly Buffer[]) {
    this.#keys = keys;
    keys.forEach(({ length }, i) => (this.#ofLength[length] |= 1 << i));
    this.all = 2 ** keys.length - 1;
  }

  /** The bit of the key that the KeyValue `buf[start, stop)` has; 0: it is none of them. */
  bitsOf(buf: Buffer, start: number, stop: number): number {
    const length = buf[start + 1];
    const after = start + 2 + length;
    if (stop - start < 4 || buf[start] !== KEY_TAG || length > 0x7f || after >= stop || buf[after] !== VALUE_TAG)
      return this.#oddBits(buf, start, stop);
    const candidates = this.#ofLength[length];
    return candidates === 0 ? 0 : this.#equal(candidates, buf, start + 2, length);
  }

  /** The bits of all that the fields `field` of the message `buf[start, end)` have. */
  bitsIn(buf: Buffer, start: number, end: number, field: number): number {
    const wanted = (field << 3) | LENGTH;
    let bits = 0;
    for (let p = start; p < end;) {
      let tag = buf[p++];
      if (tag > 0x7f) {
        tag &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) tag |= ((byte = buf[p++]) & 0x7f) << shift;
      }
      if (tag !== wanted) {
        p = skipValue(buf, p, end, tag);
        continue;
      }
      let length = buf[p++];
      if (length > 0x7f) {
        length &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) length |= ((byte = buf[p++]) & 0x7f) << shift;
      }
      bits |= this.bitsOf(buf, p, p + length);
      p += length;
    }
    return bits;
  }

  #equal(candidates: number, buf: Buffer, start: number, length: number): number {
    for (let i = 0; i < this.#keys.length; i++) {
      if ((candidates & (1 << i)) === 0) continue;
      const key = this.#keys[i];
      let k = length - 1;
      while (k >= 0 && buf[start + k] === key[k]) k--;
      if (k < 0) return 1 << i;
    }
    return 0;
  }

  /** Whatever its order of fields. */
  #oddBits(buf: Buffer, start: number, stop: number): number {
    let from = start;
    let to = start;
    for (const pair = this.#pair.reset(buf, start, stop); pair.next();) {
      if (pair.field !== KEY_VALUE.key) continue;
      from = pair.start;
      to = pair.stop;
    }
    const length = to - from;
    return length > AttributeKeys.LONGEST ? 0 : this.#equal(this.#ofLength[length], buf, from, length);
  }
}
