/**
 * HPACK decoding (RFC 7541) for one direction of one connection.
 *
 *     block      0 to 2 size updates, then fields
 *     1xxxxxxx   a field of the tables                 7-bit index
 *     01xxxxxx   literal, enters the dynamic table     6-bit index of its name, or 0 and a name; value
 *     001xxxxx   new size of the dynamic table         5-bit size
 *     0001xxxx   literal, never to be indexed          4-bit index of its name, or 0 and a name; value
 *     0000xxxx   literal                               the same
 *     string     Hxxxxxxx   H: Huffman-coded           7-bit length; octets
 *     integer    n bits of the first octet; if they are all ones, 7 bits an octet follow, the lowest first, and are added
 *
 * Index 1 to 61 is the static table, from 62 on the dynamic one, its newest entry first.
 */
import { ByteMemo } from './byte-memo.ts';
import { DynamicTable } from './dynamic-table.ts';
import { HpackError } from './error.ts';
import { FIELD_OVERHEAD, fieldBytes, type HeaderField } from './field.ts';
import { huffmanBound, huffmanDecode, huffmanLength } from './huffman.ts';
import { LAST_STATIC, STATIC_TABLE } from './static-table.ts';

/** The size of the dynamic table until the peer has said another (RFC 9113 6.5.2). */
const FIRST_TABLE_BYTES = 4096;
/** Bits after the prefix: four octets. RFC 7541 5.1 lets a decoder refuse more. */
const MAX_INTEGER_BITS = 28;
/** nghttp2 enters no `:path` into the table and so sends it as a literal with every request. */
const PATH_INDEX = 4;
/** RFC 7541 4.2: the smallest size between two blocks and the last one. */
const MAX_SIZE_UPDATES = 2;

export interface HeaderBlock {
  /** In the order of the block. Shared with later blocks of the same bytes: nobody may write to it. */
  readonly fields: readonly HeaderField[];
  /** The list passed its bound; `fields` ends before the field that did. */
  readonly tooLarge: boolean;
}

export interface HpackDecoderOptions {
  /** Our SETTINGS_HEADER_TABLE_SIZE: the size that the peer may give the dynamic table. */
  readonly tableBytes: number;
  /** Bound of a decoded list: names, values, and 32 for each field (RFC 9113 6.5.2). */
  readonly maxListBytes: number;
}

export class HpackDecoder {
  readonly #tableBytes: number;
  readonly #maxListBytes: number;
  readonly #table = new DynamicTable(FIRST_TABLE_BYTES);
  /** The last block that left the table as it was; forgotten as soon as the table may change. */
  readonly #lastBlock = new ByteMemo<HeaderBlock>();
  /** The last `:path` that was a literal outside the table: its meaning depends on nothing but its bytes. */
  readonly #lastPath = new ByteMemo<HeaderField>();
  /** Where what was read last ends. */
  #at = 0;
  /** Of the string that was read last, which ends at #at. */
  #stringStart = 0;
  #stringHuffman = false;

  constructor({ tableBytes, maxListBytes }: HpackDecoderOptions) {
    this.#tableBytes = tableBytes;
    this.#maxListBytes = maxListBytes;
  }

  /**
   * Decodes block[start, end), one whole header block: a HEADERS frame's fragment joined with its CONTINUATIONs'. Blocks have to
   * come in the order of the connection, those of refused streams too. Keeps no reference to `block`. Throws an
   * {@link HpackError}; after one the tables are not in step any more and the decoder is of no use.
   */
  decode(block: Buffer, start: number, end: number): HeaderBlock {
    const known = this.#lastBlock.find(block, start, end);
    if (known !== null) return known;
    this.#lastBlock.forget();

    const fields: HeaderField[] = [];
    /** What the list may still take; below 0 it was too large. */
    let room = this.#maxListBytes;
    let at = this.#sizeUpdates(block, start, end);
    let tableChanged = at !== start;
    while (at < end) {
      const first = block[at];
      let field: HeaderField | null;
      if (first > 0x80 && first < 0xff) {
        field = this.#field(first & 0x7f);
        at++;
      } else if (first >= 0x80) {
        field = this.#field(this.#integer(block, at, end, 0x7f));
        at = this.#at;
      } else {
        field = this.#literal(block, at, end, room);
        at = this.#at;
        if (first >= 0x40) tableChanged = true;
      }
      room = field === null ? -1 : room - fieldBytes(field);
      if (room >= 0) fields.push(field as HeaderField);
    }

    const decoded: HeaderBlock = { fields, tooLarge: room < 0 };
    if (!tableChanged) this.#lastBlock.keep(block, start, end, decoded);
    return decoded;
  }

