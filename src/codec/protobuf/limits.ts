/**
 * Bounds of the wire format (protobuf.dev/programming-guides/encoding) and the ones we add, shared by every decoder here.
 */

/** Messages inside messages, the outermost counted; groups count too. The default of protobuf's own C++ and Java decoders. */
export const MAX_DEPTH = 100;

/** A 64-bit varint has at most ten bytes of seven bits. */
export const MAX_VARINT_BYTES = 10;

/** A tag is a 32-bit varint: 29 bits of field number, 3 of wire type. */
export const MAX_TAG_BYTES = 5;

/** Wire types. 6 and 7 do not exist. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH = 2;
export const START_GROUP = 3;
export const END_GROUP = 4;
export const FIXED32 = 5;

/** Bytes that are not the message they should be. `offset` counts from the start of the buffer that was read. */
export class ProtobufError extends Error {
  readonly offset: number;
  constructor(what: string, offset: number) {
    super(`malformed protobuf: ${what} at byte ${offset}`);
    this.name = 'ProtobufError';
    this.offset = offset;
  }
}
