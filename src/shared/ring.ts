/**
 * Byte ring between two threads: one writer, one reader, memory in a SharedArrayBuffer.
 *
 * Layout of the buffer (bytes):
 *
 *     0    i32  head      bytes ever written, mod 2^32; stored by the writer
 *     64   i32  tail      bytes ever released, mod 2^32; stored by the reader
 *     128  i32  sleeping  1 = the reader waits for the bell; set by the reader, cleared by whoever wakes it
 *     192  i32  bell      sequence number that the reader waits on
 *     224  i32  base      the position (as head and tail count) that lies at the start of the data; stored by the writer, and
 *                         only while the ring is empty
 *     256  ...  data      capacity bytes, a power of two
 *
 * What changes with every record lies on cache lines of its own. A record starts at a multiple of 8:
 *
 *     0  u32  length of the content in bytes; 0xffffffff = nothing until the end of the data, go on at its start
 *     4  u32  unused
 *     8  ...  content, then up to 7 bytes so that the next record is aligned again
 *
 * A record never wraps. While the ring is empty the writer starts over at the beginning of the data by moving `base`, which
 * costs no capacity, so a reader that keeps up touches the same few cache lines and most of the memory never becomes resident.
 */
export const DEFAULT_RING_BYTES = 32 * 1024 * 1024;
export const MIN_RING_BYTES = 64 * 1024;
export const MAX_RING_BYTES = 1024 * 1024 * 1024;

const HEAD = 0;
const TAIL = 16;
const SLEEPING = 32;
const BELL = 48;
const BASE = 56;
const DATA_OFFSET = 256;
const RECORD_HEADER = 8;
const WRAP = -1;
/** Below this fill position starting over would win nothing: it already lies in the caches. */
const START_OVER_BYTES = 256 * 1024;

const recordBytes = (contentBytes: number): number => (RECORD_HEADER + contentBytes + 7) & ~7;

/** Makes the memory of a ring. `capacity` is rounded up to a power of two within the bounds above. */
export function createRing(capacity: number): SharedArrayBuffer {
  let bytes = MIN_RING_BYTES;
  while (bytes < capacity && bytes < MAX_RING_BYTES) bytes *= 2;
  return new SharedArrayBuffer(DATA_OFFSET + bytes);
}

/** Bytes between writer and reader, record headers included. Any thread may ask; an instant's value. */
export function ringUsedBytes(memory: SharedArrayBuffer): number {
  return usedBytes(new Int32Array(memory, 0, DATA_OFFSET / 4));
}

export const ringCapacity = (memory: SharedArrayBuffer): number => memory.byteLength - DATA_OFFSET;

const usedBytes = (control: Int32Array): number => (Atomics.load(control, HEAD) - Atomics.load(control, TAIL)) >>> 0;

class RingView {
  /** The data area; offsets given and taken by reader and writer index it. Its base is 8-aligned. */
  readonly data: Buffer;
  /** The same memory as 32-bit words. */
  readonly words: Int32Array;
  readonly capacity: number;
  protected readonly control: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.capacity = ringCapacity(memory);
    this.control = new Int32Array(memory, 0, DATA_OFFSET / 4);
    this.data = Buffer.from(memory, DATA_OFFSET);
    this.words = new Int32Array(memory, DATA_OFFSET);
  }

  /** See {@link ringUsedBytes}. */
  usedBytes(): number {
    return usedBytes(this.control);
  }

  /** Wakes the reader if it sleeps. Costs one atomic load when it does not, 5-20 us when it does: call it once per burst. */
  ring(): void {
    if (Atomics.load(this.control, SLEEPING) === 1 && Atomics.exchange(this.control, SLEEPING, 0) === 1) {
      Atomics.add(this.control, BELL, 1);
      Atomics.notify(this.control, BELL);
    }
  }
}

/** The writing end. Exactly one thread makes one of these per ring. */
export class RingWriter extends RingView {
  #head: number;
  #next: number;
  #tail: number;
  #base: number;

  constructor(memory: SharedArrayBuffer) {
    super(memory);
    this.#head = Atomics.load(this.control, HEAD);
    this.#next = this.#head;
    this.#tail = Atomics.load(this.control, TAIL);
    this.#base = Atomics.load(this.control, BASE);
  }

  /**
   * Longest content that fits into an empty ring. Content of up to a quarter of the capacity fits whenever half of the ring is
   * free; longer content may have to wait until it is empty, since a record does not wrap.
   */
  get maxContentBytes(): number {
    return this.capacity - RECORD_HEADER;
  }

