/**
 * Loki for tests: batches of lines as plain data, and the oracle, Loki's push request as protobufjs understands it from the public
 * field numbers of `pkg/push/push.proto`.
 */
import type { Batch } from '#components/kit/batch.ts';
import { sortedLabels } from '#codec/loki/labels.ts';
import { readLine, StreamReader, StreamWriter } from '#codec/loki/streams.ts';
import { inflateSnappyBlock } from '#net/compression/snappy.ts';
import { LOKI } from '#shared/signal.ts';
import protobuf from 'protobufjs';

const SCHEMA = `
syntax = "proto3";
message Timestamp { int64 seconds = 1; int32 nanos = 2; }
message LabelPair { string name = 1; string value = 2; }
message Entry { Timestamp timestamp = 1; string line = 2; repeated LabelPair structuredMetadata = 3; }
message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
message PushRequest { repeated Stream streams = 1; }
message InnerStream { repeated LabelPair labels = 1; repeated Entry entries = 2; }
message Lines { repeated InnerStream streams = 1; }
`;
const ROOT = protobuf.parse(SCHEMA, { keepCase: true }).root;

type Pairs = Readonly<Record<string, string>>;

export interface TestLine {
  readonly labels: Pairs;
  /** Nanoseconds, 0 when not given. */
  readonly at?: bigint;
  readonly line: string;
  readonly meta?: Pairs;
}

/** A batch of lines; those that follow each other with the same labels are one stream. */
export function linesBatch(lines: readonly TestLine[]): Batch<typeof LOKI> {
  const writer = new StreamWriter();
  let before = '';
  for (const { labels, at = 0n, line, meta = {} } of lines) {
    const key = JSON.stringify(labels);
    if (key !== before) writer.stream(sortedLabels(Object.entries(labels)));
    before = key;
    writer.entry({ timeNs: at, line, metadata: Object.entries(meta) });
  }
  return { signal: LOKI, bytes: writer.finish(), items: lines.length, metadata: null, owned: true };
}

/** What is in such a batch, in order. */
export function linesIn(bytes: Buffer): TestLine[] {
  const lines: TestLine[] = [];
  for (const reader = new StreamReader().reset(bytes); reader.next();) {
    const labels = Object.fromEntries(reader.labels());
    while (reader.nextEntry()) {
      const { timeNs, line, metadata } = readLine(reader.buf, reader.start, reader.stop);
      lines.push({ labels, at: timeNs, line, meta: Object.fromEntries(metadata) });
    }
  }
  return lines;
}

export interface OracleEntry {
  readonly timestamp?: { readonly seconds?: string; readonly nanos?: number };
  readonly line?: string;
  readonly structuredMetadata?: readonly { readonly name: string; readonly value?: string }[];
}
export interface OraclePush {
  readonly streams: readonly { readonly labels: string; readonly entries: readonly OracleEntry[] }[];
}

/** A push request without its compression, as the oracle reads it. */
export function oraclePush(bytes: Buffer): OraclePush {
  return oracle('PushRequest', bytes) as OraclePush;
}

/** The body of a request, as the oracle reads it. */
export const oraclePushed = (body: Buffer): OraclePush => oraclePush(inflateSnappyBlock(body, 64 * 1024 * 1024));

/** What moves between components, as the oracle reads it. */
export const oracleLines = (bytes: Buffer): unknown => oracle('Lines', bytes);

function oracle(name: string, bytes: Buffer): unknown {
  const type = ROOT.lookupType(name);
  return { streams: [], ...type.toObject(type.decode(bytes), { longs: String, arrays: false }) };
}

/** `{a="b"}` read by the rules of Go's quotes, by a reader that shares nothing with the writer. */
export function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 1;
  while (text[at] !== '}') {
    const equals = text.indexOf('=', at);
    const name = text.slice(at, equals);
    let value = '';
    for (at = equals + 2; text[at] !== '"';) {
      if (text[at] !== '\\') value += text[at++];
      else {
        const escape = text[at + 1];
        const digits = { x: 2, u: 4, U: 8 }[escape];
        if (digits === undefined) {
          value += { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }[escape] ?? escape;
          at += 2;
        } else {
          value += String.fromCodePoint(Number.parseInt(text.slice(at + 2, at + 2 + digits), 16));
          at += 2 + digits;
        }
      }
    }
    labels[name] = value;
    at++;
    if (text.startsWith(', ', at)) at += 2;
    else if (text[at] !== '}') throw new Error(`unexpected ${text.slice(at)}`);
  }
  if (at !== text.length - 1) throw new Error('text behind the brace');
  return labels;
}
