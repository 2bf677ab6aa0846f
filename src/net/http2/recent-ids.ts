/**
 * The last stream ids that were added, in a table of fixed size. Ids of a peer grow by 2, so an id is forgotten when one is added
 * that is CAPACITY streams younger, or not at all.
 */
const CAPACITY = 4096;

export class RecentIds {
  /** Made with the first id: most connections never need it. */
  #ids: Uint32Array | null = null;

  add(id: number): void {
    this.#ids ??= new Uint32Array(CAPACITY);
    this.#ids[(id >>> 1) % CAPACITY] = id;
  }

  has(id: number): boolean {
    return this.#ids !== null && this.#ids[(id >>> 1) % CAPACITY] === id;
  }
}
