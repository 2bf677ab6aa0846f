/**
 * The header block of every request, as a client library sends it: in full the first time on a connection, with each field put
 * into the server's table, and as indexes into that table from then on (HPACK, RFC 7541 sections 6.1 and 6.2).
 */
import { FLAG, FRAME_HEAD, TYPE, writeFrameHead } from './http2-frames.ts';

/** Static entries with the names used here (appendix A). */
const STATIC_NAMES: Readonly<Record<string, number>> = {
  ':authority': 1,
  ':method': 2,
  ':path': 4,
  ':scheme': 6,
  'content-type': 31,
  'user-agent': 58,
};
const STATIC_ENTRIES = 61;
const INDEXED = 0x80;
const WITH_INDEXING = 0x40;
const WITHOUT_INDEXING = 0;
const TABLE_SIZE_0 = Buffer.from([0x20]);

export interface RequestHeaders {
  /** HEADERS frame, stream 0, of a connection's first request. */
  readonly first: Buffer;
  /** Of those after it. */
  readonly later: Buffer;
}

/** `tableBytes`: what the server's SETTINGS_HEADER_TABLE_SIZE allows; if it is less than usual the table is not used. */
export function requestHeaders(
  fields: readonly (readonly [name: string, value: string])[],
  tableBytes: number,
): RequestHeaders {
  const literal = (kind: number): Buffer =>
    Buffer.concat(fields.map(([name, value]) => literalField(name, value, kind)));
  if (tableBytes < 4096) {
    const block = literal(WITHOUT_INDEXING);
    return { first: headersFrame(Buffer.concat([TABLE_SIZE_0, block])), later: headersFrame(block) };
  }
  // the table numbers its newest entry first
  const indexes = fields.map((_, i) => INDEXED | (STATIC_ENTRIES + fields.length - i));
  return { first: headersFrame(literal(WITH_INDEXING)), later: headersFrame(Buffer.from(indexes)) };
}

function literalField(name: string, value: string, kind: number): Buffer {
  const known = STATIC_NAMES[name];
  const prefixBits = kind === WITH_INDEXING ? 6 : 4;
  if (known === undefined) return Buffer.concat([Buffer.from([kind]), string(name), string(value)]);
  return Buffer.concat([integer(kind, prefixBits, known), string(value)]);
}

function integer(kind: number, prefixBits: number, value: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  return Buffer.from(value < mask ? [kind | value] : [kind | mask, value - mask]);
}

/** Without Huffman coding; header text here is shorter than 127 bytes. */
const string = (text: string): Buffer => Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);

function headersFrame(block: Buffer): Buffer {
  const out = Buffer.alloc(FRAME_HEAD + block.length);
  writeFrameHead(out, 0, block.length, TYPE.headers, FLAG.endHeaders);
  block.copy(out, FRAME_HEAD);
  return out;
}
