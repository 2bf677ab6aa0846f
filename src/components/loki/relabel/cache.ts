/** What became of label sets that were seen lately. Those that were not asked for longest make room. */
import type { Label } from '#codec/loki/labels.ts';

export class ResultCache {
  readonly #results = new Map<string, readonly Label[] | null>();
  readonly #limit: number;
  hits = 0;
  misses = 0;

  /** At most `limit` >= 1 of them. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#results.size;
  }

  get(labels: readonly Label[], make: (labels: readonly Label[]) => readonly Label[] | null): readonly Label[] | null {
    // Lengths tell where a name or a value ends: they may hold any character.
    const key = labels.map(([name, value]) => `${name.length}:${name}${value.length}:${value}`).join('');
    const known = this.#results.get(key);
    if (known === undefined) {
      this.misses++;
      const made = make(labels);
      if (this.#results.size >= this.#limit) this.#results.delete(this.#results.keys().next().value as string);
      this.#results.set(key, made);
      return made;
    }
    this.hits++;
    this.#results.delete(key);
    this.#results.set(key, known);
    return known;
  }
}