  /**
   * Reserves room for one record of `contentBytes` and returns the offset of its content in `data` (a multiple of 8), or -1
   * if the ring is too full. Nothing is visible to the reader before {@link commit}; reserving again forgets the
   * reservation. Content longer than {@link maxContentBytes} never fits: check before.
   */
  reserve(contentBytes: number): number {
    const need = recordBytes(contentBytes);
    const mask = this.capacity - 1;
    let start = (this.#head - this.#base) & mask;
    if (start >= START_OVER_BYTES || start + need > this.capacity) {
      this.#tail = Atomics.load(this.control, TAIL);
      if (this.#tail === this.#head) {
        // Seen by the reader before the next record is: it loads base after a head that has moved.
        this.#base = this.#head;
        Atomics.store(this.control, BASE, this.#base);
        start = 0;
      }
    }
    const skip = start + need > this.capacity ? this.capacity - start : 0;
    if ((this.#head + skip + need - this.#tail) >>> 0 > this.capacity) {
      this.#tail = Atomics.load(this.control, TAIL);
      if ((this.#head + skip + need - this.#tail) >>> 0 > this.capacity) return -1;
    }
    let at = start;
    if (skip !== 0) {
      this.words[start >> 2] = WRAP;
      at = 0;
    }
    this.words[at >> 2] = contentBytes;
    this.#next = (this.#head + skip + need) | 0;
    return at + RECORD_HEADER;
  }

  /** Makes the reserved record visible. Does not wake the reader: see {@link ring}. */
  commit(): void {
    this.#head = this.#next;
    Atomics.store(this.control, HEAD, this.#head);
  }
}

/** The reading end. Exactly one thread makes one of these per ring. */
export class RingReader extends RingView {
  /** Offset of the present record's content in `data`; valid after `peek()` gave true, until `release()`. */
  offset = 0;
  /** Length of the present record's content. */
  length = 0;
  #tail: number;
  #head: number;
  #base: number;

  constructor(memory: SharedArrayBuffer) {
    super(memory);
    this.#tail = Atomics.load(this.control, TAIL);
    this.#head = Atomics.load(this.control, HEAD);
    this.#base = Atomics.load(this.control, BASE);
  }

  /** Moves to the next record if there is one. Calling it again before `release()` gives the same record. */
  peek(): boolean {
    for (;;) {
      if (this.#tail === this.#head) {
        this.#head = Atomics.load(this.control, HEAD);
        if (this.#tail === this.#head) return false;
        this.#base = Atomics.load(this.control, BASE);
      }
      const start = (this.#tail - this.#base) & (this.capacity - 1);
      const length = this.words[start >> 2];
      if (length !== WRAP) {
        this.offset = start + RECORD_HEADER;
        this.length = length;
        return true;
      }
      this.#tail = (this.#tail + this.capacity - start) | 0;
      Atomics.store(this.control, TAIL, this.#tail);
    }
  }

  /** Gives the present record's memory back to the writer. */
  release(): void {
    this.#tail = (this.#tail + recordBytes(this.length)) | 0;
    Atomics.store(this.control, TAIL, this.#tail);
  }

  /**
   * Tells the writer not to wake this reader: it will look by itself, then {@link rest}. While the promise of the last `sleep` is
   * pending.
   */
  stayAwake(): void {
    Atomics.store(this.control, SLEEPING, 0);
  }

  /** Ends {@link stayAwake}: the writer rings again. false: there is something to read, and nobody rings for it. */
  rest(): boolean {
    // The same order as in `sleep`.
    Atomics.store(this.control, SLEEPING, 1);
    if (!this.peek()) return true;
    Atomics.store(this.control, SLEEPING, 0);
    return false;
  }

  /**
   * Announces sleep. Returns null if there is something to read after all, else a promise that settles when the writer
   * rings or `timeoutMs` have passed. The promise does not keep the thread alive (Atomics.waitAsync holds no handle).
   */
  sleep(timeoutMs = Infinity): Promise<unknown> | null {
    // The order matters: the flag is set before the ring is checked again, the writer stores head before it reads the flag.
    const seen = Atomics.load(this.control, BELL);
    Atomics.store(this.control, SLEEPING, 1);
    if (this.peek()) {
      Atomics.store(this.control, SLEEPING, 0);
      return null;
    }
    const wait = Atomics.waitAsync(this.control, BELL, seen, timeoutMs);
    return wait.async ? wait.value : null;
  }
}
