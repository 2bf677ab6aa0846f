/**
 * Bytes that were copied in one behind the other, found again by offset and length. Grows by doubling; nothing is taken out
 * singly.
 */
import { copyBytes } from '#codec/protobuf/copy.ts';

const FIRST_BYTES = 4096;

export class ByteArena {
  bytes: Buffer;
  /** Bytes in use. */
  length = 0;

  constructor(expectedBytes = 0) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, expectedBytes));
  }

  /** Copies `source[start, end)` in; where it lies. */
  append(source: Buffer, start: number, end: number): number {
    const at = this.length;
    const needed = at + end - start;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, at);
      this.bytes = grown;
    }
    copyBytes(source, start, end, this.bytes, at);
    this.length = needed;
    return at;
  }

  /** Whether the `length` bytes at `at` are those of `other` from `start` on. */
  equals(at: number, length: number, other: Buffer, start: number): boolean {
    const bytes = this.bytes;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== other[start + i]) return false;
    return true;
  }
}
