/**
 * Reads and writes what moves between Loki components (`fields.ts`). Times are nanoseconds since the epoch, exact; text that is
 * not UTF-8 reads with U+FFFD. Reused; any thread.
 */
import { LENGTH, VARINT } from '../protobuf/limits.ts';
import { Reader } from '../protobuf/reader.ts';
import { Writer } from '../protobuf/writer.ts';
import { LINES, LOKI_ENTRY, LOKI_LABEL, STREAM, TIMESTAMP } from './fields.ts';
import type { Label } from './labels.ts';

const SECOND = 1_000_000_000n;

export interface Line {
  readonly timeNs: bigint;
  readonly line: string;
  readonly metadata: readonly Label[];
}

/**
 *     reader.reset(batch.bytes);
 *     while (reader.next()) {
 *       const labels = reader.labels();
 *       while (reader.nextEntry()) ... readLine(reader.buf, reader.start, reader.stop)
 *     }
 */
export class StreamReader {
  readonly #streams = new Reader();
  readonly #fields = new Reader();
  buf: Buffer = Buffer.alloc(0);
  /** Content of the current entry. */
  start = 0;
  stop = 0;

  reset(bytes: Buffer): this {
    this.buf = bytes;
    this.#streams.reset(bytes, 0, bytes.length);
    return this;
  }

  /** Moves to the next stream. */
  next(): boolean {
    const streams = this.#streams;
    while (streams.next()) {
      if (streams.field !== LINES.streams || streams.wire !== LENGTH) continue;
      this.#fields.reset(streams.buf, streams.start, streams.stop);
      return true;
    }
    return false;
  }

  /** Of the current stream. */
  labels(): Label[] {
    const { buf, start, stop } = this.#streams;
    return readLabels(buf, start, stop, STREAM.labels);
  }

  /** Moves to the next entry of the current stream. */
  nextEntry(): boolean {
    const fields = this.#fields;
    while (fields.next()) {
      if (fields.field !== STREAM.entries || fields.wire !== LENGTH) continue;
      this.start = fields.start;
      this.stop = fields.stop;
      return true;
    }
    return false;
  }
}

/** The entry with content `buf[start, stop)`. */
export function readLine(buf: Buffer, start: number, stop: number): Line {
  const reader = new Reader().reset(buf, start, stop);
  let timeNs = 0n;
  let line = '';
  while (reader.next()) {
    if (reader.wire !== LENGTH) continue;
    if (reader.field === LOKI_ENTRY.timestamp) timeNs = readTime(buf, reader.start, reader.stop);
    else if (reader.field === LOKI_ENTRY.line) line = reader.string();
  }
  return { timeNs, line, metadata: readLabels(buf, start, stop, LOKI_ENTRY.structuredMetadata) };
}

/** Bytes of the line and the structured metadata of an entry, by which Alloy measures batches. */
export function lineBytes(buf: Buffer, start: number, stop: number): number {
  const reader = new Reader().reset(buf, start, stop);
  let bytes = 0;
  while (reader.next())
    if (reader.field === LOKI_ENTRY.line || reader.field === LOKI_ENTRY.structuredMetadata)
      bytes += reader.stop - reader.start;
  return bytes;
}

/** Lines in a message. Reads all of it: throws ProtobufError wherever one is malformed. */
export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (const reader = new StreamReader().reset(bytes); reader.next();) {
    reader.labels();
    for (; reader.nextEntry(); lines++) lineBytes(bytes, reader.start, reader.stop);
  }
  return lines;
}

function readTime(buf: Buffer, start: number, stop: number): bigint {
  const reader = new Reader().reset(buf, start, stop);
  let seconds = 0n;
  let nanos = 0n;
  while (reader.next()) {
    if (reader.wire !== VARINT) continue;
    if (reader.field === TIMESTAMP.seconds) seconds = reader.int64();
    else if (reader.field === TIMESTAMP.nanos) nanos = BigInt(reader.int32());
  }
  return seconds * SECOND + nanos;
}

function readLabels(buf: Buffer, start: number, stop: number, field: number): Label[] {
  const labels: Label[] = [];
  const reader = new Reader().reset(buf, start, stop);
  const label = new Reader();
  while (reader.next()) {
    if (reader.field !== field || reader.wire !== LENGTH) continue;
    let name = '';
    let value = '';
    label.reset(buf, reader.start, reader.stop);
    while (label.next()) {
      if (label.wire !== LENGTH) continue;
      if (label.field === LOKI_LABEL.name) name = label.string();
      else if (label.field === LOKI_LABEL.value) value = label.string();
    }
    labels.push([name, value]);
  }
  return labels;
}

/** A stream begins with its first entry: one without entries is not there. */
export class StreamWriter {
  readonly #writer = new Writer();
  #labels: readonly Label[] = [];
  /** Where the open stream began; -1 = none is open. */
  #mark = -1;
  /** Entries written. */
  items = 0;

  /** The entries that follow belong to a stream with these labels, which are sorted. */
  stream(labels: readonly Label[]): void {
    this.#end();
    this.#labels = labels;
  }

  entry({ timeNs, line, metadata }: Line): void {
    this.#begin();
    const mark = this.#writer.begin(STREAM.entries);
    writeTime(this.#writer, timeNs);
    if (line !== '') this.#writer.string(LOKI_ENTRY.line, line);
    for (const label of metadata) writeLabel(this.#writer, LOKI_ENTRY.structuredMetadata, label);
    this.#writer.end(mark);
  }

  /** The entry with content `buf[start, stop)` as it is. */
  entryBytes(buf: Buffer, start: number, stop: number): void {
    this.#begin();
    this.#writer.bytes(STREAM.entries, buf, start, stop);
  }

  /** The message, in memory of its own; the writer begins anew. */
  finish(): Buffer {
    this.#end();
    const bytes = this.#writer.finish();
    this.#writer.reset();
    this.items = 0;
    return bytes;
  }

  #begin(): void {
    this.items++;
    if (this.#mark >= 0) return;
    this.#mark = this.#writer.begin(LINES.streams);
    for (const label of this.#labels) writeLabel(this.#writer, STREAM.labels, label);
  }

  #end(): void {
    if (this.#mark >= 0) this.#writer.end(this.#mark);
    this.#mark = -1;
  }
}

function writeTime(writer: Writer, timeNs: bigint): void {
  let seconds = timeNs / SECOND;
  let nanos = timeNs % SECOND;
  // nanos of a protobuf Timestamp count forward, also before the epoch.
  if (nanos < 0n) {
    nanos += SECOND;
    seconds -= 1n;
  }
  const mark = writer.begin(LOKI_ENTRY.timestamp);
  if (seconds !== 0n)
    writer.varint64(TIMESTAMP.seconds, Number(BigInt.asUintN(32, seconds)), Number(BigInt.asUintN(32, seconds >> 32n)));
  if (nanos !== 0n) writer.uint32(TIMESTAMP.nanos, Number(nanos));
  writer.end(mark);
}

function writeLabel(writer: Writer, field: number, [name, value]: Label): void {
  const mark = writer.begin(field);
  writer.string(LOKI_LABEL.name, name);
  if (value !== '') writer.string(LOKI_LABEL.value, value);
  writer.end(mark);
}
