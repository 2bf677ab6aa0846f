/**
 * The time of the last sample of each series, by a hash of its labels (64 bits, so that two series are never taken for one). Bounded:
 * past {@link MOST_SERIES} it begins anew, at the price that one repetition of each series passes.
 */
const MOST_SERIES = 1 << 18;
const FIRST_SLOTS = 1 << 10;

export class LastTimes {
  #mask = FIRST_SLOTS - 1;
  #count = 0;
  #high = new Int32Array(FIRST_SLOTS);
  #low = new Int32Array(FIRST_SLOTS);
  /** Milliseconds since the epoch; NaN = free. */
  #ms = new Float64Array(FIRST_SLOTS).fill(NaN);

  /** Notes that the series has a sample of this time. Whether its last one was of the very same time. */
  note(high: number, low: number, ms: number): boolean {
    let at = this.#find(high, low);
    if (Number.isNaN(this.#ms[at])) {
      if (this.#count >= MOST_SERIES) this.#empty(FIRST_SLOTS);
      else if (2 * this.#count > this.#mask) this.#grow();
      at = this.#find(high, low);
      this.#count++;
      this.#high[at] = high;
      this.#low[at] = low;
    } else if (this.#ms[at] === ms) return true;
    this.#ms[at] = ms;
    return false;
  }

  /** Its slot, or the free one where it belongs. */
  #find(high: number, low: number): number {
    let at = low & this.#mask;
    while (!Number.isNaN(this.#ms[at]) && (this.#low[at] !== low || this.#high[at] !== high))
      at = (at + 1) & this.#mask;
    return at;
  }

  #grow(): void {
    const [high, low, ms] = [this.#high, this.#low, this.#ms];
    const count = this.#count;
    this.#empty(2 * ms.length);
    this.#count = count;
    for (let from = 0; from < ms.length; from++) {
      if (Number.isNaN(ms[from])) continue;
      const at = this.#find(high[from], low[from]);
      this.#high[at] = high[from];
      this.#low[at] = low[from];
      this.#ms[at] = ms[from];
    }
  }

  #empty(slots: number): void {
    this.#mask = slots - 1;
    this.#count = 0;
    this.#high = new Int32Array(slots);
    this.#low = new Int32Array(slots);
    this.#ms = new Float64Array(slots).fill(NaN);
  }
}
