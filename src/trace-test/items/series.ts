/** Samples of Prometheus series as items, and their short form `name{label="value"} 1`. */
import {
  readWriteRequest,
  type Label,
  type NativeBuckets,
  type NativeHistogram,
  type Value as SampleValue,
} from '#codec/prometheus/read.ts';
import type { Terms } from './canonical.ts';
import { filled, present, type Value, type ValueMap } from './value.ts';

/** One item for each sample and each native histogram. What is said about families (help, unit) is left out. */
export function seriesOf(bytes: Buffer, { times }: Terms): ValueMap[] {
  return readWriteRequest(bytes).series.flatMap(({ name, labels, samples, histograms, exemplars }) => {
    const about = { name, ...present({ labels: labelsOf(labels) }) };
    const timeOf = (ms: number): string => times.text(BigInt(ms) * 1_000_000n);
    const shown = present({
      exemplars: filled(
        exemplars.map(({ labels: own, value, ms }) =>
          present({ value, time: ms === 0 ? undefined : timeOf(ms), labels: labelsOf(own) }),
        ),
      ),
    });
    return [
      ...samples.map(({ value, ms }) => ({ ...about, value: sample(value), time: timeOf(ms), ...shown })),
      ...histograms.map((histogram) => ({ ...about, ...histogramOf(histogram), time: timeOf(histogram.ms), ...shown })),
    ];
  });
}

function histogramOf(histogram: NativeHistogram): ValueMap {
  const { count, sum, schema, zeroCount, zeroThreshold, positive, negative } = histogram;
  return present({
    count,
    sum: sample(sum),
    schema,
    zero_count: zeroCount === 0 ? undefined : zeroCount,
    zero_threshold: zeroThreshold,
    positive: filled(countsOf(positive)),
    negative: filled(countsOf(negative)),
  });
}

/** By index of the bucket. */
function countsOf({ spans, counts }: NativeBuckets): ValueMap {
  const byIndex: Record<string, Value> = {};
  let index = 0;
  let next = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let i = 0; i < length; i++) byIndex[String(index++)] = counts[next++] ?? 0;
  }
  return byIndex;
}

const sample = (value: SampleValue): Value => value ?? 'stale';
const labelsOf = (labels: readonly Label[]): ValueMap | undefined =>
  filled(Object.fromEntries(labels.map(({ name, value }) => [name, value])));

const HEAD = /^\s*([A-Za-z_:][\w:.]*)?\s*(?:\{(.*)\})?\s*(\S+)?\s*$/s;
const LABEL = /\s*("(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/sy;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/** The item that `name{label="value"} 1` stands for; null: it is none. The value may be left out. */
export function readSeries(text: string): ValueMap | null {
  const head = HEAD.exec(text);
  if (head === null || (head[1] === undefined && head[2] === undefined)) return null;
  const labels = readLabels(head[2] ?? '');
  const value = head[3] === undefined ? undefined : numberOf(head[3]);
  if (labels === null || value === null) return null;
  return present({ name: head[1], labels: filled(labels), value });
}

function readLabels(text: string): ValueMap | null {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.trimEnd().length;) {
    const found = LABEL.exec(text);
    if (found === null) return null;
    labels[found[1].startsWith('"') ? unescaped(found[1].slice(1, -1)) : found[1]] = unescaped(found[2]);
  }
  return labels;
}

const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (_whole, escaped: string) => ESCAPES[escaped] ?? escaped);

function numberOf(text: string): Value {
  if (text === 'stale') return text;
  if (/^[+]?inf$/i.test(text)) return Infinity;
  if (/^-inf$/i.test(text)) return -Infinity;
  if (/^nan$/i.test(text)) return Number.NaN;
  const number = Number(text);
  return Number.isNaN(number) ? null : number;
}
