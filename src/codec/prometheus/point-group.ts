/** The series that are one data point of OTLP: of a gauge or counter one, of a histogram its sum, count and buckets. */
import type { Label, NativeBuckets, NativeHistogram, PromExemplar, Sample, Series, Value } from './read.ts';

/** What a metric of OTLP is. `sum`: one that is not monotonic. */
export type MetricShape = 'gauge' | 'counter' | 'sum' | 'histogram' | 'exponential' | 'summary';

/** Buckets that a native histogram may have with the gaps between them; the Collector's exponential histograms have 160. */
const MOST_BUCKETS = 1 << 16;

/** Of native histograms that double or halve. */
const MIN_SCHEMA = -4;
const MAX_SCHEMA = 8;

interface Boundary {
  readonly at: number;
  readonly value: Value;
}

export class PointGroup {
  readonly attributes: readonly Label[];
  readonly ms: number;
  /** Seconds since the epoch, from `_created`; 0 = not known. */
  createdSeconds = 0;
  value: Value = 0;
  sum: Value | undefined = undefined;
  count: Value | undefined = undefined;
  readonly boundaries: Boundary[] = [];
  histogram: NativeHistogram | null = null;
  readonly exemplars: PromExemplar[] = [];
  /** That came into it. */
  samples = 0;

  constructor(attributes: readonly Label[], ms: number) {
    this.attributes = attributes;
    this.ms = ms;
  }

  /** Takes a sample of one of its series. False: its `le` or `quantile` is no number. */
  sample({ name, labels }: Series, family: string, shape: MetricShape, { value }: Sample): boolean {
    if (shape !== 'gauge' && name === `${createdBase(family, shape)}_created`) {
      this.createdSeconds = value ?? 0;
      return true;
    }
    if (shape === 'histogram' || shape === 'summary') {
      if (name.endsWith('_sum')) this.sum = value;
      else if (name.endsWith('_count')) this.count = value;
      else {
        const at = boundOf(labels, shape === 'histogram' ? 'le' : 'quantile');
        if (at === null) return false;
        this.boundaries.push({ at, value });
      }
    } else this.value = value;
    this.samples++;
    return true;
  }

  /** Takes a native histogram. False: OTLP has no words for it. */
  native(histogram: NativeHistogram): boolean {
    const { schema, customValues, sum } = histogram;
    if (sum !== null) {
      const isCustom = customValues.length > 0;
      if (isCustom ? !ascends(customValues) : schema < MIN_SCHEMA || schema > MAX_SCHEMA) return false;
      if (!isSound(histogram.positive) || !isSound(histogram.negative)) return false;
    }
    this.histogram = histogram;
    this.samples++;
    return true;
  }

  isComplete(shape: MetricShape): boolean {
    if (this.histogram !== null) return true;
    if (shape === 'exponential' || this.samples === 0) return false;
    return (shape !== 'histogram' && shape !== 'summary') || this.total !== undefined;
  }

  /** `_count`; where it is missing the bucket without bound. */
  get total(): Value | undefined {
    return this.count === undefined ? this.boundaries.find(({ at }) => at === Infinity)?.value : this.count;
  }

  get isStale(): boolean {
    if (this.histogram !== null) return this.histogram.sum === null;
    return this.sum === null || this.total === null;
  }

  /** Bounds and the counts between them, from `_bucket` series. */
  buckets(): { readonly bounds: readonly number[]; readonly counts: readonly number[] } {
    const sorted = this.boundaries.filter(({ at }) => at !== Infinity).sort((a, b) => a.at - b.at);
    const bounds: number[] = [];
    const counts: number[] = [];
    let before = 0;
    sorted.forEach(({ at, value }, i) => {
      if (i + 1 < sorted.length && sorted[i + 1].at === at) return;
      bounds.push(at);
      counts.push(Math.max(0, whole(value) - before));
      before = Math.max(before, whole(value));
    });
    counts.push(Math.max(0, whole(this.total ?? 0) - before));
    return { bounds, counts };
  }
}

/** Counts of OTLP are whole. */
export const whole = (value: Value): number => (value !== null && value > 0 ? Math.min(Math.trunc(value), 2 ** 63) : 0);

/** The counts of a native histogram without gaps, and the OTLP index of the first. */
export function dense({ spans, counts }: NativeBuckets): { readonly offset: number; readonly counts: number[] } {
  const filled: number[] = [];
  let next = 0;
  spans.forEach(({ offset, length }, i) => {
    for (let gap = i === 0 ? 0 : offset; gap > 0; gap--) filled.push(0);
    for (let left = length; left > 0; left--) filled.push(whole(counts[next++] ?? 0));
  });
  return { offset: (spans[0]?.offset ?? 1) - 1, counts: filled };
}

/** The counts of a histogram with custom buckets, one more than its bounds. */
export function customCounts({ positive, customValues }: NativeHistogram): number[] {
  const counts = new Array<number>(customValues.length + 1).fill(0);
  let index = 0;
  let next = 0;
  for (const { offset, length } of positive.spans) {
    index += offset;
    for (let left = length; left > 0; left--, index++, next++)
      if (index >= 0 && index < counts.length) counts[index] = whole(positive.counts[next] ?? 0);
  }
  return counts;
}

/** As many counts as its spans say, and not too wide. */
function isSound({ spans, counts }: NativeBuckets): boolean {
  let gaps = 0;
  let buckets = 0;
  spans.forEach(({ offset, length }, i) => {
    buckets += length;
    if (i > 0) gaps += Math.max(0, offset);
  });
  return buckets === counts.length && buckets + gaps <= MOST_BUCKETS;
}

const ascends = (bounds: readonly number[]): boolean => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]);

/** A counter is named `x_total`, and when it was made `x_created`. */
const createdBase = (family: string, shape: MetricShape): string =>
  shape === 'counter' ? family.replace(/_total$/, '') : family;

function boundOf(labels: readonly Label[], name: string): number | null {
  const text = labels.find((label) => label.name === name)?.value ?? '';
  if (/^[+]?inf$/i.test(text)) return Infinity;
  if (/^-inf$/i.test(text)) return -Infinity;
  const bound = text.trim() === '' ? NaN : Number(text);
  return Number.isNaN(bound) ? null : bound;
}
