/** What an attribute with a priority asks for: the numbers in it. For validated bytes. */
import { ANY_VALUE } from '#codec/otlp/fields.ts';
import { FIXED64, LENGTH, VARINT } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';

/** As Go reads it, but for its hexadecimal form: nobody writes a priority in it. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
/** Longer texts are no numbers. */
const MAX_TEXT = 64;

const reader = new Reader();

/** The number in the AnyValue `buf[start, stop)`, NaN if there is none. `text`: strings with a number in them count, too. */
export function numberIn(buf: Buffer, start: number, stop: number, text: boolean): number {
  let value = NaN;
  for (reader.reset(buf, start, stop); reader.next();) {
    if (reader.field === ANY_VALUE.intValue && reader.wire === VARINT) value = (reader.hi | 0) * 2 ** 32 + reader.lo;
    else if (reader.field === ANY_VALUE.doubleValue && reader.wire === FIXED64) value = buf.readDoubleLE(reader.start);
    else if (reader.field === ANY_VALUE.stringValue && reader.wire === LENGTH)
      value = text ? parsed(buf, reader.start, reader.stop) : NaN;
    else value = NaN;
  }
  return value;
}

function parsed(buf: Buffer, start: number, stop: number): number {
  if (stop - start > MAX_TEXT) return NaN;
  const text = buf.toString('latin1', start, stop);
  const number = DECIMAL.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : NaN;
}
