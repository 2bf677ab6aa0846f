/** Steps over wire bytes that were validated: nothing is checked. `walk.ts` is for bytes that come from outside. */
import { FIXED32, FIXED64, LENGTH, VARINT } from './limits.ts';
import { skipGroup } from './walk.ts';

/** Where the content of the length-delimited field begins whose length is at `p`. */
export function contentAt(buf: Buffer, p: number): number {
  while (buf[p++] > 0x7f);
  return p;
}

/** The position behind the value at `p` of a field with this tag. */
export function skipValue(buf: Buffer, p: number, end: number, tag: number): number {
  switch (tag & 7) {
    case VARINT:
      while (buf[p++] > 0x7f);
      return p;
    case LENGTH: {
      let length = buf[p++];
      if (length > 0x7f) {
        length &= 0x7f;
        for (let shift = 7, byte = 0x80; byte > 0x7f; shift += 7) length |= ((byte = buf[p++]) & 0x7f) << shift;
      }
      return p + length;
    }
    case FIXED64:
      return p + 8;
    case FIXED32:
      return p + 4;
    default:
      return skipGroup(buf, p, end, tag >>> 3, 1);
  }
}
