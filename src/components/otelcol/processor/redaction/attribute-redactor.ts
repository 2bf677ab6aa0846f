/** Attributes of one message, redacted. Values that are no strings are looked at as an empty text, unless all types are redacted. */
import { replaceValue } from '#codec/otlp/attribute-edit.ts';
import type { Message } from '#codec/otlp/message.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import type { KeyRules } from './key-rules.ts';
import type { Args } from './schema.ts';
import { Summary } from './summary.ts';
import { ALLOWED, SAME, type Fate, type ValueRules } from './value-rules.ts';

const NOTHING = Buffer.alloc(0);

export class AttributeRedactor {
  readonly #keys: KeyRules;
  readonly #values: ValueRules;
  readonly #allTypes: boolean;
  readonly #summary: Summary;
  readonly #text = new StringValue();

  constructor(args: Args, keys: KeyRules, values: ValueRules) {
    this.#keys = keys;
    this.#values = values;
    this.#allTypes = args.redact_all_types;
    this.#summary = new Summary(args.summary, 'redaction');
  }

  /** Those in the field `field`. */
  apply(message: Message, field: number): void {
    for (let row = message.first(field); row !== 0;) {
      const next = message.next(row);
      this.#attribute(message, row, field);
      row = next;
    }
    this.#summary.write(message, field);
  }

  #attribute(message: Message, row: number, field: number): void {
    message.pair(row);
    const { buf, keyStart, keyStop, start, stop } = message;
    const verdict = this.#keys.verdict(buf, keyStart, keyStop);
    if (verdict === 'ignore') return this.#summary.note('ignored', buf, keyStart, keyStop);
    if (verdict === 'remove') {
      this.#summary.note('redacted', buf, keyStart, keyStop);
      return message.remove(row);
    }
    const fate = verdict === 'mask' ? this.#wholeFate(buf, start, stop) : this.#fate(buf, start, stop);
    if (fate === ALLOWED) return this.#summary.note('allowed', buf, keyStart, keyStop);
    if (fate === SAME) return;
    this.#summary.note('masked', buf, keyStart, keyStop);
    replaceValue(message, row, field, buf, keyStart, keyStop, fate);
  }

  #fate(buf: Buffer, start: number, stop: number): Fate {
    if (this.#text.read(buf, start, stop)) return this.#values.fate(buf, this.#text.start, this.#text.stop);
    return this.#allTypes ? this.#values.fateOf(valueText(buf, start, stop)) : this.#values.fate(NOTHING, 0, 0);
  }

  /** Of a value that is masked because of its key. */
  #wholeFate(buf: Buffer, start: number, stop: number): Fate {
    const isSeen = this.#allTypes || this.#text.read(buf, start, stop);
    const text = isSeen ? valueText(buf, start, stop) : '';
    return this.#values.allows(text) ? ALLOWED : this.#values.maskWhole(text);
  }
}
