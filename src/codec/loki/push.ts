/** What Loki's `/loki/api/v1/push` takes: PushRequest of `fields.ts` (grafana/loki `pkg/push/push.proto`), snappy around it. */
import { Writer } from '../protobuf/writer.ts';
import { LINES, STREAM } from './fields.ts';
import { labelsText, type Label } from './labels.ts';

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
