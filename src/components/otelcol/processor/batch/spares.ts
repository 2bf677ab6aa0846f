/**
 * Memory of batches that have been sent, for batches to come. Fresh memory of a megabyte for every batch costs more than
 * filling it: pages to fault in, and V8 starts a full collection for every few of them (docs/decisions/0009).
 *
 * One for all batchers of a worker's component; holds at most {@link MAX_SPARE_BYTES}.
 */
const MAX_SPARE_BYTES = 16 * 1024 * 1024;

export class Spares {
  readonly #buffers: Buffer[] = [];
  #bytes = 0;

  /** Memory of at least `bytes`, its content undefined. */
  take(bytes: number): Buffer {
    const at = this.#buffers.findIndex((spare) => spare.length >= bytes);
    if (at < 0) return Buffer.allocUnsafeSlow(bytes);
    const [spare] = this.#buffers.splice(at, 1);
    this.#bytes -= spare.length;
    return spare;
  }

  /** Gives memory back that nobody reads any more. */
  give(memory: Buffer): void {
    if (this.#bytes + memory.length > MAX_SPARE_BYTES) return;
    this.#buffers.push(memory);
    this.#bytes += memory.length;
  }
}
