/**
 * Label sets of a TimeSeries: as bytes, the Label fields (tag 0x0a, length, content) one behind the other; as text, pairs sorted
 * by name in the order of their bytes.
 */
import { LENGTH } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import type { Writer } from '../protobuf/writer.ts';
import { LABEL, TIME_SERIES } from './fields.ts';

export type LabelPair = readonly [name: string, value: string];

const fields = new Reader();
const inner = new Reader();

/**
 * The labels among the fields [start, stop) of a TimeSeries, in their order; other fields are passed over. Bytes that are not
 * UTF-8 become U+FFFD. Throws ProtobufError.
 */
export function readLabels(buf: Buffer, start: number, stop: number): LabelPair[] {
  const labels: LabelPair[] = [];
  fields.reset(buf, start, stop);
  while (fields.next()) {
    if (fields.field !== TIME_SERIES.labels || fields.wire !== LENGTH) continue;
    let name = '';
    let value = '';
    inner.reset(buf, fields.start, fields.stop);
    while (inner.next()) {
      if (inner.wire !== LENGTH) continue;
      if (inner.field === LABEL.name) name = inner.string();
      else if (inner.field === LABEL.value) value = inner.string();
    }
    labels.push([name, value]);
  }
  return labels;
}

/** Appends the labels as fields of a TimeSeries. */
export function writeLabels(out: Writer, labels: readonly LabelPair[]): void {
  for (const [name, value] of labels) {
    const mark = out.begin(TIME_SERIES.labels);
    out.string(LABEL.name, name);
    out.string(LABEL.value, value);
    out.end(mark);
  }
}

/**
 * Of the bytes of a label set, for tables and shards of this process: nothing that outlives it may depend on it. Signed 32 bits,
 * mixed so that a remainder may be taken. Takes four bytes a step: label sets are long. Another `seed` is another hash.
 */
export function labelsHash(buf: Buffer, start: number, stop: number, seed = 0): number {
  let hash = (stop - start) ^ seed;
  let at = start;
  for (; at + 4 <= stop; at += 4) {
    const word = buf[at] | (buf[at + 1] << 8) | (buf[at + 2] << 16) | (buf[at + 3] << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < stop; at++) hash = Math.imul(hash ^ buf[at], 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
