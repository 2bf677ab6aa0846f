/** What a range holds: text, text that never needs quotes in a line, or an AnyValue message. */
export const TEXT = 0;
export const PLAIN = 1;
export const ANY = 2;

/** The values of one line, by slot of the layout, and the order in which they came. Ranges of bytes, nothing is copied. */
export class LineValues {
  /** Slots in order; the first `count` count. */
  readonly order: Int32Array;
  count = 0;
  /** By slot: the buffer a value lies in. */
  readonly from: Buffer[];
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** By slot: what the range holds. */
  readonly kind: Uint8Array;
  readonly #present: Uint8Array;

  constructor(slots: number) {
    this.order = new Int32Array(slots);
    this.from = Array.from({ length: slots }, () => Buffer.alloc(0));
    this.start = new Int32Array(slots);
    this.end = new Int32Array(slots);
    this.kind = new Uint8Array(slots);
    this.#present = new Uint8Array(slots);
  }

  clear(): void {
    for (let i = 0; i < this.count; i++) this.#present[this.order[i]] = 0;
    this.count = 0;
  }

  has(slot: number): boolean {
    return this.#present[slot] === 1;
  }

  text(slot: number, from: Buffer, start: number, end: number): void {
    this.#put(slot, from, start, end, TEXT);
  }

  plain(slot: number, from: Buffer, start: number, end: number): void {
    this.#put(slot, from, start, end, PLAIN);
  }

  value(slot: number, from: Buffer, start: number, end: number): void {
    this.#put(slot, from, start, end, ANY);
  }

  /** The same values in the same order. */
  copy(other: LineValues): void {
    this.clear();
    for (let i = 0; i < other.count; i++) {
      const slot = other.order[i];
      this.#put(slot, other.from[slot], other.start[slot], other.end[slot], other.kind[slot]);
    }
  }

  /** What lies in `old` lies at the same offsets in `moved` from now on. */
  rebase(old: Buffer, moved: Buffer): void {
    for (let slot = 0; slot < this.from.length; slot++) if (this.from[slot] === old) this.from[slot] = moved;
  }

  #put(slot: number, from: Buffer, start: number, end: number, kind: number): void {
    if (this.#present[slot] === 0) {
      this.#present[slot] = 1;
      this.order[this.count++] = slot;
    }
    this.from[slot] = from;
    this.start[slot] = start;
    this.end[slot] = end;
    this.kind[slot] = kind;
  }
}
