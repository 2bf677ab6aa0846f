/**
 * Finds rows by the hash of their key: open addressing with linear probing over (row + 1, hash) pairs. It is made of parts that
 * grow each by itself, so that growing never takes long, however many rows there are.
 */
const PARTS = 64;
const PART_SHIFT = 26;
const FIRST_ENTRIES = 8;

interface Part {
  /** Pairs: row + 1 (0 = nobody), hash. */
  table: Uint32Array;
  mask: number;
  count: number;
}

export class KeyIndex {
  readonly #parts: Part[] = Array.from({ length: PARTS }, () => ({ table: new Uint32Array(0), mask: -1, count: 0 }));
  #bytes = 0;
  #part: Part = this.#parts[0];
  #at = 0;
  #hash = 0;

  /** Of all tables. */
  get bytes(): number {
    return this.#bytes;
  }

  /** First row with this hash (unsigned 32 bits), or -1. */
  first(hash: number): number {
    this.#part = this.#parts[hash >>> PART_SHIFT];
    this.#hash = hash;
    this.#at = hash - 1;
    return this.#part.count === 0 ? -1 : this.next();
  }

  /** The one after what `first` or `next` gave last. */
  next(): number {
    const { table, mask } = this.#part;
    for (;;) {
      const at = (++this.#at & mask) * 2;
      if (table[at] === 0) return -1;
      if (table[at + 1] === this.#hash) return table[at] - 1;
    }
  }

  add(hash: number, row: number): void {
    const part = this.#parts[hash >>> PART_SHIFT];
    if ((part.count + 1) * 4 > (part.mask + 1) * 3) this.#resize(part, Math.max(FIRST_ENTRIES, (part.mask + 1) * 2));
    put(part, hash, row + 1);
    part.count++;
  }

  remove(hash: number, row: number): void {
    const part = this.#parts[hash >>> PART_SHIFT];
    const { table, mask } = part;
    let hole = place(part, hash, row);
    // Whoever stands behind the hole moves into it, unless that is in front of where its search begins.
    for (let at = (hole + 1) & mask; table[at * 2] !== 0; at = (at + 1) & mask) {
      const home = table[at * 2 + 1] & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      table[hole * 2] = table[at * 2];
      table[hole * 2 + 1] = table[at * 2 + 1];
      hole = at;
    }
    table[hole * 2] = 0;
    part.count--;
    if (part.count === 0) this.#resize(part, 0);
    else if (part.count * 8 < mask + 1 && mask + 1 > FIRST_ENTRIES)
      this.#resize(part, Math.max(FIRST_ENTRIES, (mask + 1) / 4));
  }

  /** The row has another number now. */
  replace(hash: number, row: number, by: number): void {
    const part = this.#parts[hash >>> PART_SHIFT];
    part.table[place(part, hash, row) * 2] = by + 1;
  }

  #resize(part: Part, entries: number): void {
    const old = part.table;
    part.table = new Uint32Array(entries * 2);
    part.mask = entries - 1;
    this.#bytes += part.table.byteLength - old.byteLength;
    for (let at = 0; at < old.length; at += 2) if (old[at] !== 0) put(part, old[at + 1], old[at]);
  }
}

/** Entry of a row that is there. */
function place({ table, mask }: Part, hash: number, row: number): number {
  let at = hash & mask;
  while (table[at * 2] !== row + 1) at = (at + 1) & mask;
  return at;
}

function put({ table, mask }: Part, hash: number, value: number): void {
  let at = hash & mask;
  while (table[at * 2] !== 0) at = (at + 1) & mask;
  table[at * 2] = value;
  table[at * 2 + 1] = hash;
}
