/**
 * hash: the SHA-256 of the value in hex takes its place. What is hashed:
 *
 *     string   its bytes        int      8 bytes, little-endian        empty text, no value, bytes, lists and maps
 *     bool     one byte, 0, 1   double   8 bytes, little-endian        become the empty text
 */
import { hash } from 'node:crypto';
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { replaceValue } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import type { TextMatch } from '#components/kit/match/text-match.ts';
import type { Action } from './actions.ts';

/** Attributes whose key matches; what several of `keys` match is hashed several times, as in the Collector. */
export class Hash implements Action {
  readonly #field: number;
  readonly #keys: readonly TextMatch[];
  readonly #text = new StringValue();

  constructor(field: number, keys: readonly TextMatch[]) {
    this.#field = field;
    this.#keys = keys;
  }

  apply(message: Message): void {
    for (const match of this.#keys)
      for (let row = message.first(this.#field); row !== 0; row = message.next(row)) {
        message.pair(row);
        const { buf, keyStart, keyStop } = message;
        if (match.matches(buf, keyStart, keyStop)) this.#hash(message, buf, keyStart, keyStop);
      }
  }

  #hash(message: Message, key: Buffer, keyStart: number, keyStop: number): void {
    const { row, buf, start, stop } = message;
    const content = this.#text.read(buf, start, stop)
      ? buf.subarray(this.#text.start, this.#text.stop)
      : bytesOf(readAnyValue(buf, start, stop));
    const hashed = content.length === 0 ? '' : hash('sha256', content, 'hex');
    replaceValue(message, row, this.#field, key, keyStart, keyStop, hashed);
  }
}

function bytesOf(value: unknown): Buffer {
  const bytes = Buffer.alloc(8);
  switch (typeof value) {
    case 'boolean':
      return Buffer.of(value ? 1 : 0);
    case 'bigint':
      bytes.writeBigInt64LE(value);
      return bytes;
    case 'number':
      bytes.writeDoubleLE(value);
      return bytes;
    default:
      return bytes.subarray(8);
  }
}
