/** The name of a span, made of the values of attributes. */
import { readAnyValue } from '#codec/otlp/any-value.ts';
import { SPAN } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import { plainText } from '#text/go-number.ts';
import type { NameArgs } from './schema.ts';

/** What the Collector writes for a list, a map, bytes, or no value. */
const UNKNOWN = '<unknown-attribute-type>';

export class NameFromAttributes {
  readonly #keys: readonly Buffer[];
  readonly #separator: Buffer;
  readonly #text = new StringValue();

  constructor({ from_attributes: keys, separator }: NameArgs) {
    this.#keys = keys.map((key) => Buffer.from(key));
    this.#separator = Buffer.from(separator);
  }

  /** The name stays where one of the attributes is not there. */
  apply(span: Message): void {
    const { scratch } = span;
    const mark = span.mark();
    const before = scratch.length;
    const name = scratch.begin(SPAN.name);
    for (let i = 0; i < this.#keys.length; i++) {
      if (!span.find(SPAN.attributes, this.#keys[i])) return scratch.cut(before);
      const { buf, start, stop } = span;
      if (i > 0) scratch.raw(this.#separator);
      if (this.#text.read(buf, start, stop)) scratch.raw(buf, this.#text.start, this.#text.stop);
      else scratch.raw(Buffer.from(textOf(readAnyValue(buf, start, stop))));
    }
    scratch.end(name);
    span.put(SPAN.name, mark);
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return plainText(value);
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : UNKNOWN;
}
