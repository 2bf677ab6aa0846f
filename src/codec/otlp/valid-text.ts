/**
 * An AnyValue with all its text as UTF-8, however deep: bytes that are none become U+FFFD. Receivers written in Go refuse a whole
 * request for one such string. For validated bytes; allocates.
 *
 *     AnyValue     0a string        2a ArrayValue     32 KeyValueList
 *     ArrayValue   0a AnyValue*     KeyValueList      0a KeyValue*
 *     KeyValue     0a string        12 AnyValue
 */
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { Writer } from '../protobuf/writer.ts';
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from './fields.ts';

/** What lies in the fields of a message: text, or another message. Fields that are not named stay as they are. */
interface Shape {
  [field: number]: 'text' | Shape;
}

const VALUE: Shape = { [ANY_VALUE.stringValue]: 'text' };
VALUE[ANY_VALUE.arrayValue] = { [ARRAY_VALUE.values]: VALUE };
VALUE[ANY_VALUE.kvlistValue] = {
  [KEY_VALUE_LIST.values]: { [KEY_VALUE.key]: 'text', [KEY_VALUE.value]: VALUE },
};

/** The AnyValue in `buf[start, end)`, in memory of its own. */
export function withValidText(buf: Buffer, start: number, end: number): Buffer {
  const out = new Writer();
  write(out, VALUE, buf, start, end);
  return out.finish();
}

function write(out: Writer, shape: Shape, buf: Buffer, start: number, end: number): void {
  const reader = new Reader().reset(buf, start, end);
  while (reader.next()) {
    const inner = reader.wire === LENGTH ? shape[reader.field] : undefined;
    if (inner === undefined) out.raw(buf, reader.fieldStart, reader.pos);
    else if (inner === 'text') out.string(reader.field, reader.string());
    else {
      const mark = out.begin(reader.field);
      write(out, inner, buf, reader.start, reader.stop);
      out.end(mark);
    }
  }
}
