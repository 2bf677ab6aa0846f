/**
 * Delta: when series that are purged at each flush were last exported, which is where their next point starts. Bounded: who has
 * not been asked for or flushed for the longest time is forgotten (semantics 13.5). Main thread.
 */
export class TimestampCache {
  #limit: number;
  readonly #flushed = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#flushed.size;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#trim();
  }

  /** Time of the last flush that showed the series, ms since the epoch; null: not known any more. */
  get(series: string): number | null {
    const ms = this.#flushed.get(series);
    if (ms === undefined) return null;
    this.#flushed.delete(series);
    this.#flushed.set(series, ms);
    return ms;
  }

  set(series: string, ms: number): void {
    if (this.#limit === 0) return;
    this.#flushed.delete(series);
    this.#flushed.set(series, ms);
    this.#trim();
  }

  #trim(): void {
    for (const oldest of this.#flushed.keys()) {
      if (this.#flushed.size <= this.#limit) return;
      this.#flushed.delete(oldest);
    }
  }
}
