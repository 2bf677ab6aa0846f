/**
 * From lines to an ExportLogsServiceRequest: one resource without attributes, one scope without a name, a record for each line.
 *
 *     time_unix_nano            of the line; 0 becomes the present time
 *     observed_time_unix_nano   the present time
 *     body                      the line
 *     attributes                log.file.path and log.file.name, for a label `filename`
 *                               loki.attribute.labels: the names of the labels, by which otelcol.exporter.loki makes labels of them
 *                               labels, and structured metadata under names that no label has
 */
import { readLine, StreamReader, type Line } from '#codec/loki/streams.ts';
import type { Label } from '#codec/loki/labels.ts';
import { ANY_VALUE, ENTRY, KEY_VALUE, LOG_RECORD, REQUEST, SCOPE_ENTRY } from '#codec/otlp/fields.ts';
import { Writer } from '#codec/protobuf/writer.ts';

/** Throws ProtobufError. */
export function logsOf(bytes: Buffer, nowNs: bigint): Buffer {
  const writer = new Writer();
  const entry = writer.begin(REQUEST.entries);
  const scope = writer.begin(ENTRY.scopes);
  for (const streams = new StreamReader().reset(bytes); streams.next();) {
    const labels = streams.labels();
    const hint = labels.map(([name]) => name).join(',');
    while (streams.nextEntry()) {
      const line = readLine(streams.buf, streams.start, streams.stop);
      writeRecord(writer, line, labels, hint, nowNs);
    }
  }
  writer.end(scope);
  writer.end(entry);
  return writer.finish();
}

function writeRecord(writer: Writer, line: Line, labels: readonly Label[], hint: string, nowNs: bigint): void {
  const mark = writer.begin(SCOPE_ENTRY.items);
  writeTime(writer, LOG_RECORD.timeUnixNano, line.timeNs === 0n ? nowNs : line.timeNs);
  const body = writer.begin(LOG_RECORD.body);
  writer.string(ANY_VALUE.stringValue, line.line);
  writer.end(body);
  const file = labels.find(([name]) => name === 'filename')?.[1];
  if (file !== undefined) {
    writeAttribute(writer, 'log.file.path', file);
    writeAttribute(writer, 'log.file.name', baseName(file));
  }
  if (labels.length > 0) writeAttribute(writer, 'loki.attribute.labels', hint);
  for (const [name, value] of labels) writeAttribute(writer, name, value);
  for (const [name, value] of line.metadata)
    if (!labels.some(([label]) => label === name)) writeAttribute(writer, name, value);
  writeTime(writer, LOG_RECORD.observedTimeUnixNano, nowNs);
  writer.end(mark);
}

function writeTime(writer: Writer, field: number, timeNs: bigint): void {
  writer.fixed64(field, Number(BigInt.asUintN(32, timeNs)), Number(BigInt.asUintN(32, timeNs >> 32n)));
}

function writeAttribute(writer: Writer, key: string, value: string): void {
  const mark = writer.begin(LOG_RECORD.attributes);
  writer.string(KEY_VALUE.key, key);
  const inner = writer.begin(KEY_VALUE.value);
  writer.string(ANY_VALUE.stringValue, value);
  writer.end(inner);
  writer.end(mark);
}

/** Go's path.Base. */
function baseName(path: string): string {
  if (path === '') return '.';
  const plain = path.replace(/\/+$/, '');
  return plain === '' ? '/' : plain.slice(plain.lastIndexOf('/') + 1);
}
