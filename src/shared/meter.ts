/**
 * What components count with. A thread has one {@link Meter}; values lie in a SharedArrayBuffer that the thread alone
 * writes, and main sums all threads at scrape. Series are declared once (usually at `start`), never per item.
 */
export type Labels = Readonly<Record<string, string>>;

export interface Counter {
  /** Adds `n` >= 0. */
  add(n: number): void;
  readonly value: number;
}

export interface Gauge {
  set(value: number): void;
  add(n: number): void;
  readonly value: number;
}

export interface Histogram {
  observe(value: number): void;
}

export interface MetricInfo {
  /** Full exposition name, counters with their `_total` (`otelcol_exporter_sent_spans_total`). */
  readonly name: string;
  readonly help: string;
}

/** How one gauge becomes one figure from several threads. */
export type Merge = 'sum' | 'max';

export interface Meter {
  /** `lasting`: stays when its component has left the configuration, unless it is 0. For counts of what was lost. */
  counter(info: MetricInfo & { readonly lasting?: boolean }, labels?: Labels): Counter;
  gauge(info: MetricInfo & { readonly merge?: Merge }, labels?: Labels): Gauge;
  /** `bounds` ascending, without +Inf. */
  histogram(info: MetricInfo & { readonly bounds: readonly number[] }, labels?: Labels): Histogram;
  /** A meter that adds `labels` to each series declared through it. */
  with(labels: Labels): Meter;
}
