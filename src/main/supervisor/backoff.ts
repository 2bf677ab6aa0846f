/** How long to wait before a thread that died is started again: longer each time, unless it has lived long enough meanwhile. */
const FIRST_MS = 100;
const LONGEST_MS = 10_000;
/** A thread that lived this long has recovered: its next restart comes quickly again. */
const HEALTHY_LIFE_MS = 60_000;

export class Backoff {
  #deaths = 0;

  /** A thread has died after `livedMs`. */
  nextMs(livedMs: number): number {
    if (livedMs >= HEALTHY_LIFE_MS) this.#deaths = 0;
    return Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#deaths++);
  }
}
