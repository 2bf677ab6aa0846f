/** One number of several: sums and the like, in ints as long as the first one is an int. */
import type { Numeric } from '#components/kit/metrics/number.ts';
import { toInt } from '#ottl/functions/types.ts';
import { int64 } from '#ottl/value.ts';

const NAMES = ['sum', 'mean', 'min', 'max', 'median', 'count'] as const;
export type Aggregation = (typeof NAMES)[number];
export const AGGREGATIONS: ReadonlyMap<string, Aggregation> = new Map(NAMES.map((name) => [name, name]));

/** `values` has one at least. Ints wrap at 64 bits, as in Go. */
export function aggregated(aggregation: Aggregation, values: readonly Numeric[]): Numeric {
  if (aggregation === 'count') return typeof values[0] === 'bigint' ? BigInt(values.length) : values.length;
  return typeof values[0] === 'bigint'
    ? ofInts(
        aggregation,
        values.map((value) => (typeof value === 'bigint' ? value : (toInt(value) ?? 0n))),
      )
    : ofDoubles(aggregation, values.map(Number));
}

function ofInts(aggregation: Exclude<Aggregation, 'count'>, values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const sum = int64(values.reduce((a, b) => a + b, 0n));
  const half = values.length >> 1;
  switch (aggregation) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / BigInt(values.length);
    case 'min':
      return sorted[0];
    case 'max':
      return sorted[sorted.length - 1];
    default:
      return values.length % 2 === 1 ? sorted[half] : int64(sorted[half - 1] + sorted[half]) / 2n;
  }
}

function ofDoubles(aggregation: Exclude<Aggregation, 'count'>, values: readonly number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  const half = values.length >> 1;
  switch (aggregation) {
    case 'sum':
      return sum;
    case 'mean':
      return sum / values.length;
    case 'min':
      return values.reduce((a, b) => Math.min(a, b));
    case 'max':
      return values.reduce((a, b) => Math.max(a, b));
    default: {
      // NaN comes first.
      const sorted = values.toSorted((a, b) => (Number.isNaN(a) ? -1 : Number.isNaN(b) ? 1 : a - b));
      return values.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
  }
}