  #sizeUpdates(block: Buffer, start: number, end: number): number {
    let at = start;
    for (let updates = 0; at < end && (block[at] & 0xe0) === 0x20; updates++) {
      if (updates === MAX_SIZE_UPDATES) throw new HpackError('more than two table size updates in a header block');
      const bytes = this.#integer(block, at, end, 0x1f);
      if (bytes > this.#tableBytes)
        throw new HpackError(`a table size update to ${bytes} bytes, where ${this.#tableBytes} are allowed`);
      this.#table.resize(bytes);
      at = this.#at;
    }
    return at;
  }

  /** The field of an index. */
  #field(index: number): HeaderField {
    if (index > LAST_STATIC) {
      const field = this.#table.get(index - LAST_STATIC - 1);
      if (field !== undefined) return field;
    } else if (index > 0) return STATIC_TABLE[index];
    throw new HpackError(`index ${index} is beyond the tables`);
  }

  /** A literal field, entered into the table if it says so; null if neither the table nor `room` can hold it. */
  #literal(block: Buffer, start: number, end: number, room: number): HeaderField | null {
    const first = block[start];
    const indexed = first >= 0x40;
    if (!indexed && first >= 0x20)
      throw new HpackError('a table size update that is not at the start of the header block');
    const nameIndex = this.#integer(block, start, end, indexed ? 0x3f : 0x0f);
    let name: string | null = null;
    if (nameIndex > 0) name = this.#field(nameIndex).name;
    else this.#string(block, this.#at, end);
    const nameStart = this.#stringStart;
    const nameEnd = this.#at;
    const nameHuffman = name === null && this.#stringHuffman;
    this.#string(block, nameEnd, end);
    const valueStart = this.#stringStart;
    const valueEnd = this.#at;
    const valueHuffman = this.#stringHuffman;
    const path = !indexed && nameIndex === PATH_INDEX;
    if (path) {
      const known = this.#lastPath.find(block, start, valueEnd);
      if (known !== null) return known;
    }

    // Nothing is built that nobody can hold. What is Huffman-coded is measured only if its largest size would not fit.
    const plainBytes =
      FIELD_OVERHEAD +
      (name === null ? (nameHuffman ? 0 : nameEnd - nameStart) : name.length) +
      (valueHuffman ? 0 : valueEnd - valueStart);
    const limit = indexed ? Math.max(room, this.#table.maxBytes) : room;
    let bytes = plainBytes;
    if (nameHuffman) bytes += huffmanBound(nameEnd - nameStart);
    if (valueHuffman) bytes += huffmanBound(valueEnd - valueStart);
    if (bytes > limit) {
      bytes = plainBytes;
      if (nameHuffman) bytes += huffmanLength(block, nameStart, nameEnd);
      if (valueHuffman) bytes += huffmanLength(block, valueStart, valueEnd);
      if (bytes > limit) {
        if (indexed) this.#table.clear(); // as entering it would
        return null;
      }
    }

    name ??= text(block, nameStart, nameEnd, nameHuffman, limit);
    const field: HeaderField = { name, value: text(block, valueStart, valueEnd, valueHuffman, limit) };
    if (indexed) this.#table.insert(field);
    else if (path) this.#lastPath.keep(block, start, valueEnd, field);
    return field;
  }

  /** Finds the string at `at`: its octets are [#stringStart, #at). */
  #string(block: Buffer, at: number, end: number): void {
    if (at >= end) throw new HpackError('a header block that ends within a field');
    this.#stringHuffman = block[at] >= 0x80;
    const length = this.#integer(block, at, end, 0x7f);
    this.#stringStart = this.#at;
    if (length > end - this.#at)
      throw new HpackError(`a string of ${length} bytes, where the header block has ${end - this.#at} left`);
    this.#at += length;
  }

  /** The integer at `at`, before `end`, whose prefix is the bits of `mask`. */
  #integer(block: Buffer, at: number, end: number, mask: number): number {
    let value = block[at++] & mask;
    if (value === mask) {
      for (let shift = 0, more = true; more; shift += 7) {
        if (at >= end) throw new HpackError('a header block that ends within an integer');
        if (shift === MAX_INTEGER_BITS) throw new HpackError('an integer that is too large');
        const octet = block[at++];
        value += (octet & 0x7f) << shift;
        more = octet >= 0x80;
      }
    }
    this.#at = at;
    return value;
  }
}

function text(block: Buffer, start: number, end: number, huffman: boolean, limitBytes: number): string {
  return huffman ? huffmanDecode(block, start, end, limitBytes) : block.toString('latin1', start, end);
}
