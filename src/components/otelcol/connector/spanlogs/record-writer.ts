/**
 * Writes log records (semantics 15.2): a body and attributes, nothing else.
 *
 *     record   5 body { 1 line }   6 { key tag, value kind }   6 { key label, value as it came }*
 */
import { LENGTH } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import type { Writer } from '#codec/protobuf/writer.ts';
import { ANY_VALUE, KEY_VALUE, LOG_RECORD, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { floatText } from '#text/go-number.ts';
import type { Layout } from './layout.ts';
import { ANY, PLAIN, type LineValues } from './line-values.ts';
import { LogfmtLine } from './logfmt-line.ts';

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const UNSUPPORTED = Buffer.from('"unsupported value type"');
const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;
/** Upper halves of integers that a double holds exactly. */
const SAFE_HIGH = 1 << 20;

export class RecordWriter {
  readonly #layout: Layout;
  readonly #line = new LogfmtLine();
  readonly #reader = new Reader();
  /** Pairs that were left out of lines, since their key is empty. */
  droppedPairs = 0;

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** `kind`: what the line is about, an AnyValue message. */
  write(out: Writer, kind: Buffer, values: LineValues): void {
    const record = out.begin(SCOPE_ENTRY.items);
    const line = this.#lineOf(values);
    const body = out.begin(LOG_RECORD.body);
    out.bytes(ANY_VALUE.stringValue, line.buf, 0, line.length);
    out.end(body);
    this.#attributes(out, kind, values);
    out.end(record);
  }

  #lineOf(values: LineValues): LogfmtLine {
    const line = this.#line;
    line.reset();
    for (let i = 0; i < values.count; i++) {
      const slot = values.order[i];
      const { key } = this.#layout.slots[slot];
      if (key.length === 0) {
        this.droppedPairs++;
        continue;
      }
      line.key(key);
      const from = values.from[slot];
      const start = values.start[slot];
      const end = values.end[slot];
      if (values.kind[slot] === PLAIN) line.ascii(from, start, end);
      else if (values.kind[slot] === ANY) this.#value(line, from, start, end);
      else line.text(from, start, end);
    }
    return line;
  }

  /** An AnyValue; of its members the last counts. */
  #value(line: LogfmtLine, buf: Buffer, start: number, end: number): void {
    // Most are one short string, and nothing else.
    if (end - start >= 2 && buf[start] === STRING_TAG && buf[start + 1] < 0x80 && start + 2 + buf[start + 1] === end)
      return line.text(buf, start + 2, end);
    const reader = this.#reader.reset(buf, start, end);
    let at = -1;
    while (reader.next()) if (reader.field <= ANY_VALUE.bytesValue) at = reader.fieldStart;
    if (at < 0) return line.ascii(NULL);
    reader.reset(buf, at, end).next();
    switch (reader.field) {
      case ANY_VALUE.stringValue:
        return line.text(buf, reader.start, reader.stop);
      case ANY_VALUE.bytesValue:
        return line.bytes(buf, reader.start, reader.stop);
      case ANY_VALUE.boolValue:
        return line.ascii(reader.bool() ? TRUE : FALSE);
      case ANY_VALUE.doubleValue:
        return line.ascii(Buffer.from(floatText(reader.double())));
      case ANY_VALUE.intValue: {
        const high = reader.hi | 0;
        if (high >= -SAFE_HIGH && high < SAFE_HIGH) return line.integer(high * 2 ** 32 + reader.lo);
        return line.ascii(Buffer.from(String(reader.int64())));
      }
      default:
        return line.ascii(UNSUPPORTED);
    }
  }

  #attributes(out: Writer, kind: Buffer, values: LineValues): void {
    const { slots, tag, tagSlot } = this.#layout;
    if (tagSlot >= 0 && values.has(tagSlot)) this.#attribute(out, tag, values, tagSlot);
    else {
      const first = out.begin(LOG_RECORD.attributes);
      out.raw(tag);
      out.bytes(KEY_VALUE.value, kind);
      out.end(first);
    }
    for (let i = 0; i < values.count; i++) {
      const slot = values.order[i];
      const { label } = slots[slot];
      if (label !== null && slot !== tagSlot) this.#attribute(out, label, values, slot);
    }
  }

  #attribute(out: Writer, key: Buffer, values: LineValues, slot: number): void {
    const attribute = out.begin(LOG_RECORD.attributes);
    out.raw(key);
    if (values.kind[slot] === ANY) out.bytes(KEY_VALUE.value, values.from[slot], values.start[slot], values.end[slot]);
    else {
      const value = out.begin(KEY_VALUE.value);
      out.bytes(ANY_VALUE.stringValue, values.from[slot], values.start[slot], values.end[slot]);
      out.end(value);
    }
    out.end(attribute);
  }
}
