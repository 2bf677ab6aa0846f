/**
 * Bytes of varying length that come and go: keys, attributes, buckets, exemplars. Blocks are cut from segments, one behind the
 * other; a segment without living blocks is freed at once, and {@link BlockArena.compact} empties those that are mostly holes. So
 * nothing is ever copied as a whole, and memory of what is gone comes back.
 *
 * A block is named by a number: that of its segment times {@link SEGMENT_UNITS}, plus where it begins in it, in units of 8 bytes;
 * 0 is no block. It begins with 8 bytes that say, as u32 each, its units (the topmost bit: it is free) and who refers to it: the
 * owner's number in 24 bits, above them which of its references that is. Any thread.
 */
const UNIT = 8;
const SEGMENT_UNITS = 16_384;
const FREE = 0x8000_0000;
const OWNERS = 0x100_0000;

interface Segment {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
  readonly numbers: Float64Array;
  /** Units that have been given out, holes included, and those of living blocks. */
  used: number;
  live: number;
}

/** A block has moved: its owner has to refer to it by `block` from now on. */
export type Moved = (owner: number, reference: number, block: number) => void;

export class BlockArena {
  readonly #moved: Moved;
  readonly #segments: (Segment | null)[] = [];
  readonly #unused: number[] = [];
  /** Number of the segment that new blocks are cut from; -1 = none. */
  #filling = -1;
  #allocated = 0;
  #live = 0;

  constructor(moved: Moved) {
    this.#moved = moved;
  }

  /** Of all segments. */
  get allocatedBytes(): number {
    return this.#allocated * UNIT;
  }
  get liveBytes(): number {
    return this.#live * UNIT;
  }

  /** A block with room for `length` bytes, not cleared. */
  allocate(length: number, owner: number, reference: number): number {
    const units = 1 + Math.ceil(length / UNIT);
    let segment = this.#filling < 0 ? null : this.#segments[this.#filling];
    if (segment === null || segment.used + units > segment.numbers.length) {
      this.#open(Math.max(units + 1, SEGMENT_UNITS));
      segment = this.#at(this.#filling * SEGMENT_UNITS);
    }
    const block = this.#filling * SEGMENT_UNITS + segment.used;
    segment.words[segment.used * 2] = units;
    segment.words[segment.used * 2 + 1] = owner + reference * OWNERS;
    segment.used += units;
    segment.live += units;
    this.#live += units;
    return block;
  }

  free(block: number): void {
    const number = Math.floor(block / SEGMENT_UNITS);
    const segment = this.#at(block);
    const at = (block % SEGMENT_UNITS) * 2;
    const units = segment.words[at];
    segment.words[at] = units | FREE;
    segment.live -= units;
    this.#live -= units;
    if (segment.live === 0 && number !== this.#filling) this.#release(number);
  }

  /** The owner has another number now. */
  owned(block: number, owner: number, reference: number): void {
    this.#at(block).words[(block % SEGMENT_UNITS) * 2 + 1] = owner + reference * OWNERS;
  }

  /** Room in the block, in bytes. */
  capacity(block: number): number {
    return (this.#at(block).words[(block % SEGMENT_UNITS) * 2] - 1) * UNIT;
  }

  /** The memory that the block lies in, until the next call of anything that makes, frees or moves blocks. */
  bytes(block: number): Buffer {
    return this.#at(block).bytes;
  }
  numbers(block: number): Float64Array {
    return this.#at(block).numbers;
  }
  words(block: number): Uint32Array {
    return this.#at(block).words;
  }
  /** Where the content of the block begins there: of `numbers`. Of `words` it is twice, of `bytes` eight times that. */
  start(block: number): number {
    return (block % SEGMENT_UNITS) + 1;
  }

  /** Empties one segment, if that gives memory back; false: there was nothing to gain. */
  compact(): boolean {
    if (this.#live === 0) this.#close();
    if (this.#allocated <= 2 * this.#live + 2 * SEGMENT_UNITS) return false;
    let sparsest = -1;
    let share = 0.75;
    for (let number = 0; number < this.#segments.length; number++) {
      const segment = this.#segments[number];
      if (segment === null || number === this.#filling) continue;
      const filled = segment.live / segment.numbers.length;
      if (filled < share) {
        share = filled;
        sparsest = number;
      }
    }
    if (sparsest < 0) return false;
    this.#evacuate(sparsest);
    return true;
  }

  #evacuate(number: number): void {
    const from = this.#at(number * SEGMENT_UNITS);
    for (let at = 1; at < from.used;) {
      const units = from.words[at * 2];
      if (units >= FREE) {
        at += units - FREE;
        continue;
      }
      const word = from.words[at * 2 + 1];
      const owner = word % OWNERS;
      const reference = Math.floor(word / OWNERS);
      const block = this.allocate((units - 1) * UNIT, owner, reference);
      this.#at(block).numbers.set(from.numbers.subarray(at + 1, at + units), this.start(block));
      this.#moved(owner, reference, block);
      at += units;
      this.#live -= units;
    }
    this.#release(number);
  }

  #at(block: number): Segment {
    return this.#segments[Math.floor(block / SEGMENT_UNITS)] as Segment;
  }

  #open(units: number): void {
    this.#close();
    const bytes = Buffer.allocUnsafeSlow(units * UNIT);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, units * 2);
    const numbers = new Float64Array(bytes.buffer, bytes.byteOffset, units);
    const segment = { bytes, words, numbers, used: 1, live: 0 };
    this.#allocated += units;
    const number = this.#unused.pop();
    this.#filling = number ?? this.#segments.push(segment) - 1;
    this.#segments[this.#filling] = segment;
  }

  /** Nothing is cut from the present segment any more. */
  #close(): void {
    const number = this.#filling;
    this.#filling = -1;
    if (number >= 0 && this.#segments[number]?.live === 0) this.#release(number);
  }

  #release(number: number): void {
    const { bytes, numbers } = this.#segments[number] as Segment;
    this.#allocated -= numbers.length;
    this.#segments[number] = null;
    this.#unused.push(number);
    // Freed now: garbage of this kind is collected only after tens of megabytes of it.
    (bytes.buffer as ArrayBuffer).transfer(0);
  }
}
