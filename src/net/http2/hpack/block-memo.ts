/**
 * The header block that was decoded last, with its bytes. A client repeats the same block for request after request; as long
 * as the dynamic table is the same, so is the list.
 */

/** Longer blocks are not kept: their comparison would cost about what decoding does. */
const MAX_BYTES = 256;

export class BlockMemo<Decoded> {
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_BYTES);
  #length = 0;
  #block: Decoded | null = null;

  find(bytes: Buffer, start: number, end: number): Decoded | null {
    const length = this.#length;
    if (this.#block === null || end - start !== length) return null;
    const kept = this.#bytes;
    for (let i = 0; i < length; i++) {
      if (kept[i] !== bytes[start + i]) return null;
    }
    return this.#block;
  }

  keep(bytes: Buffer, start: number, end: number, block: Decoded): void {
    if (end - start > MAX_BYTES) return;
    this.#length = bytes.copy(this.#bytes, 0, start, end);
    this.#block = block;
  }

  forget(): void {
    this.#block = null;
  }
}
