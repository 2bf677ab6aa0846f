/**
 * Reads the header blocks that a gRPC server answers with (HPACK, RFC 7541): static and dynamic table, Huffman coding. It
 * shares no code with `src/net` on purpose: a generator must not share the faults of what it measures.
 */

type Field = readonly [name: string, value: string];

const DEFAULT_TABLE_BYTES = 4096;
/** Section 4.1: what an entry counts beside its text. */
const ENTRY_BYTES = 32;

export class HeaderBlocks {
  /** Dynamic table, newest first. */
  readonly #table: Field[] = [];
  #tableBytes = 0;
  #maxBytes = DEFAULT_TABLE_BYTES;
  #bytes: Buffer = Buffer.alloc(0);
  #pos = 0;
  #end = 0;

  /** Calls `visit` for every field of a whole block. Blocks of a connection must be read in order, none left out. */
  read(bytes: Buffer, start: number, end: number, visit: (name: string, value: string) => void): void {
    this.#bytes = bytes;
    this.#pos = start;
    this.#end = end;
    while (this.#pos < this.#end) {
      const first = bytes[this.#pos];
      if (first >= 0x80) {
        const [name, value] = this.#entry(this.#integer(7));
        visit(name, value);
      } else if (first >= 0x40) {
        const field = this.#literal(6);
        this.#insert(field);
        visit(field[0], field[1]);
      } else if (first >= 0x20) {
        this.#maxBytes = this.#integer(5);
        this.#evict();
      } else {
        const [name, value] = this.#literal(4);
        visit(name, value);
      }
    }
  }

  #literal(prefixBits: number): Field {
    const index = this.#integer(prefixBits);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    return [name, this.#string()];
  }

  #entry(index: number): Field {
    const found = index <= STATIC.length ? STATIC[index - 1] : this.#table[index - STATIC.length - 1];
    if (found === undefined) throw new Error(`HPACK index ${index} is not in the tables`);
    return found;
  }

  #insert(field: Field): void {
    this.#table.unshift(field);
    this.#tableBytes += field[0].length + field[1].length + ENTRY_BYTES;
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#maxBytes) {
      const [name, value] = this.#table.pop() ?? ['', ''];
      this.#tableBytes -= name.length + value.length + ENTRY_BYTES;
    }
  }

  /** Section 5.1. */
  #integer(prefixBits: number): number {
    const mask = (1 << prefixBits) - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('an HPACK integer of more than 28 bits');
  }

  /** Section 5.2. */
  #string(): string {
    const huffman = this.#pos < this.#end && this.#bytes[this.#pos] >= 0x80;
    const length = this.#integer(7);
    const start = this.#pos;
    this.#pos += length;
    if (this.#pos > this.#end) throw new Error('an HPACK string runs over the end of its block');
    return huffman ? huffmanText(this.#bytes, start, this.#pos) : this.#bytes.toString('latin1', start, this.#pos);
  }

  #byte(): number {
    if (this.#pos >= this.#end) throw new Error('a header block that ends too early');
    return this.#bytes[this.#pos++];
  }
}

/**
 * Symbols of the Huffman code by the length of their codes, in order; the code is canonical (appendix B). Longer codes stand
 * for bytes that gRPC never sends in a header (it percent-encodes them) and for the backslash: text ends there.
 */
const HUFFMAN: readonly (readonly [bits: number, symbols: string])[] = [
  [5, '012aceiost'],
  [6, ' %-./3456789=A_bdfghlmnpru'],
  [7, ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'],
  [8, '&*,;XZ'],
  [10, '!"()?'],
  [11, "'+|"],
  [12, '#>'],
  [13, '\0$@[]~'],
  [14, '^}'],
  [15, '<`{'],
];

function huffmanText(bytes: Buffer, start: number, end: number): string {
  let out = '';
  let held = 0;
  let bits = 0;
  let at = start;
  for (;;) {
    while (bits < 15 && at < end) {
      held = ((held & 0x7fff) << 8) | bytes[at++];
      bits += 8;
    }
    let first = 0;
    let before = 0;
    let found = false;
    for (const [length, symbols] of HUFFMAN) {
      if (length > bits) break;
      first <<= length - before;
      before = length;
      const code = (held >>> (bits - length)) & ((1 << length) - 1);
      if (code < first + symbols.length) {
        out += symbols[code - first];
        bits -= length;
        held &= (1 << bits) - 1;
        found = true;
        break;
      }
      first += symbols.length;
    }
    if (!found) return out; // padding, or a longer code
  }
}

const EMPTY_NAMES =
  'accept-charset|accept-encoding|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate';

/** Appendix A, from index 1. */
const STATIC: readonly Field[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  ...['200', '204', '206', '304', '400', '404', '500'].map((status): Field => [':status', status]),
  ...EMPTY_NAMES.split('|').map((name): Field => [name, name === 'accept-encoding' ? 'gzip, deflate' : '']),
];
