/**
 * Where bytes of a batch that is being edited lie: an address below SCRATCH is an offset into the batch as it came, one from
 * SCRATCH on an offset into what was written since. So a range is two integers, whichever of the two it is in.
 */
import { valueOffset } from '../protobuf/walk.ts';
import { Writer } from '../protobuf/writer.ts';

/** Batches and what is written beside one are smaller: ring and requests have bounds far below. */
export const SCRATCH = 2 ** 30;

/** The batch at hand and what is written beside it. One for all messages of a batch; reused. */
export class EditSpace {
  /** Never written to. */
  source: Buffer = Buffer.alloc(0);
  readonly scratch = new Writer(4096);
  /** Differs from batch to batch. */
  generation = 0;

  /** Begins another batch: addresses of the one before mean nothing any more. */
  reset(source: Buffer): void {
    this.source = source;
    this.scratch.reset();
    this.generation++;
  }

  /** The buffer that an address is in, until something is written. */
  bufferOf(address: number): Buffer {
    return address < SCRATCH ? this.source : this.scratch.buffer;
  }

  /** The address of what is written next. */
  get end(): number {
    return SCRATCH + this.scratch.length;
  }
}

/** The offset of an address in its buffer. */
export const offsetOf = (address: number): number => (address < SCRATCH ? address : address - SCRATCH);

/** Where the value of the field at an address of the scratch begins. */
export const valueAddress = (space: EditSpace, at: number): number =>
  SCRATCH + valueOffset(space.scratch.buffer, at - SCRATCH);
