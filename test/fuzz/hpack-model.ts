/**
 * HPACK decoding (RFC 7541) the slow and obvious way, to compare with: the table is an array whose first element is the newest
 * entry, Huffman codes are looked up bit by bit.
 */
import { STATIC_TABLE } from '#net/http2/hpack/static-table.ts';
import { HUFFMAN_CODES } from '#test/unit/net/http2/hpack/wire.ts';

export class ModelError extends Error {}

type Field = { readonly name: string; readonly value: string };
const SYMBOLS = new Map(HUFFMAN_CODES.map((code, symbol) => [code, symbol]));
const sizeOf = ({ name, value }: Field): number => name.length + value.length + 32;

export class HpackModel {
  table: Field[] = [];
  #size = 4096;
  #block: number[] = [];
  readonly #tableBytes: number;
  readonly #maxListBytes: number;

  constructor({ tableBytes, maxListBytes }: { tableBytes: number; maxListBytes: number }) {
    this.#tableBytes = tableBytes;
    this.#maxListBytes = maxListBytes;
  }

  decode(block: Uint8Array): { fields: Field[]; tooLarge: boolean } {
    this.#block = [...block];
    const list: Field[] = [];
    for (let updates = 0, started = false; this.#block.length > 0;) {
      const first = this.#block[0];
      if (first >= 32 && first < 64) {
        if (started || ++updates > 2) throw new ModelError('update');
        this.#size = this.#integer(5);
        if (this.#size > this.#tableBytes) throw new ModelError('size');
        this.#evict();
        continue;
      }
      started = true;
      if (first >= 128) list.push(this.#entry(this.#integer(7)));
      else {
        const index = this.#integer(first >= 64 ? 6 : 4);
        const name = index > 0 ? this.#entry(index).name : this.#string();
        const field = { name, value: this.#string() };
        list.push(field);
        if (first >= 64) {
          this.table.unshift(field);
          this.#evict();
        }
      }
    }
    let bytes = 0;
    const fits = list.findIndex((field) => (bytes += sizeOf(field)) > this.#maxListBytes);
    return { fields: fits < 0 ? list : list.slice(0, fits), tooLarge: fits >= 0 };
  }

  #evict(): void {
    while (this.table.reduce((sum, field) => sum + sizeOf(field), 0) > this.#size) this.table.pop();
  }

  #entry(index: number): Field {
    const field = index > 61 ? this.table[index - 62] : index > 0 ? STATIC_TABLE[index] : undefined;
    if (field === undefined) throw new ModelError('index');
    return field;
  }

  #octet(): number {
    const octet = this.#block.shift();
    if (octet === undefined) throw new ModelError('end');
    return octet;
  }

  #integer(bits: number): number {
    const most = 2 ** bits - 1;
    let value = this.#octet() & most;
    if (value < most) return value;
    for (let power = 1; ; power *= 128) {
      if (power === 2 ** 28) throw new ModelError('integer');
      const octet = this.#octet();
      value += (octet % 128) * power;
      if (octet < 128) return value;
    }
  }

  #string(): string {
    const coded = this.#block[0] >= 128;
    const length = this.#integer(7);
    if (length > this.#block.length) throw new ModelError('string');
    const octets = this.#block.splice(0, length);
    return coded ? this.#huffman(octets) : String.fromCharCode(...octets);
  }

  #huffman(octets: readonly number[]): string {
    let text = '';
    let code = '';
    for (const bit of octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')) {
      code += bit;
      const symbol = SYMBOLS.get(code);
      if (symbol === undefined) continue;
      if (symbol === 256) throw new ModelError('EOS');
      text += String.fromCharCode(symbol);
      code = '';
    }
    if (!/^1{0,7}$/.test(code)) throw new ModelError('padding');
    return text;
  }
}
