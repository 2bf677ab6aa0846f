/** A field that is put into many messages of a batch. Belongs to one thread. */
import { valueOffset } from '../protobuf/walk.ts';
import { SharedBytes } from './shared-bytes.ts';

export class ConstantField extends SharedBytes {
  readonly tag: number;
  /** Where its value begins in `bytes`. */
  readonly value: number;

  /** A field with a number below 16. */
  constructor(bytes: Buffer) {
    super(bytes);
    this.tag = bytes[0];
    this.value = valueOffset(bytes, 0);
  }
}
