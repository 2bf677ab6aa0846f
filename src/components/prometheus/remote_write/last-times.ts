/**
 * The time of the last sample of each series, and a hash of what it was, by a hash of its labels (64 bits, so that two series are
 * never taken for one). Bounded: past {@link MOST_SERIES} it begins anew, at the price that one repetition of each series passes.
 */
const MOST_SERIES = 1 << 18;
const FIRST_SLOTS = 1 << 10;

/** `repeated`: the last one was the very same. `conflicting`: it was another one of the same time. */
export type Noted = 'new' | 'repeated' | 'conflicting';

export class LastTimes {
  #mask = FIRST_SLOTS - 1;
  #count = 0;
  #high = new Int32Array(FIRST_SLOTS);
  #low = new Int32Array(FIRST_SLOTS);
  #content = new Int32Array(FIRST_SLOTS);
  /** Milliseconds since the epoch; NaN = free. */
  #ms = new Float64Array(FIRST_SLOTS).fill(NaN);

  /** Notes that the series has this sample; `content`: hash of what is in it. A conflicting one is not noted: the first counts. */
  note(high: number, low: number, ms: number, content: number): Noted {
    let at = this.#find(high, low);
    if (Number.isNaN(this.#ms[at])) {
      if (this.#count >= MOST_SERIES) this.#empty(FIRST_SLOTS);
      else if (2 * this.#count > this.#mask) this.#grow();
      at = this.#find(high, low);
      this.#count++;
      this.#high[at] = high;
      this.#low[at] = low;
    } else if (this.#ms[at] === ms) return this.#content[at] === content ? 'repeated' : 'conflicting';
    this.#ms[at] = ms;
    this.#content[at] = content;
    return 'new';
  }

  /** Its slot, or the free one where it belongs. */
  #find(high: number, low: number): number {
    let at = low & this.#mask;
    while (!Number.isNaN(this.#ms[at]) && (this.#low[at] !== low || this.#high[at] !== high))
      at = (at + 1) & this.#mask;
    return at;
  }

  #grow(): void {
    const [high, low, content, ms] = [this.#high, this.#low, this.#content, this.#ms];
    const count = this.#count;
    this.#empty(2 * ms.length);
    this.#count = count;
    for (let from = 0; from < ms.length; from++) {
      if (Number.isNaN(ms[from])) continue;
      const at = this.#find(high[from], low[from]);
      this.#high[at] = high[from];
      this.#low[at] = low[from];
      this.#content[at] = content[from];
      this.#ms[at] = ms[from];
    }
  }

  #empty(slots: number): void {
    this.#mask = slots - 1;
    this.#count = 0;
    this.#high = new Int32Array(slots);
    this.#low = new Int32Array(slots);
    this.#content = new Int32Array(slots);
    this.#ms = new Float64Array(slots).fill(NaN);
  }
}
