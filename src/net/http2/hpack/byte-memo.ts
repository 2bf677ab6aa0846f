/** What was decoded last, with its bytes: who sends the same bytes again gets the same value again. */

/** Longer ones are not kept: the comparison would cost about what decoding does. */
const MAX_BYTES = 256;

export class ByteMemo<Decoded> {
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_BYTES);
  #length = 0;
  #decoded: Decoded | null = null;

  find(bytes: Buffer, start: number, end: number): Decoded | null {
    const length = this.#length;
    if (this.#decoded === null || end - start !== length) return null;
    const kept = this.#bytes;
    for (let i = 0; i < length; i++) {
      if (kept[i] !== bytes[start + i]) return null;
    }
    return this.#decoded;
  }

  keep(bytes: Buffer, start: number, end: number, decoded: Decoded): void {
    if (end - start > MAX_BYTES) return;
    this.#length = bytes.copy(this.#bytes, 0, start, end);
    this.#decoded = decoded;
  }

  forget(): void {
    this.#decoded = null;
  }
}
