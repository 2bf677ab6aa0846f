/**
 * What Loki's `/loki/api/v1/push` takes, in its two encodings (grafana/loki `pkg/push/push.proto`, and its HTTP API):
 *
 *     protobuf   PushRequest of `fields.ts`, snappy around it
 *     JSON       {"streams": [{"stream": {"job": "api"}, "values": [["1700000000000000000", "line", {"trace_id": "..."}]]}]}
 */
import { Writer } from '../protobuf/writer.ts';
import { LINES, STREAM } from './fields.ts';
import { isInternal, labelsText, type Label } from './labels.ts';
import { readLine } from './streams.ts';

/** Part of a buffer that holds the content of one entry. */
export interface EntryRange {
  readonly buf: Buffer;
  readonly start: number;
  readonly stop: number;
}

export interface PushStream {
  /** Sorted. Internal ones are left out. */
  readonly labels: readonly Label[];
  readonly entries: readonly EntryRange[];
}

/** Entries are copied as they are: their encoding is the same here and there. */
export function pushProto(streams: Iterable<PushStream>): Buffer {
  const writer = new Writer();
  for (const { labels, entries } of streams) {
    const mark = writer.begin(LINES.streams);
    writer.string(STREAM.labels, labelsText(labels));
    for (const { buf, start, stop } of entries) writer.bytes(STREAM.entries, buf, start, stop);
    writer.end(mark);
  }
  return writer.finish();
}

export function pushJson(streams: Iterable<PushStream>): string {
  const told = [...streams].map(({ labels, entries }) => ({
    stream: Object.fromEntries(labels.filter(([name]) => !isInternal(name))),
    values: entries.map(({ buf, start, stop }) => {
      const { timeNs, line, metadata } = readLine(buf, start, stop);
      const value = [String(timeNs), line];
      return metadata.length === 0 ? value : [...value, Object.fromEntries(metadata)];
    }),
  }));
  return JSON.stringify({ streams: told });
}
