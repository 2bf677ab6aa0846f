/** Lines for Loki as items. */
import { StreamReader, readLine } from '#codec/loki/streams.ts';
import type { Terms } from './canonical.ts';
import { filled, present, type ValueMap } from './value.ts';

export function linesOf(bytes: Buffer, { times }: Terms): ValueMap[] {
  const lines: ValueMap[] = [];
  for (const reader = new StreamReader().reset(bytes); reader.next();) {
    const labels = filled(Object.fromEntries(reader.labels()));
    while (reader.nextEntry()) {
      const { line, metadata, timeNs } = readLine(reader.buf, reader.start, reader.stop);
      lines.push(present({ line, labels, metadata: filled(Object.fromEntries(metadata)), time: times.text(timeNs) }));
    }
  }
  return lines;
}
