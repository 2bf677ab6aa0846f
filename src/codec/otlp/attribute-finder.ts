/** Looking up an attribute among the bytes of a message. For validated bytes. */
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { KEY_VALUE } from './fields.ts';
import type { MessageView } from './view.ts';

/** Finds attributes by their keys. Reused: what it found is valid until the next search. */
export class AttributeFinder {
  readonly #fields = new Reader();
  readonly #pair = new Reader();
  /** The AnyValue of the attribute found; an empty range if the attribute has no value. */
  start = 0;
  stop = 0;

  /** The first attribute with this key (UTF-8) in the KeyValue fields `field` of a message. */
  find(message: MessageView, field: number, key: Buffer): boolean {
    if (!message.has(field)) return false;
    const fields = this.#fields.reset(message.buf, message.firstTag(field), message.end);
    while (fields.next()) if (fields.field === field && this.#isPair(fields, key)) return true;
    return false;
  }

  #isPair(fields: Reader, key: Buffer): boolean {
    const { buf, start, stop } = fields;
    const length = key.length;
    // Encoders write the key first: most attributes are told apart by its length alone.
    if (buf[start] === KEY_TAG && stop - start > 1 && buf[start + 1] < 0x80 && buf[start + 1] !== length) {
      const after = start + 2 + buf[start + 1];
      if (after === stop || buf[after] === VALUE_TAG) return false;
    }
    const pair = this.#pair.reset(buf, start, stop);
    let same = length === 0;
    this.start = stop;
    this.stop = stop;
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) same = pair.stop - pair.start === length && sameBytes(buf, pair.start, key);
      else if (pair.field === KEY_VALUE.value) {
        this.start = pair.start;
        this.stop = pair.stop;
      }
    }
    return same;
  }
}

const KEY_TAG = (KEY_VALUE.key << 3) | LENGTH;
const VALUE_TAG = (KEY_VALUE.value << 3) | LENGTH;

function sameBytes(buf: Buffer, start: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (buf[start + i] !== key[i]) return false;
  return true;
}
