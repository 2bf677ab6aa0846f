/**
 * Numbers of 56 bits, the unit of consistent sampling (OpenTelemetry specification, "TraceState: Probability Sampling"): random
 * values, and the thresholds below which random values are not sampled. Two halves of 28 bits, since a double holds 53; reused, so
 * comparing allocates nothing.
 *
 *     text of a random value   14 hex digits          text of a threshold   1 to 14 hex digits, zeros at the end left out
 */
export const HEX_DIGITS = 14;
/** Of 2^56 random values one is sampled. */
export const LEAST_PROBABILITY = 2 ** -56;

const HALF = 2 ** 28;
const HALF_BITS = 28;
const DIGIT_BITS = 4;

export class Bits56 {
  hi = 0;
  lo = 0;

  set(hi: number, lo: number): this {
    this.hi = hi;
    this.lo = lo;
    return this;
  }

  copy(from: Bits56): this {
    return this.set(from.hi, from.lo);
  }

  isBelow(other: Bits56): boolean {
    return this.hi < other.hi || (this.hi === other.hi && this.lo < other.lo);
  }

  /** Reads the hex digits `buf[start, end)`, missing ones being zeros at the end; false: there are none, too many, or others. */
  readHex(buf: Buffer, start: number, end: number): boolean {
    if (start >= end || end - start > HEX_DIGITS) return false;
    let hi = 0;
    let lo = 0;
    for (let i = 0; i < HEX_DIGITS; i++) {
      const digit = start + i < end ? hexDigit(buf[start + i]) : 0;
      if (digit < 0) return false;
      if (i < HEX_DIGITS / 2) hi = hi * 16 + digit;
      else lo = lo * 16 + digit;
    }
    this.set(hi, lo);
    return true;
  }

  /** Writes the 14 digits of a random value at `at`. */
  writeDigits(out: Buffer, at: number): void {
    for (let i = 0; i < HEX_DIGITS; i++) {
      const half = i < HEX_DIGITS / 2 ? this.hi : this.lo;
      const digit = (half >>> (24 - (i % 7) * DIGIT_BITS)) & 15;
      out[at + i] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    }
  }

  /** Writes the digits of a threshold at `at`; how many. `out` has room for 14. */
  writeThreshold(out: Buffer, at: number): number {
    this.writeDigits(out, at);
    let digits = HEX_DIGITS;
    while (digits > 1 && out[at + digits - 1] === 0x30) digits--;
    return digits;
  }

  /** Of a threshold: the part of random values that is sampled. */
  get probability(): number {
    // Each step but the last is exact, and that rounds as a conversion of the whole number would.
    return ((HALF - this.hi) * HALF - this.lo) * LEAST_PROBABILITY;
  }

  /**
   * Becomes the threshold of a probability, rounded to so many hex digits, not counting zeros or f's in front. False: the probability
   * is not in (2^-56, 1], and it stays what it was.
   */
  setProbability(probability: number, digits: number): boolean {
    if (!(probability >= LEAST_PROBABILITY && probability <= 1)) return false;
    if (probability === 1) {
      this.set(0, 0);
      return true;
    }
    // Exact where it has no fraction; rounded half up elsewhere.
    const sampled = Math.round(probability / LEAST_PROBABILITY);
    const sampledHi = Math.floor(sampled / HALF);
    const sampledLo = sampled - sampledHi * HALF;
    this.set(HALF - sampledHi - (sampledLo > 0 ? 1 : 0), sampledLo > 0 ? HALF - sampledLo : 0);
    const precision = Math.min(HEX_DIGITS, digits + Math.max(zerosInFront(probability), zerosInFront(1 - probability)));
    this.#round(DIGIT_BITS * (HEX_DIGITS - precision));
    return true;
  }

  /** Rounds the lowest `bits` away, half up. */
  #round(bits: number): void {
    if (bits === 0) return;
    if (bits < HALF_BITS) {
      const unit = 2 ** bits;
      const lo = Math.floor((this.lo + unit / 2) / unit) * unit;
      this.set(this.hi + Math.floor(lo / HALF), lo % HALF);
      return;
    }
    const unit = 2 ** (bits - HALF_BITS);
    const carry = bits === HALF_BITS && this.lo >= HALF / 2 ? 1 : 0;
    this.set((Math.floor(this.hi / unit + (unit > 1 ? 0.5 : 0)) + carry) * unit, 0);
  }
}

/** Larger than every random value: nothing is sampled. */
export const NEVER = new Bits56().set(HALF, 0);
/** Not larger than any: all is sampled. */
export const ALWAYS = new Bits56();
/** The largest random value: whatever is sampled at all is. */
export const LARGEST = new Bits56().set(HALF - 1, HALF - 1);

/** Hex zeros behind the point: of a fraction in (0, 1]. */
function zerosInFront(fraction: number): number {
  let zeros = 0;
  for (let scaled = fraction * 16; scaled < 1 && zeros < HEX_DIGITS; scaled *= 16) zeros++;
  return zeros;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
