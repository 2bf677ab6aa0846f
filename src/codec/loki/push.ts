/**
 * What Loki's `/loki/api/v1/push` takes, in its two encodings (grafana/loki `pkg/push/push.proto`, and its HTTP API):
 *
 *     protobuf   PushRequest of `fields.ts`, snappy around it
 *     JSON       {"streams": [{"stream": {"job": "api"}, "values": [["1700000000000000000", "line", {"trace_id": "..."}]]}]}
 */
import { Reader } from '../protobuf/reader.ts';
import { Writer } from '../protobuf/writer.ts';
import { LINES, STREAM } from './fields.ts';
import { isInternal, labelsText, type Label } from './labels.ts';
import { readLine } from './streams.ts';

export interface PushStream {
  /** Sorted. Internal ones are left out. */
  readonly labels: readonly Label[];
  /** Fields `entries` of a stream, one behind the other. */
  readonly entries: Buffer;
}

/** Entries are copied as they are: their encoding is the same here and there. */
export function pushProto(streams: Iterable<PushStream>): Buffer {
  const writer = new Writer();
  for (const { labels, entries } of streams) {
    const mark = writer.begin(LINES.streams);
    writer.string(STREAM.labels, labelsText(labels));
    writer.raw(entries);
    writer.end(mark);
  }
  return writer.finish();
}

export function pushJson(streams: Iterable<PushStream>): string {
  const told = [...streams].map(({ labels, entries }) => ({
    stream: Object.fromEntries(labels.filter(([name]) => !isInternal(name))),
    values: valuesOf(entries),
  }));
  return JSON.stringify({ streams: told });
}

type JsonValue = readonly [timeNs: string, line: string, metadata?: Readonly<Record<string, string>>];

function valuesOf(entries: Buffer): readonly JsonValue[] {
  const values: JsonValue[] = [];
  for (const reader = new Reader().reset(entries, 0, entries.length); reader.next();) {
    if (reader.field !== STREAM.entries) continue;
    const { timeNs, line, metadata } = readLine(entries, reader.start, reader.stop);
    values.push(metadata.length === 0 ? [String(timeNs), line] : [String(timeNs), line, Object.fromEntries(metadata)]);
  }
  return values;
}
