/** The last stream ids that were added: a ring of fixed size. */
const CAPACITY = 256;

export class RecentIds {
  /** Made with the first id: most connections never need it. */
  #ids: Uint32Array | null = null;
  #next = 0;

  add(id: number): void {
    this.#ids ??= new Uint32Array(CAPACITY);
    this.#ids[this.#next] = id;
    this.#next = (this.#next + 1) % CAPACITY;
  }

  has(id: number): boolean {
    return this.#ids?.includes(id) ?? false;
  }
}
