/** Below this, a byte loop beats the call into native code. */
const SHORT_COPY = 24;

/**
 * Copies source bytes [start, end) to `target` at `at`. Into shared memory `Buffer.copy` is a plain memmove only for a strict
 * part of its source: for the whole buffer Node falls back to `TypedArray.set`, five times slower when the two addresses
 * differ modulo 8. So the last byte goes separately then.
 */
export function copyBytes(source: Buffer, start: number, end: number, target: Buffer, at: number): void {
  if (end - start < SHORT_COPY) {
    for (let i = start; i < end; i++) target[at++] = source[i];
    return;
  }
  if (start === 0 && end === source.length) target[at + --end] = source[end];
  source.copy(target, at, start, end);
}
