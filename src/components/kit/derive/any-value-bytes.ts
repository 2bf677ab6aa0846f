/** Values that a configuration gives as attributes, as the content of an AnyValue message. */
import { ANY_VALUE, ARRAY_VALUE, KEY_VALUE, KEY_VALUE_LIST } from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import type { PlainValue } from '#components/kit/blocks/plain-value.ts';

export function anyValueBytes(value: PlainValue): Buffer {
  const writer = new Writer(64);
  write(writer, value);
  return writer.finish();
}

function write(writer: Writer, value: PlainValue): void {
  if (value === null) return;
  switch (typeof value) {
    case 'string':
      return writer.string(ANY_VALUE.stringValue, value);
    case 'boolean':
      return writer.bool(ANY_VALUE.boolValue, value);
    case 'bigint': {
      const bits = BigInt.asUintN(64, value);
      return writer.varint64(ANY_VALUE.intValue, Number(bits & 0xffff_ffffn), Number(bits >> 32n));
    }
    case 'number':
      return writer.double(ANY_VALUE.doubleValue, value);
    default:
  }
  if (value instanceof Uint8Array) return writer.bytes(ANY_VALUE.bytesValue, Buffer.from(value));
  const isList = Array.isArray(value);
  const mark = writer.begin(isList ? ANY_VALUE.arrayValue : ANY_VALUE.kvlistValue);
  if (isList) {
    for (const item of value as readonly PlainValue[]) {
      const inner = writer.begin(ARRAY_VALUE.values);
      write(writer, item);
      writer.end(inner);
    }
  } else {
    for (const [key, member] of value as ReadonlyMap<string, PlainValue>) {
      const pair = writer.begin(KEY_VALUE_LIST.values);
      writer.string(KEY_VALUE.key, key);
      const inner = writer.begin(KEY_VALUE.value);
      write(writer, member);
      writer.end(inner);
      writer.end(pair);
    }
  }
  writer.end(mark);
}
