/** One resource of a request, and what its metrics are kept under. Read anew only where a resource or a series is new. */
import { KEY_VALUE, RESOURCE } from '#codec/otlp/fields.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { LENGTH } from '#codec/protobuf/limits.ts';
import { valueText } from '#codec/otlp/value-text.ts';
import { AttributeWriter } from '#components/kit/series/attributes.ts';

const SERVICE_NAME = 'service.name';
const ATTRIBUTES_TAG = Buffer.from([(RESOURCE.attributes << 3) | LENGTH]);

/** The AnyValue of an attribute, in the buffer that it was read from. */
export interface Value {
  readonly start: number;
  readonly end: number;
}

export class ResourceAttributes {
  readonly #buf: Buffer;
  /** By name, in the order in which they come; of equal names the first. */
  readonly values: ReadonlyMap<string, Value>;
  /** Null: it has none, so its spans are not counted. */
  readonly serviceName: string | null;

  /** The Resource message in `buf[start, end)`, validated. */
  constructor(buf: Buffer, start: number, end: number) {
    this.#buf = buf;
    this.values = readAttributes(buf, start, end);
    const name = this.values.get(SERVICE_NAME);
    this.serviceName = name === undefined ? null : valueText(buf, name.start, name.end);
  }

  /**
   * Equal for resources whose attributes are equal, types included, in whatever order; `only`: for those whose attributes of these
   * names are (none: all).
   */
  key(only: readonly string[]): Buffer {
    const names = [...this.values.keys()].filter((name) => only.length === 0 || only.includes(name)).sort(byText);
    return Buffer.from(names.map((name) => `${sized(name)}${this.#typed(this.values.get(name)!)}`).join(''));
  }

  /** All of them, as whole fields of a Resource message; text is UTF-8. */
  fields(): Buffer {
    const writer = new AttributeWriter();
    const fields: Buffer[] = [];
    for (const [name, { start, end }] of this.values) {
      writer.reset().value(name, this.#buf, start, end);
      fields.push(ATTRIBUTES_TAG, Buffer.from(writer.buf.subarray(0, writer.length)));
    }
    return Buffer.concat(fields);
  }

  #typed({ start, end }: Value): string {
    const reader = new Reader().reset(this.#buf, start, end);
    let type = 0;
    while (reader.next()) type = reader.field;
    return `${type}${sized(valueText(this.#buf, start, end))}`;
  }
}

/** A text that ends where it says. */
export const sized = (text: string): string => `${text.length}:${text}`;

export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function readAttributes(buf: Buffer, start: number, end: number): Map<string, Value> {
  const values = new Map<string, Value>();
  const message = new Reader().reset(buf, start, end);
  const pair = new Reader();
  while (message.next()) {
    if (message.field !== RESOURCE.attributes || message.wire !== LENGTH) continue;
    let name = '';
    let value: Value = { start: message.stop, end: message.stop };
    pair.reset(buf, message.start, message.stop);
    while (pair.next()) {
      if (pair.field === KEY_VALUE.key) name = pair.string();
      else if (pair.field === KEY_VALUE.value) value = { start: pair.start, end: pair.stop };
    }
    if (!values.has(name)) values.set(name, value);
  }
  return values;
}
