/**
 * Bodies of log records, redacted: a text as the value of an attribute, lists and maps member by member, whose keys are told with the way
 * to them (`user.emails.[0]`). What is told of a body are attributes of its log record.
 */
import {
  readAnyValue,
  isPlainList,
  isPlainMap,
  writeAnyValue,
  type PlainMap,
  type PlainValue,
} from '#codec/otlp/any-value.ts';
import { LOG_RECORD } from '#codec/otlp/fields.ts';
import type { Message } from '#codec/otlp/message.ts';
import { StringValue } from '#codec/otlp/string-value.ts';
import { textOf } from '#codec/otlp/value-text.ts';
import type { KeyRules } from './key-rules.ts';
import type { Args } from './schema.ts';
import { Summary } from './summary.ts';
import { ALLOWED, SAME, type ValueRules } from './value-rules.ts';

export class BodyRedactor {
  readonly #keys: KeyRules;
  readonly #values: ValueRules;
  readonly #summary: Summary;
  readonly #text = new StringValue();
  #changed = false;

  constructor(args: Args, keys: KeyRules, values: ValueRules) {
    this.#keys = keys;
    this.#values = values;
    this.#summary = new Summary(args.summary, 'redaction.body');
  }

  apply(log: Message): void {
    if (!log.locate(LOG_RECORD.body)) return;
    const { buf, start, stop } = log;
    if (this.#text.read(buf, start, stop)) {
      const fate = this.#values.fate(buf, this.#text.start, this.#text.stop);
      if (typeof fate === 'string') this.#replaceText(log, fate);
    } else {
      const body = readAnyValue(buf, start, stop);
      this.#changed = false;
      if (isPlainMap(body)) this.#replace(log, this.#map(body, ''));
      else if (isPlainList(body)) this.#replace(log, this.#list(body, ''));
      else {
        const fate = this.#values.fateOf(textOf(body));
        if (typeof fate === 'string') this.#replaceText(log, fate);
      }
    }
    this.#summary.write(log, LOG_RECORD.attributes);
  }

  #replaceText(log: Message, text: string): void {
    this.#summary.noteText('masked', 'body');
    this.#changed = true;
    this.#replace(log, text);
  }

  #replace(log: Message, body: PlainValue): void {
    if (!this.#changed) return;
    const mark = log.mark();
    const begun = log.scratch.begin(LOG_RECORD.body);
    writeAnyValue(log.scratch, body);
    log.scratch.end(begun);
    log.put(LOG_RECORD.body, mark);
  }

  #map(map: PlainMap, path: string): PlainMap {
    const out = new Map<string, PlainValue>();
    for (const [key, value] of map) {
      const way = path === '' ? key : `${path}.${key}`;
      switch (this.#keys.verdictOf(key)) {
        case 'ignore':
          this.#summary.noteText('ignored', way);
          out.set(key, value);
          break;
        case 'remove':
          this.#summary.noteText('redacted', way);
          this.#changed = true;
          break;
        case 'mask':
          this.#summary.noteText('masked', way);
          this.#changed = true;
          out.set(key, this.#values.maskWhole(typeof value === 'string' ? value : ''));
          break;
        default:
          out.set(key, this.#value(value, way));
      }
    }
    return out;
  }

  #list(list: readonly PlainValue[], path: string): readonly PlainValue[] {
    return list.map((item, i) => this.#value(item, path === '' ? `[${i}]` : `${path}.[${i}]`));
  }

  #value(value: PlainValue, way: string): PlainValue {
    if (isPlainMap(value)) return this.#map(value, way);
    if (isPlainList(value)) return this.#list(value, way);
    const fate = this.#values.fateOf(textOf(value));
    if (fate === ALLOWED) this.#summary.noteText('allowed', way);
    if (fate === ALLOWED || fate === SAME) return value;
    this.#summary.noteText('masked', way);
    this.#changed = true;
    return fate;
  }
}
