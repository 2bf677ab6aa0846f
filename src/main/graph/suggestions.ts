/**
 * Looking for what was meant compares with every known name. In a small configuration each mistake gets its suggestion; in a
 * large one that is full of mistakes only the first ones do (500 ns to 10 us a comparison).
 */
import { didYouMean } from '#config/diag/suggest.ts';

const MAX_COMPARISONS = 50_000;

export class Suggestions {
  #left = MAX_COMPARISONS;

  /** Whether `names` may still be looked through. */
  affords(names: number): boolean {
    if (this.#left <= 0) return false;
    this.#left -= names;
    return true;
  }

  didYouMean(written: string, names: readonly string[]): string | undefined {
    return this.affords(names.length) ? didYouMean(written, names) : undefined;
  }
}
