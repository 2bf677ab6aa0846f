/** Header blocks written by hand: every representation of RFC 7541 6, also such as no encoder writes. */
import { CODE_LENGTHS } from '#net/http2/hpack/huffman.ts';

/** An integer whose prefix is the bits of `mask`; with `padding` that many octets longer than it need be. */
export function integer(flags: number, mask: number, value: number, padding = 0): Buffer {
  if (value < mask) return Buffer.of(flags | value);
  const out = [flags | mask];
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) out.push(0x80 | (rest % 0x80));
  out.push(rest);
  for (let i = 0; i < padding; i++) {
    out[out.length - 1] |= 0x80;
    out.push(0);
  }
  return Buffer.from(out);
}

export const indexed = (index: number): Buffer => integer(0x80, 0x7f, index);
export const sizeUpdate = (bytes: number): Buffer => integer(0x20, 0x1f, bytes);

export function plain(text: string): Buffer {
  return Buffer.concat([integer(0, 0x7f, text.length), Buffer.from(text, 'latin1')]);
}

export function huffman(text: string): Buffer {
  const coded = huffmanEncode(Buffer.from(text, 'latin1'));
  return Buffer.concat([integer(0x80, 0x7f, coded.length), coded]);
}

/** A literal; `name` is an index or a text. */
export function literal(
  kind: 'incremental' | 'without' | 'never',
  name: number | string,
  value: string,
  string: (text: string) => Buffer = plain,
): Buffer {
  const [flags, mask] = kind === 'incremental' ? [0x40, 0x3f] : [kind === 'never' ? 0x10 : 0, 0x0f];
  return typeof name === 'number'
    ? Buffer.concat([integer(flags, mask, name), string(value)])
    : Buffer.concat([Buffer.of(flags), string(name), string(value)]);
}

/** The codes as text of ones and zeros, by the rule that a canonical code follows. */
export const HUFFMAN_CODES: readonly string[] = canonicalCodes();

function canonicalCodes(): string[] {
  const codes: string[] = [];
  const symbols = [...CODE_LENGTHS.keys()].sort((a, b) => CODE_LENGTHS[a] - CODE_LENGTHS[b] || a - b);
  let next = 0n;
  let length = CODE_LENGTHS[symbols[0]];
  for (const symbol of symbols) {
    next <<= BigInt(CODE_LENGTHS[symbol] - length);
    length = CODE_LENGTHS[symbol];
    codes[symbol] = next.toString(2).padStart(length, '0');
    next++;
  }
  return codes;
}

/** `padding` is what the last octet is filled with, and more if it is longer. */
export function huffmanEncode(octets: Uint8Array, padding = ''): Buffer {
  let bits = [...octets].map((octet) => HUFFMAN_CODES[octet]).join('') + padding;
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}
