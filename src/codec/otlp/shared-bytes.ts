/** Bytes that many messages of a batch get: written to the scratch once, and then only pointed at. Belongs to one thread. */
import type { EditSpace } from './address.ts';

export class SharedBytes {
  /** Whole fields, tags included. */
  readonly bytes: Buffer;
  #space: EditSpace | null = null;
  #generation = 0;
  #at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Their address among what is written beside the batch at hand. */
  addressIn(space: EditSpace): number {
    if (this.#space !== space || this.#generation !== space.generation) {
      this.#at = space.end;
      space.scratch.raw(this.bytes);
      this.#space = space;
      this.#generation = space.generation;
    }
    return this.#at;
  }
}
