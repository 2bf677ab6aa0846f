/** Questions to a {@link Message} that are answered by walking its fields once, without the table, which costs more than one walk. */
import { LENGTH } from '../protobuf/limits.ts';
import { contentAt, skipValue } from '../protobuf/valid-walk.ts';
import { offsetOf } from './address.ts';
import type { AttributeKeys } from './attribute-keys.ts';
import type { Message } from './message.ts';

/**
 * Like `Message.locate`, without a row. Goes no further than to the first field of a higher number behind the one it is asked for: that
 * is where encoders, who write fields in order, have written the last of several.
 */
export function peek(message: Message, field: number, wire: number = LENGTH): boolean {
  if (message.edited) return message.locate(field, wire);
  const buf = message.space.bufferOf(message.begin);
  const wanted = (field << 3) | wire;
  const end = offsetOf(message.end);
  let found = false;
  for (let p = offsetOf(message.begin); p < end;) {
    let tag = buf[p++];
    if (tag > 0x7f) {
      tag &= 0x7f;
      for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) tag |= ((byte = buf[p++]) & 0x7f) << shift;
    }
    const value = p;
    p = skipValue(buf, p, end, tag);
    if (tag >>> 3 === field) {
      found = tag === wanted;
      message.start = (tag & 7) === LENGTH ? contentAt(buf, value) : value;
      message.stop = p;
    } else if (found && tag > wanted) break;
  }
  if (found) message.buf = buf;
  return found;
}

/** Which of some keys there are attributes of in a field of KeyValues: a bit for each. */
export function presentKeys(message: Message, field: number, keys: AttributeKeys): number {
  const { space } = message;
  let bits = 0;
  if (message.isWhole) {
    const { begin, end, tailFrom, tailTo } = message;
    if (end > begin) bits = keys.bitsIn(space.bufferOf(begin), offsetOf(begin), offsetOf(end), field);
    if (tailTo !== 0) bits |= keys.bitsIn(space.bufferOf(tailFrom), offsetOf(tailFrom), offsetOf(tailTo), field);
    return bits;
  }
  for (let row = message.first(field); row !== 0; row = message.next(row)) {
    message.content(row);
    bits |= keys.bitsOf(message.buf, message.start, message.stop);
  }
  return bits;
}
