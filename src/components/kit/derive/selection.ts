/**
 * The attributes that a series has: the configured ones, as an item has them. Equal attributes make equal keys, byte for byte:
 *
 *     key       u16 number of the selection's attribute names, then for each attribute u32 length + 1 and the AnyValue's content;
 *               0 = it is absent
 *
 * Names are in order, so that the order in a configuration does not matter. Reused; what was selected is valid until the next time.
 */
import { anyValueBytes, type PlainValue } from '#codec/otlp/any-value.ts';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { compareText } from '#ottl/compare.ts';
import type { Attributes } from '#ottl/paths/entry.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { DOUBLE_TAG, INT_TAG, isCanonical, rewritten, STRING_TAG } from './canonical.ts';

export interface Wanted {
  readonly key: string;
  /** What stands for it where it is missing; undefined: nothing does. */
  readonly otherwise: PlainValue | undefined;
  /** Missing, it is left out; else the item is not counted. */
  readonly optional: boolean;
}

export interface SelectionOptions {
  /** In order: the first that has the attribute gives it. */
  readonly sources: readonly Attributes[];
  /** Differs between selections whose series are counted together and have other names. Below 65536. */
  readonly number: number;
  /** Values that are no text and no number become text. */
  readonly scalars: boolean;
}

/** The same number for selections of the same names. */
export class SelectionNumbers {
  readonly #numbers = new Map<string, number>();

  of(wanted: readonly { readonly key: string }[]): number {
    const names = JSON.stringify(wanted.map(({ key }) => key).sort());
    const number = this.#numbers.get(names) ?? this.#numbers.size + 1;
    this.#numbers.set(names, number);
    return number;
  }
}

interface Attribute extends Wanted {
  readonly bytes: Buffer;
  readonly fallback: Buffer | null;
}

export class AttributeSelection {
  readonly #wanted: readonly Attribute[];
  readonly #options: SelectionOptions;
  readonly #writer = new AttributeWriter();
  /** The key is `key[0, length)`. */
  key: Buffer = Buffer.allocUnsafeSlow(256);
  length = 0;

  constructor(wanted: readonly Wanted[], options: SelectionOptions) {
    this.#options = options;
    this.#wanted = wanted
      .map((one) => ({
        ...one,
        bytes: Buffer.from(one.key),
        fallback: one.otherwise === undefined ? null : anyValueBytes(one.otherwise),
      }))
      .sort((a, b) => compareText(a.key, b.key));
  }

  /** Selects from the item; false: it lacks an attribute that it must have. */
  select(t: Telemetry): boolean {
    this.length = this.key.writeUInt16LE(this.#options.number, 0);
    for (const one of this.#wanted) {
      if (this.#find(one, t)) continue;
      if (one.fallback !== null) this.#append(one.fallback, 0, one.fallback.length);
      else if (one.optional) this.#header(0, 0);
      else return false;
    }
    return true;
  }

  /** The attributes of the key, as the kit's series take them. */
  attributes(): AttributeWriter {
    const writer = this.#writer.reset();
    let at = 2;
    for (const { key } of this.#wanted) {
      const length = this.key.readUInt32LE(at);
      at += 4;
      if (length === 0) continue;
      writer.value(key, this.key, at, at + length - 1);
      at += length - 1;
    }
    return writer;
  }

  #find(one: Attribute, t: Telemetry): boolean {
    for (const source of this.#options.sources) {
      const message = source.of(t);
      if (message === null || !message.find(source.field(t), one.bytes)) continue;
      const { buf, start, stop } = message;
      const anew = isCanonical(buf, start, stop) ? null : rewritten(buf, start, stop);
      if (anew === null) this.#value(buf, start, stop);
      else this.#value(anew, 0, anew.length);
      return true;
    }
    return false;
  }

  #value(buf: Buffer, start: number, stop: number): void {
    const tag = start < stop ? buf[start] : 0;
    if (!this.#options.scalars || tag === STRING_TAG || tag === INT_TAG || tag === DOUBLE_TAG)
      return this.#append(buf, start, stop);
    const text = anyValueBytes(valueText(buf, start, stop));
    this.#append(text, 0, text.length);
  }

  #append(buf: Buffer, start: number, stop: number): void {
    this.#header(stop - start + 1, stop - start);
    copyBytes(buf, start, stop, this.key, this.length);
    this.length += stop - start;
  }

  #header(value: number, bytes: number): void {
    const needed = this.length + 4 + bytes;
    if (needed > this.key.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.key.length * 2));
      this.key.copy(grown, 0, 0, this.length);
      this.key = grown;
    }
    this.length = this.key.writeUInt32LE(value, this.length);
  }
}
