/**
 * Numbers that are found by bytes, for the time of one batch: an open-addressing table over keys that were copied in. Cleared, it
 * keeps its memory for the next batch, unless that was much; it never holds more than the keys of one batch. Worker threads; reused.
 *
 *     slots    entry + 1, 0 = nobody         entries  stride 5: hash, owner, where the key begins, its length, the number
 */
import { keyHash } from '#codec/key-hash.ts';
import { ByteArena } from './series/arena.ts';

const FIRST_SLOTS = 64;
/** More than these are given back when the table is cleared. */
const KEPT_SLOTS = 1 << 16;
const KEPT_BYTES = 1 << 20;
const STRIDE = 5;

export class KeyTable {
  #slots = new Int32Array(FIRST_SLOTS);
  #entries = new Int32Array((FIRST_SLOTS / 2) * STRIDE);
  #keys = new ByteArena();
  #count = 0;
  /** What `get` has not found, for `put`. */
  #slot = 0;
  #hash = 0;
  #owner = 0;
  #buf: Buffer = this.#keys.bytes;
  #start = 0;
  #end = 0;

  clear(): void {
    if (this.#slots.length > KEPT_SLOTS || this.#keys.bytes.length > KEPT_BYTES) {
      this.#slots = new Int32Array(FIRST_SLOTS);
      this.#entries = new Int32Array((FIRST_SLOTS / 2) * STRIDE);
      this.#keys = new ByteArena();
    } else if (this.#count > 0) this.#slots.fill(0);
    this.#count = 0;
    this.#keys.length = 0;
    this.#buf = this.#keys.bytes;
  }

  /** The number that was put under `buf[start, end)` of this owner (an integer), or -1: then {@link put} may follow. */
  get(owner: number, buf: Buffer, start: number, end: number): number {
    const hash = keyHash(buf, start, end, owner);
    const mask = this.#slots.length - 1;
    const entries = this.#entries;
    let slot = hash & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const at = (this.#slots[slot] - 1) * STRIDE;
      if (
        entries[at] === hash &&
        entries[at + 1] === owner &&
        entries[at + 3] === end - start &&
        this.#keys.equals(entries[at + 2], end - start, buf, start)
      )
        return entries[at + 4];
    }
    this.#slot = slot;
    this.#hash = hash;
    this.#owner = owner;
    this.#buf = buf;
    this.#start = start;
    this.#end = end;
    return -1;
  }

  /** Puts a number (0 or more) under the key that the last `get` has not found; its bytes must still be there. */
  put(number: number): void {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow();
    const at = this.#count * STRIDE;
    this.#slots[this.#slot] = ++this.#count;
    this.#entries[at] = this.#hash;
    this.#entries[at + 1] = this.#owner;
    this.#entries[at + 2] = this.#keys.append(this.#buf, this.#start, this.#end);
    this.#entries[at + 3] = this.#end - this.#start;
    this.#entries[at + 4] = number;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#count; entry++)
      slots[freeSlot(slots, this.#entries[entry * STRIDE] & mask)] = entry + 1;
    this.#slots = slots;
    const entries = new Int32Array((slots.length / 2) * STRIDE);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#slot = freeSlot(slots, this.#hash & mask);
  }
}

function freeSlot(slots: Int32Array, from: number): number {
  const mask = slots.length - 1;
  let slot = from;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  return slot;
}
