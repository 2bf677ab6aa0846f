/**
 * The bucket of a value in an explicit histogram: bucket i holds values up to bound i, that one included; the last one the rest.
 *
 * A search that halves the bounds guesses wrong at every other step. Instead the sign, the exponent and the first two bits behind it
 * say where to begin (they tell values apart that differ by a quarter), and few steps are left.
 */
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const SHIFT = 18;
/** Of values that are not negative. */
const CLASSES = 1 << (31 - SHIFT);
const NO_FIRST = new Uint16Array(0);

export class Buckets {
  readonly #bounds: Float64Array;
  /** By class of values: the bucket of the smallest one. */
  readonly #first: Uint16Array;
  readonly count: number;

  /** `bounds`: ascending, without infinity. */
  constructor(bounds: readonly number[]) {
    this.#bounds = Float64Array.from(bounds);
    this.count = bounds.length + 1;
    this.#first = bounds.length === 0 ? NO_FIRST : new Uint16Array(CLASSES);
    for (let c = 0, bucket = 0; c < this.#first.length; c++) {
      words[0] = 0;
      words[1] = c << SHIFT;
      while (bucket < bounds.length && this.#bounds[bucket] < double[0]) bucket++;
      this.#first[c] = bucket;
    }
  }

  of(value: number): number {
    const bounds = this.#bounds;
    double[0] = value;
    const c = words[1] >>> SHIFT;
    let bucket = c < this.#first.length ? this.#first[c] : 0;
    while (bucket < bounds.length && bounds[bucket] < value) bucket++;
    return bucket;
  }
}
