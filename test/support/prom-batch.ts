/** Batches of Prometheus series for tests, made by the oracle. */
import type { Batch } from '#components/kit/batch.ts';
import { PROMETHEUS } from '#shared/signal.ts';
import { encodeWriteRequest } from './prom-proto.ts';

export interface TestSeries {
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly samples?: readonly { readonly value: number; readonly timestamp: number }[];
  readonly exemplars?: readonly unknown[];
  readonly histograms?: readonly unknown[];
}

/** A series with a sample for each value, at `ms`, `ms` + 1 and so on. Labels in any order. */
export function series(labels: Readonly<Record<string, string>>, values: readonly number[], ms = 1000): TestSeries {
  return {
    labels: Object.entries(labels)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => ({ name, value })),
    samples: values.map((value, i) => ({ value, timestamp: ms + i })),
  };
}

export function promBatch(
  timeseries: readonly TestSeries[],
  metadata: readonly object[] = [],
): Batch<typeof PROMETHEUS> {
  const items = timeseries.reduce((sum, s) => sum + (s.samples?.length ?? 0) + (s.histograms?.length ?? 0), 0);
  return {
    signal: PROMETHEUS,
    bytes: encodeWriteRequest({ timeseries, metadata }),
    items,
    metadata: null,
    owned: true,
  };
}
