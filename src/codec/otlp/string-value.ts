/** The text of an AnyValue as bytes, where it is one. Reused; for validated bytes. */
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { ANY_VALUE } from './fields.ts';

const STRING_TAG = (ANY_VALUE.stringValue << 3) | LENGTH;

export class StringValue {
  readonly #reader = new Reader();
  /** Of the buffer that was read, after a true answer. */
  start = 0;
  stop = 0;

  /** Whether the AnyValue `buf[start, stop)` is a string; of several members the last one counts. */
  read(buf: Buffer, start: number, stop: number): boolean {
    if (stop - start > 1 && buf[start] === STRING_TAG && start + 2 + buf[start + 1] === stop) {
      if (buf[start + 1] < 0x80) {
        this.start = start + 2;
        this.stop = stop;
        return true;
      }
    }
    let found = false;
    for (const member = this.#reader.reset(buf, start, stop); member.next();) {
      if (member.field < ANY_VALUE.stringValue || member.field > ANY_VALUE.bytesValue) continue;
      found = member.field === ANY_VALUE.stringValue;
      this.start = member.start;
      this.stop = member.stop;
    }
    return found;
  }
}
