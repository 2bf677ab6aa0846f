/**
 * Edges that wait for their other half, by trace id and span id of the client. Open addressing over slots in typed arrays: an edge
 * costs no object and no string. Slots are also linked by age. `ttl` is the same for all edges and not extended, so the oldest one
 * is always the next to expire.
 *
 *     store.key(view, traceIdAt, spanIdAt);      // -1: no id, which counts as one of zeros
 *     let slot = store.find();
 *     if (slot < 0) slot = store.insert(nowMs);
 *
 * Columns are replaced when the store grows: read them anew after `insert`.
 */
import { wordsHash } from '#codec/key-hash.ts';

const WORDS = 6;
const FIRST_CAPACITY = 256;
const NONE = -1;

export class EdgeStore {
  size = 0;
  /** Columns, by slot. Ids of texts (`texts.ts`), 0 = that side has not been seen, or has no peer. */
  client = new Int32Array(0);
  server = new Int32Array(0);
  peer = new Int32Array(0);
  /** Seconds. */
  clientLatency = new Float64Array(0);
  serverLatency = new Float64Array(0);
  connection = new Uint8Array(0);
  failed = new Uint8Array(0);
  /** When the first half came, as given to `insert`. */
  createdMs = new Float64Array(0);
  /** The slot that has waited longest, -1 if there is none. */
  oldest = NONE;

  readonly #key = new Int32Array(WORDS);
  #keyHash = 0;
  #keys = new Int32Array(0);
  #hashes = new Int32Array(0);
  /** Slot + 1 at the place that the hash gives or behind it; 0 = free. At most half full. */
  #index = new Int32Array(0);
  #newer = new Int32Array(0);
  #older = new Int32Array(0);
  #newest = NONE;
  /** First free slot; the others follow in `newer`. */
  #free = NONE;

  constructor() {
    this.#grow(FIRST_CAPACITY);
  }

  /** Sets the key that `find` and `insert` are about: 16 bytes at `traceIdAt` and 8 at `spanIdAt`. */
  key(view: DataView, traceIdAt: number, spanIdAt: number): void {
    const key = this.#key;
    if (traceIdAt < 0) key.fill(0);
    else for (let word = 0; word < 4; word++) key[word] = view.getInt32(traceIdAt + word * 4, true);
    key[4] = spanIdAt < 0 ? 0 : view.getInt32(spanIdAt, true);
    key[5] = spanIdAt < 0 ? 0 : view.getInt32(spanIdAt + 4, true);
    this.#keyHash = wordsHash(key, WORDS, 0);
  }

  /** The slot of the key, or -1. */
  find(): number {
    const index = this.#index;
    const mask = index.length - 1;
    const hash = this.#keyHash;
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = index[at] - 1;
      if (slot < 0) return NONE;
      if (this.#hashes[slot] === hash && this.#holds(slot)) return slot;
    }
  }

  /** A slot for the key, which must not have one. All of its columns are 0 but `createdMs`, which must not go back. */
  insert(nowMs: number): number {
    if (this.#free === NONE) this.#grow(this.client.length * 2);
    const slot = this.#free;
    this.#free = this.#newer[slot];
    this.#keys.set(this.#key, slot * WORDS);
    this.#hashes[slot] = this.#keyHash;
    this.#place(slot);
    this.client[slot] = 0;
    this.server[slot] = 0;
    this.peer[slot] = 0;
    this.clientLatency[slot] = 0;
    this.serverLatency[slot] = 0;
    this.connection[slot] = 0;
    this.failed[slot] = 0;
    this.createdMs[slot] = nowMs;
    this.#older[slot] = this.#newest;
    this.#newer[slot] = NONE;
    if (this.#newest === NONE) this.oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
    this.size++;
    return slot;
  }

  remove(slot: number): void {
    this.#unplace(slot);
    const older = this.#older[slot];
    const newer = this.#newer[slot];
    if (older === NONE) this.oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    this.#newer[slot] = this.#free;
    this.#free = slot;
    this.size--;
  }

  /** The slot that came after this one, -1 if it is the newest. */
  after(slot: number): number {
    return this.#newer[slot];
  }

  /** Whether the span id of the slot's key is empty: its server span has no parent. */
  isRoot(slot: number): boolean {
    return (this.#keys[slot * WORDS + 4] | this.#keys[slot * WORDS + 5]) === 0;
  }

  #holds(slot: number): boolean {
    const keys = this.#keys;
    const key = this.#key;
    const at = slot * WORDS;
    for (let word = 0; word < WORDS; word++) if (keys[at + word] !== key[word]) return false;
    return true;
  }

  #place(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let at = this.#hashes[slot] & mask;
    while (index[at] !== 0) at = (at + 1) & mask;
    index[at] = slot + 1;
  }

  /** Takes the slot out of the index and moves up what stands behind it, so that no marks of the removed are left. */
  #unplace(slot: number): void {
    const index = this.#index;
    const mask = index.length - 1;
    let hole = this.#hashes[slot] & mask;
    while (index[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let at = (hole + 1) & mask; index[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[index[at] - 1] & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      index[hole] = index[at];
      hole = at;
    }
    index[hole] = 0;
  }

  #grow(capacity: number): void {
    const had = this.client.length;
    const ints = (old: Int32Array, size = capacity): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(size);
      grown.set(old);
      return grown;
    };
    const doubles = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(capacity);
      grown.set(old);
      return grown;
    };
    const bytes = (old: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(capacity);
      grown.set(old);
      return grown;
    };
    this.client = ints(this.client);
    this.server = ints(this.server);
    this.peer = ints(this.peer);
    this.clientLatency = doubles(this.clientLatency);
    this.serverLatency = doubles(this.serverLatency);
    this.createdMs = doubles(this.createdMs);
    this.connection = bytes(this.connection);
    this.failed = bytes(this.failed);
    this.#keys = ints(this.#keys, capacity * WORDS);
    this.#hashes = ints(this.#hashes);
    this.#newer = ints(this.#newer);
    this.#older = ints(this.#older);
    for (let slot = capacity - 1; slot >= had; slot--) {
      this.#newer[slot] = this.#free;
      this.#free = slot;
    }
    this.#index = new Int32Array(capacity * 2);
    for (let slot = this.oldest; slot !== NONE; slot = this.#newer[slot]) this.#place(slot);
  }
}
