/** A field that is put into many messages of a batch: written to the scratch once, and then only pointed at. Belongs to one thread. */
import { valueOffset } from '../protobuf/walk.ts';
import type { EditSpace } from './address.ts';

export class ConstantField {
  /** One whole field, tag included. */
  readonly bytes: Buffer;
  readonly tag: number;
  /** Where its value begins in {@link bytes}. */
  readonly value: number;
  #space: EditSpace | null = null;
  #generation = 0;
  #at = 0;

  /** A field with a number below 16. */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.tag = bytes[0];
    this.value = valueOffset(bytes, 0);
  }

  /** Its address among what is written beside the batch at hand. */
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
