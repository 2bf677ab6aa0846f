/** Attributes of OTLP (fields that hold KeyValue) as labels. One thread; reused. */
import { ANY_VALUE, KEY_VALUE } from '../otlp/fields.ts';
import { valueText } from '../otlp/value-text.ts';
import { Occurrences, type MessageView } from '../otlp/view.ts';
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import type { LabelSet } from './label-set.ts';
import { labelName } from './names.ts';

/** Keys whose names are remembered. More distinct ones cost the work anew, no memory. */
const KNOWN_KEYS = 4096;
/** Longest key that is remembered, in bytes. */
const KNOWN_KEY_BYTES = 256;

/** A resource attribute is short-lived text: few a batch, and used again for each point where resources become labels. */
export interface Attribute {
  readonly key: string;
  readonly value: string;
}

export class AttributeLabels {
  /** By the bytes of the key, read as Latin-1. */
  readonly #names = new Map<string, string>();
  readonly #each = new Occurrences();
  readonly #pair = new Reader();
  readonly #value = new Reader();

  /** Adds a label for each attribute in the repeated `field` of `view`. */
  addTo(labels: LabelSet, view: MessageView, field: number): void {
    const { buf } = view;
    const pair = this.#pair;
    for (const each = this.#each.over(view, field); each.next();) {
      let keyStart = 0;
      let keyStop = 0;
      let start = 0;
      let stop = 0;
      pair.reset(buf, each.start, each.stop);
      while (pair.next()) {
        if (pair.field === KEY_VALUE.key) {
          keyStart = pair.start;
          keyStop = pair.stop;
        } else if (pair.field === KEY_VALUE.value) {
          start = pair.start;
          stop = pair.stop;
        }
      }
      const name = this.#nameOf(buf, keyStart, keyStop);
      if (name === '') continue;
      const value = this.#value.reset(buf, start, stop);
      // One string and nothing else: nearly always.
      if (value.next() && value.field === ANY_VALUE.stringValue && value.wire === LENGTH && value.pos === stop)
        labels.addBytes(name, buf, value.start, value.stop);
      else labels.add(name, valueText(buf, start, stop));
    }
  }

  /** The attributes as text, in their order. Allocates. */
  read(view: MessageView, field: number): Attribute[] {
    const found: Attribute[] = [];
    const pair = new Reader();
    for (const each = new Occurrences().over(view, field); each.next();) {
      let key = '';
      let value = '';
      pair.reset(view.buf, each.start, each.stop);
      while (pair.next()) {
        if (pair.field === KEY_VALUE.key) key = pair.string();
        else if (pair.field === KEY_VALUE.value) value = valueText(pair.buf, pair.start, pair.stop);
      }
      found.push({ key, value });
    }
    return found;
  }

  #nameOf(buf: Buffer, start: number, stop: number): string {
    if (stop - start > KNOWN_KEY_BYTES) return labelName(buf.toString('utf8', start, stop));
    const bytes = buf.toString('latin1', start, stop);
    let name = this.#names.get(bytes);
    if (name === undefined) {
      name = labelName(buf.toString('utf8', start, stop));
      if (this.#names.size >= KNOWN_KEYS) this.#names.clear();
      this.#names.set(bytes, name);
    }
    return name;
  }
}
