/**
 * The rows of one group, of all resources. A row is a number; what belongs to it lies in segments of {@link SEGMENT_ROWS}:
 *
 *     f64   values (`stored-layout.ts`), time of its start, time of its last observation (ms since the epoch), serial number (0 = free)
 *     u32   hash of its key, its resource, block of key and attributes, instruments that have counted, instruments whose first
 *           point has been shown, blocks of buckets and exemplars; in a free row, the next free one
 *
 * Block of key and attributes: their lengths as u32, then the bytes of both. Block of buckets: f64 counts. Block of exemplars: u32
 * number, u32 whether they were exported, then for each f64 value, 16 bytes trace id, 8 bytes span id.
 *
 * Rows may get other numbers, and their blocks too, in {@link StoredRows.compact} only; resources are told. Main thread.
 */
import { keyHash } from '#codec/key-hash.ts';
import { BlockArena } from './block-arena.ts';
import { KeyIndex } from './key-index.ts';
import type { StoredLayout } from './stored-layout.ts';
import type { Resource } from './resource.ts';

const SEGMENT_ROWS = 256;
const SHIFT = 8;
const MASK = SEGMENT_ROWS - 1;

/** Behind the values. */
const START = 0;
const LAST = 1;
const SERIAL = 2;
const EXTRA_NUMBERS = 3;

const HASH = 0;
const RESOURCE = 1;
const KEY = 2;
const COUNTED = 3;
const SHOWN = 4;
const REFERENCES = 5;

export const EXEMPLARS_HEAD = 8;
export const EXEMPLAR_ENTRY = 32;

interface Segment {
  readonly numbers: Float64Array;
  readonly words: Uint32Array;
  live: number;
  /** First free row of it + 1; 0 = none. */
  free: number;
}

export class StoredRows {
  readonly layout: StoredLayout;
  readonly arena: BlockArena;
  readonly #group: number;
  readonly #resources: readonly (Resource | null)[];
  readonly #index = new KeyIndex();
  readonly #segments: Segment[] = [];
  readonly #numbers: number;
  readonly #words: number;
  /** No segment before it has a free row. */
  #firstFree = 0;
  #live = 0;

  /** `resources`: by number; rows tell them when they get another number. */
  constructor(layout: StoredLayout, group: number, resources: readonly (Resource | null)[]) {
    this.layout = layout;
    this.#group = group;
    this.#resources = resources;
    this.#numbers = layout.width + EXTRA_NUMBERS;
    this.#words = REFERENCES + layout.references;
    this.arena = new BlockArena((row, reference, block) => {
      this.words(row)[this.word(row) + wordOf(reference)] = block;
    });
  }

  get live(): number {
    return this.#live;
  }
  get bytes(): number {
    const segments = this.#segments.length * SEGMENT_ROWS * (this.#numbers * 8 + this.#words * 4);
    return segments + this.#index.bytes + this.arena.allocatedBytes;
  }

  /** Values of a row begin at {@link number} in these. */
  numbers(row: number): Float64Array {
    return this.#segments[row >>> SHIFT].numbers;
  }
  number(row: number): number {
    return (row & MASK) * this.#numbers;
  }
  words(row: number): Uint32Array {
    return this.#segments[row >>> SHIFT].words;
  }
  word(row: number): number {
    return (row & MASK) * this.#words;
  }

  startMs(row: number): number {
    return this.numbers(row)[this.number(row) + this.layout.width + START];
  }
  setStart(row: number, ms: number): void {
    this.numbers(row)[this.number(row) + this.layout.width + START] = ms;
  }
  lastMs(row: number): number {
    return this.numbers(row)[this.number(row) + this.layout.width + LAST];
  }
  setLast(row: number, ms: number): void {
    this.numbers(row)[this.number(row) + this.layout.width + LAST] = ms;
  }
  serial(row: number): number {
    return this.numbers(row)[this.number(row) + this.layout.width + SERIAL];
  }
  /** Mask of the instruments that have counted. */
  counted(row: number): number {
    return this.words(row)[this.word(row) + COUNTED];
  }
  setCounted(row: number, mask: number): void {
    this.words(row)[this.word(row) + COUNTED] = mask;
  }
  /** Mask of the instruments that have been exported since the row was made (delta: in the present flush). */
  shown(row: number): number {
    return this.words(row)[this.word(row) + SHOWN];
  }
  setShown(row: number, mask: number): void {
    this.words(row)[this.word(row) + SHOWN] = mask;
  }
  /** Block that a reference of the layout leads to; 0 = none. */
  block(row: number, reference: number): number {
    return this.words(row)[this.word(row) + REFERENCES + reference];
  }
  /** Gives a reference a block of that many bytes, in place of the one it has; the old content is gone. */
  allocate(row: number, reference: number, length: number): number {
    const old = this.block(row, reference);
    if (old !== 0) this.arena.free(old);
    const block = this.arena.allocate(length, row, reference + 1);
    this.words(row)[this.word(row) + REFERENCES + reference] = block;
    return block;
  }
  /** Block of key and attributes. */
  keyBlock(row: number): number {
    return this.words(row)[this.word(row) + KEY];
  }
  resource(row: number): Resource {
    return this.#resources[this.words(row)[this.word(row) + RESOURCE]] as Resource;
  }

  /** Hash of a key of a resource, unsigned. */
  hash(resource: Resource, key: Buffer, start: number, end: number): number {
    return keyHash(key, start, end, resource.id) >>> 0;
  }

