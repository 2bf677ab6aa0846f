/**
 * Memory of batches that have been sent, for batches to come. Fresh memory of a megabyte for every batch costs more than
 * filling it: pages to fault in, and V8 starts a full collection for every few of them (docs/decisions/0009).
 *
 * One for all batchers of a worker's component; holds at most {@link MAX_SPARE_BYTES}.
 */
const MAX_SPARE_BYTES = 16 * 1024 * 1024;
const MAX_SPARES = 64;
/** Smaller memory is cheaper to make than to look after. */
const SMALLEST_SPARE_BYTES = 64 * 1024;

export class Spares {
  readonly #buffers: Buffer[] = [];
  #bytes = 0;

  /** Memory of at least `bytes`, its content undefined; not of more than twice as many, which a batch would keep alive for nothing. */
  take(bytes: number): Buffer {
    let best = -1;
    for (let at = 0; at < this.#buffers.length; at++) {
      const { length } = this.#buffers[at];
      if (length >= bytes && length <= 2 * bytes && (best < 0 || length < this.#buffers[best].length)) best = at;
    }
    if (best < 0) return Buffer.allocUnsafeSlow(bytes);
    const [spare] = this.#buffers.splice(best, 1);
    this.#bytes -= spare.length;
    return spare;
  }

  /** Gives memory back that nobody reads any more. */
  give(memory: Buffer): void {
    if (memory.length < SMALLEST_SPARE_BYTES) return;
    if (this.#bytes + memory.length > MAX_SPARE_BYTES || this.#buffers.length === MAX_SPARES) {
      // Freed now: garbage of this kind is collected only after tens of megabytes of it.
      (memory.buffer as ArrayBuffer).transfer(0);
      return;
    }
    this.#buffers.push(memory);
    this.#bytes += memory.length;
  }
}
