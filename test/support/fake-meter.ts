/** A meter that remembers every series, for tests that count. */
import type { Counter, Gauge, Histogram, Labels, Meter, MetricInfo } from '#shared/meter.ts';

class Value implements Counter, Gauge {
  value = 0;
  add(n: number): void {
    this.value += n;
  }
  set(value: number): void {
    this.value = value;
  }
}

interface Series {
  readonly labels: Labels;
  readonly number: Value;
  readonly observed: number[];
}

export class FakeMeter implements Meter {
  readonly #labels: Labels;
  readonly #series: Map<string, Series[]>;

  constructor(labels: Labels = {}, series = new Map<string, Series[]>()) {
    this.#labels = labels;
    this.#series = series;
  }

  counter(info: MetricInfo, labels?: Labels): Counter {
    return this.#declare(info.name, labels).number;
  }
  gauge(info: MetricInfo, labels?: Labels): Gauge {
    return this.#declare(info.name, labels).number;
  }
  histogram(info: MetricInfo, labels?: Labels): Histogram {
    const { observed } = this.#declare(info.name, labels);
    return { observe: (value) => void observed.push(value) };
  }
  with(labels: Labels): Meter {
    return new FakeMeter({ ...this.#labels, ...labels }, this.#series);
  }

  /** Sum of the series of that name that carry all these labels. Throws when there is none: a test must not read a typo as 0. */
  value(name: string, labels: Labels = {}): number {
    return this.#find(name, labels).reduce((sum, series) => sum + series.number.value, 0);
  }

  /** What the histograms of that name with these labels were given, in order. */
  observed(name: string, labels: Labels = {}): number[] {
    return this.#find(name, labels).flatMap((series) => series.observed);
  }

  get names(): readonly string[] {
    return [...this.#series.keys()].sort();
  }

  #find(name: string, labels: Labels): Series[] {
    const found = (this.#series.get(name) ?? []).filter((s) =>
      Object.entries(labels).every(([k, v]) => s.labels[k] === v),
    );
    if (found.length === 0)
      throw new Error(`no metric ${name} with ${JSON.stringify(labels)}; there are ${this.names.join(', ')}`);
    return found;
  }

  #declare(name: string, labels: Labels = {}): Series {
    const all = { ...this.#labels, ...labels };
    const known = this.#series.get(name) ?? [];
    const same = known.find((s) => sameLabels(s.labels, all));
    if (same !== undefined) return same;
    const series = { labels: all, number: new Value(), observed: [] };
    this.#series.set(name, [...known, series]);
    return series;
  }
}

function sameLabels(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
