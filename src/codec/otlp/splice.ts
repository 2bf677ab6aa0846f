/**
 * A message put together from ranges of another buffer, and of a scratch buffer beside it: nested length-delimited messages opened
 * and closed around copied ranges. All sizes are known before a byte is written, lengths are minimal varints, ranges that touch
 * become one copy. Reused; allocates only to grow.
 *
 * Recorded as pairs of integers:  start, end  (a range to copy)  or  -tag, content size  (a message that starts here). Ranges are
 * addresses (`address.ts`): from SCRATCH on they lie in the scratch buffer.
 */
import { copyBytes } from '../protobuf/copy.ts';
import { SCRATCH } from './address.ts';
import { varint32Size, writeVarint32 } from '../protobuf/varint.ts';

/** Deepest nesting that is put together: request, entry, scope, metric, its data, a data point. */
const LEVELS = 8;
/** A list of more integers than this is not kept for the next whole. */
const KEPT = 2 ** 20;

export class Splice {
  #ops = new Int32Array(64);
  #length = 0;
  #depth = 0;
  /** Per open message: where its op is, and how many bytes its content has so far. Level 0 is the whole. */
  readonly #opAt = new Int32Array(LEVELS);
  readonly #content = new Float64Array(LEVELS);

  /** Bytes of the whole, once every message is closed. */
  get size(): number {
    return this.#content[0];
  }

  reset(): void {
    if (this.#ops.length > KEPT) this.#ops = new Int32Array(64);
    this.#length = 0;
    this.#depth = 0;
    this.#content[0] = 0;
  }

  /** Opens a message field. `tag` is one byte: field number below 16, length-delimited. */
  begin(tag: number): void {
    this.#depth++;
    this.#opAt[this.#depth] = this.#length;
    this.#content[this.#depth] = 0;
    this.#push(-tag, 0);
  }

  /** Closes the innermost message. */
  end(): void {
    const content = this.#content[this.#depth];
    this.#ops[this.#opAt[this.#depth] + 1] = content;
    this.#depth--;
    this.#content[this.#depth] += 1 + varint32Size(content) + content;
  }

  /** Takes the innermost message back, with all that was put into it. */
  cancel(): void {
    this.#length = this.#opAt[this.#depth];
    this.#depth--;
  }

  /** Keeps a place in the innermost message for a range that is known later; give the result to {@link fill}, always. */
  reserve(): number {
    this.#push(0, -1);
    return this.#length - 2;
  }

  /** The range of a reserved place, while the message that it is in is the innermost one again. Equal ends: nothing. */
  fill(place: number, start: number, end: number): void {
    this.#ops[place] = start;
    this.#ops[place + 1] = end;
    this.#content[this.#depth] += end - start;
  }

  /** Appends the bytes [start, end): whole fields. */
  range(start: number, end: number): void {
    this.#content[this.#depth] += end - start;
    // Sizes are kept apart from the ops, so a range may grow even beyond the end of the message that it began in.
    const last = this.#length - 2;
    if (last >= 0 && this.#ops[last] >= 0 && this.#ops[last + 1] === start) this.#ops[last + 1] = end;
    else this.#push(start, end);
  }

  /** What {@link size} would be with `bytes` more in the innermost message and all messages closed. */
  sizeWith(bytes: number): number {
    let size = this.#content[this.#depth] + bytes;
    for (let level = this.#depth - 1; level >= 0; level--) size = this.#content[level] + 1 + varint32Size(size) + size;
    return size;
  }

  /** Writes {@link size} bytes at `at`; returns the position after them. `target` may lie in shared memory. */
  write(source: Buffer, target: Buffer, at: number, scratch = source): number {
    const ops = this.#ops;
    // What many messages get is copied as a whole array, which takes a third of the time of a part of one.
    let sharedFrom = 0;
    let sharedTo = 0;
    let shared: Buffer | null = null;
    for (let i = 0; i < this.#length; i += 2) {
      const a = ops[i];
      const b = ops[i + 1];
      if (a < 0) {
        target[at] = -a;
        at = writeVarint32(target, at + 1, b);
      } else {
        if (a < SCRATCH) copyBytes(source, a, b, target, at);
        else if (a === sharedFrom && b === sharedTo)
          target.set((shared ??= scratch.subarray(a - SCRATCH, b - SCRATCH)), at);
        else {
          copyBytes(scratch, a - SCRATCH, b - SCRATCH, target, at);
          sharedFrom = a;
          sharedTo = b;
          shared = null;
        }
        at += b - a;
      }
    }
    return at;
  }

  /** The whole in memory of its own. */
  toBuffer(source: Buffer): Buffer {
    const out = Buffer.allocUnsafeSlow(this.size);
    this.write(source, out, 0);
    return out;
  }

  #push(a: number, b: number): void {
    if (this.#length === this.#ops.length) {
      const grown = new Int32Array(this.#ops.length * 2);
      grown.set(this.#ops);
      this.#ops = grown;
    }
    this.#ops[this.#length++] = a;
    this.#ops[this.#length++] = b;
  }
}
