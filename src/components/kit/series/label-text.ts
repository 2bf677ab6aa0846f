/**
 * Labels of series as `/metrics/derived` shows them: those that Alloy's otelcol.exporter.prometheus gives (semantics 16): job and
 * instance from the resource, the name of the scope, the attributes of the point. Main thread.
 */
import { KEY_VALUE } from '#codec/otlp/fields.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { labelName } from '#codec/prometheus/names.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { readLength, varint } from '#codec/protobuf/walk.ts';

/** Different keys of attributes are few; whoever sends more pays for the making of each. */
const MAX_NAMES = 4096;

type Each = (key: string, value: string) => void;

export class LabelText {
  readonly #pair = new Reader();
  readonly #names = new Map<string, string>();
  readonly #labels = new Map<string, string>();

  /** job and instance of a resource, as pairs to hand to {@link of}. */
  resource(attributes: Buffer): string[] {
    const found = new Map<string, string>();
    const fields = new Reader().reset(attributes, 0, attributes.length);
    while (fields.next()) this.#read(attributes, fields.start, fields.stop, (key, value) => found.set(key, value));
    const name = found.get('service.name') ?? '';
    const namespace = found.get('service.namespace') ?? '';
    const job = namespace !== '' && name !== '' ? `${namespace}/${name}` : name;
    return ['job', job, 'instance', found.get('service.instance.id') ?? ''];
  }

  /**
   * `a="..",b=".."` sorted by name: attributes of a row, which lie in `bytes[start, end)` as in a parcel, and pairs of name and
   * value, which count where names are equal. Empty values are left out.
   */
  of(pairs: readonly string[], bytes: Buffer, start: number, end: number): string {
    const labels = this.#labels;
    labels.clear();
    for (let at = start; at < end;) {
      const from = readLength(bytes, at, end);
      at = from + varint;
      this.#read(bytes, from, at, this.#setLabel);
    }
    for (let i = 0; i < pairs.length; i += 2) labels.set(pairs[i], pairs[i + 1]);
    return text(labels);
  }

  readonly #setLabel: Each = (key, value) => void this.#labels.set(this.#nameOf(key), value);

  /** The KeyValue message in `bytes[start, end)`; one that is malformed is nothing. */
  #read(bytes: Buffer, start: number, end: number, each: Each): void {
    const pair = this.#pair.reset(bytes, start, end);
    let key = '';
    let value = '';
    try {
      while (pair.next()) {
        if (pair.field === KEY_VALUE.key) key = pair.string();
        else if (pair.field === KEY_VALUE.value) value = valueText(bytes, pair.start, pair.stop);
      }
    } catch (thrown) {
      if (thrown instanceof ProtobufError) return;
      throw thrown;
    }
    each(key, value);
  }

  #nameOf(key: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = labelName(key);
    if (this.#names.size < MAX_NAMES) this.#names.set(key, name);
    return name;
  }
}

function text(labels: ReadonlyMap<string, string>): string {
  let out = '';
  for (const name of [...labels.keys()].sort()) {
    const value = labels.get(name) as string;
    if (value !== '' && name !== '') out += `${out === '' ? '' : ','}${name}="${escapeValue(value)}"`;
  }
  return out;
}

const ESCAPED = /[\\\n"]/;

/** Backslash, line feed and quote, in both formats. */
function escapeValue(value: string): string {
  if (!ESCAPED.test(value)) return value;
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}
