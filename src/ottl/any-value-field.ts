/** Fields that hold an AnyValue: the body of a log record. */
import { readAnyValue, writeAnyValue, type PlainValue } from '#codec/otlp/any-value.ts';
import type { Message } from '#codec/otlp/message.ts';
import { plainIn } from './plain.ts';
import type { Value } from './value.ts';

export function anyValueIn(message: Message, field: number): PlainValue {
  return message.locate(field) ? readAnyValue(message.buf, message.start, message.stop) : null;
}

export function putAnyValue(message: Message, field: number, value: Value): void {
  const plain = plainIn(value);
  const mark = message.mark();
  const begun = message.scratch.begin(field);
  writeAnyValue(message.scratch, plain);
  message.scratch.end(begun);
  message.put(field, mark);
}
