/**
 * When to force a garbage collection. A thread without work does not collect by itself, so while data is refused garbage would
 * stay; but a collection that frees nothing must not be tried at each check.
 */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export class Collections {
  #lastMs = -Infinity;
  /** From the last one to the next. */
  #waitMs = 0;
  #wasAboveHard = false;

  /**
   * One check at `nowMs` (monotonic). true: collect now. The wait from one to the next doubles while they do not help, and begins
   * anew when memory has been within limits a minute after the last one.
   */
  isDue(nowMs: number, aboveSoft: boolean, aboveHard: boolean): boolean {
    const sinceMs = nowMs - this.#lastMs;
    const crossesHard = aboveHard && !this.#wasAboveHard;
    this.#wasAboveHard = aboveHard;
    if (!aboveSoft) {
      if (sinceMs >= LONGEST_WAIT_MS) this.#waitMs = 0;
      return false;
    }
    if (sinceMs < (crossesHard ? Math.min(FIRST_WAIT_MS, this.#waitMs) : this.#waitMs)) return false;
    this.#lastMs = nowMs;
    this.#waitMs = this.#waitMs === 0 ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, this.#waitMs * 2);
    return true;
  }
}