  /** The row of a resource with this key, or -1. Overflow rows are not found. */
  find(resource: Resource, hash: number, key: Buffer, start: number, end: number): number {
    for (let row = this.#index.first(hash); row >= 0; row = this.#index.next()) {
      const words = this.words(row);
      const at = this.word(row);
      if (words[at + RESOURCE] === resource.id && this.#hasKey(words[at + KEY], key, start, end)) return row;
    }
    return -1;
  }

  #hasKey(block: number, key: Buffer, start: number, end: number): boolean {
    const { arena } = this;
    const at = arena.start(block);
    if (arena.words(block)[at * 2] !== end - start) return false;
    const from = at * 8 + 8;
    return arena.bytes(block).compare(key, start, end, from, from + end - start) === 0;
  }

  /** Makes a row with values of 0 and appends it to the resource's list. A row with an empty key is the overflow row. */
  add(
    resource: Resource,
    hash: number,
    serial: number,
    key: Buffer,
    start: number,
    end: number,
    attributes: Buffer,
    from: number,
    to: number,
  ): number {
    const row = this.#take();
    const words = this.words(row);
    const at = this.word(row);
    const keyLength = end - start;
    words.fill(0, at, at + this.#words);
    words[at + HASH] = hash;
    words[at + RESOURCE] = resource.id;
    const numbers = this.number(row);
    this.numbers(row).fill(0, numbers, numbers + this.#numbers);
    this.numbers(row)[numbers + this.layout.width + SERIAL] = serial;
    const block = this.arena.allocate(8 + keyLength + (to - from), row, 0);
    words[at + KEY] = block;
    const content = this.arena.start(block);
    this.arena.words(block)[content * 2] = keyLength;
    this.arena.words(block)[content * 2 + 1] = to - from;
    const bytes = this.arena.bytes(block);
    key.copy(bytes, content * 8 + 8, start, end);
    attributes.copy(bytes, content * 8 + 8 + keyLength, from, to);
    if (keyLength > 0) this.#index.add(hash, row);
    else resource.overflow[this.#group] = row;
    resource.lists[this.#group].add(row, serial);
    return row;
  }

  /** The row and its blocks are gone; its resource's list has a gap. */
  remove(row: number): void {
    const { arena, layout } = this;
    const resource = this.resource(row);
    const words = this.words(row);
    const at = this.word(row);
    const key = words[at + KEY];
    if (arena.words(key)[arena.start(key) * 2] > 0) this.#index.remove(words[at + HASH], row);
    else resource.overflow[this.#group] = -1;
    resource.lists[this.#group].remove(this.serial(row));
    arena.free(key);
    for (let reference = 0; reference < layout.references; reference++)
      if (words[at + REFERENCES + reference] !== 0) arena.free(words[at + REFERENCES + reference]);
    this.#give(row);
  }

  /** One step of giving memory back that rows have left: at most one segment of rows or blocks. False: nothing to gain. */
  compact(): boolean {
    if (this.#segments.length > 0 && this.#live * 2 <= (this.#segments.length - 1) * SEGMENT_ROWS) {
      this.#emptyLast();
      return true;
    }
    return this.arena.compact();
  }

  #emptyLast(): void {
    const first = (this.#segments.length - 1) * SEGMENT_ROWS;
    const last = this.#segments[this.#segments.length - 1];
    // Its own free rows are not to be given out.
    last.free = 0;
    for (let row = first; last.live > 0; row++) {
      if (this.serial(row) === 0) continue;
      this.#move(row, this.#take());
      last.live--;
      this.#live--;
    }
    this.#segments.pop();
    this.#firstFree = Math.min(this.#firstFree, this.#segments.length);
  }

  #move(from: number, to: number): void {
    const numbers = this.number(from);
    this.numbers(to).set(this.numbers(from).subarray(numbers, numbers + this.#numbers), this.number(to));
    const words = this.words(from);
    const at = this.word(from);
    this.words(to).set(words.subarray(at, at + this.#words), this.word(to));
    const { arena, layout } = this;
    const resource = this.resource(from);
    const key = words[at + KEY];
    if (arena.words(key)[arena.start(key) * 2] > 0) this.#index.replace(words[at + HASH], from, to);
    else resource.overflow[this.#group] = to;
    resource.lists[this.#group].replace(this.serial(from), to);
    arena.owned(key, to, 0);
    for (let reference = 0; reference < layout.references; reference++)
      if (words[at + REFERENCES + reference] !== 0) arena.owned(words[at + REFERENCES + reference], to, reference + 1);
  }

  #take(): number {
    while (this.#firstFree < this.#segments.length && this.#segments[this.#firstFree].free === 0) this.#firstFree++;
    if (this.#firstFree === this.#segments.length) this.#segments.push(this.#makeSegment());
    const segment = this.#segments[this.#firstFree];
    const at = segment.free - 1;
    segment.free = segment.words[at * this.#words];
    segment.live++;
    this.#live++;
    return this.#firstFree * SEGMENT_ROWS + at;
  }

  #give(row: number): void {
    const number = row >>> SHIFT;
    const segment = this.#segments[number];
    segment.numbers[this.number(row) + this.layout.width + SERIAL] = 0;
    segment.words[this.word(row)] = segment.free;
    segment.free = (row & MASK) + 1;
    segment.live--;
    this.#live--;
    this.#firstFree = Math.min(this.#firstFree, number);
  }

  #makeSegment(): Segment {
    const words = new Uint32Array(SEGMENT_ROWS * this.#words);
    for (let at = 0; at < SEGMENT_ROWS - 1; at++) words[at * this.#words] = at + 2;
    return { numbers: new Float64Array(SEGMENT_ROWS * this.#numbers), words, live: 0, free: 1 };
  }
}

/** Word of a row that a reference lies in, as blocks name it: 0 is the key, the others follow. */
const wordOf = (reference: number): number => (reference === 0 ? KEY : REFERENCES + reference - 1);
