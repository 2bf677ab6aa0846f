/**
 * A request body that is put together from chunks by copying: it costs what it holds, however small its chunks are, and does
 * not keep them alive. Exactly one allocation when the length is known.
 */
export class GrowingBody {
  readonly #limit: number;
  #buffer: Buffer;
  #length = 0;

  constructor(limitBytes: number, declaredBytes = 0) {
    this.#limit = limitBytes;
    this.#buffer = Buffer.allocUnsafeSlow(declaredBytes);
  }

  /** False: the body would be longer than the limit, and the chunk was not taken. */
  add(chunk: Uint8Array): boolean {
    const end = this.#length + chunk.byteLength;
    if (end > this.#limit) return false;
    if (end > this.#buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(this.#limit, Math.max(end, 2 * this.#buffer.length, 16_384)));
      this.#buffer.copy(grown, 0, 0, this.#length);
      this.#buffer = grown;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = end;
    return true;
  }

  /** What has come so far. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
