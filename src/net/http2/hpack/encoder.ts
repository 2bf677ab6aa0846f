/**
 * HPACK encoding (RFC 7541) without state, for responses. The layout is in decoder.ts; what is written here are fields of the
 * static table and literals that enter no table, never Huffman-coded. So a block can be made once and sent on any connection.
 */
import { LAST_STATIC, STATIC_TABLE } from './static-table.ts';

const INDEXED = 0x80;
const INDEX_MASK = 0x7f;
const NAME_INDEX_MASK = 0x0f;
const LENGTH_MASK = 0x7f;

/**
 * The dynamic table size update to 0 (RFC 7541 4.2). We use no dynamic table, but a peer that lowered
 * SETTINGS_HEADER_TABLE_SIZE waits for it at the start of the next header block. Not to be written to.
 */
export const TABLE_SIZE_ZERO: Buffer = Buffer.of(0x20);

/** What the static table has of a name. */
interface StaticName {
  /** The first entry of this name. */
  readonly index: number;
  readonly byValue: ReadonlyMap<string, number>;
}

const STATIC_NAMES: ReadonlyMap<string, StaticName> = makeStaticNames();

/** Names have to be lower case, names and values latin1: octets above 255 lose their upper bits, and nobody looks. */
export function encodeHeaders(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  let most = 0;
  // No integer of a string that a process can hold takes more than 6 octets.
  for (const [name, value] of fields) most += 13 + name.length + value.length;
  const out = Buffer.allocUnsafe(most);
  let at = 0;
  for (const [name, value] of fields) {
    const known = STATIC_NAMES.get(name);
    const exact = known?.byValue.get(value);
    if (exact !== undefined) {
      at = writeInteger(out, at, INDEXED, INDEX_MASK, exact);
      continue;
    }
    at = writeInteger(out, at, 0, NAME_INDEX_MASK, known?.index ?? 0);
    if (known === undefined) at = writeString(out, at, name);
    at = writeString(out, at, value);
  }
  return out.subarray(0, at);
}

function writeString(out: Buffer, at: number, text: string): number {
  at = writeInteger(out, at, 0, LENGTH_MASK, text.length);
  return at + out.write(text, at, 'latin1');
}

function writeInteger(out: Buffer, at: number, flags: number, mask: number, value: number): number {
  if (value < mask) {
    out[at++] = flags | value;
    return at;
  }
  out[at++] = flags | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest >>>= 7) out[at++] = 0x80 | (rest & 0x7f);
  out[at++] = rest;
  return at;
}

function makeStaticNames(): ReadonlyMap<string, StaticName> {
  const names = new Map<string, { index: number; byValue: Map<string, number> }>();
  for (let index = LAST_STATIC; index > 0; index--) {
    const { name, value } = STATIC_TABLE[index];
    const known = names.get(name) ?? { index, byValue: new Map<string, number>() };
    known.index = index;
    known.byValue.set(value, index);
    names.set(name, known);
  }
  return names;
}
