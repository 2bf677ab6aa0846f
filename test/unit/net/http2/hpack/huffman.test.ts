import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CODE_LENGTHS, huffmanBound, huffmanDecode, huffmanLength } from '#net/http2/hpack/huffman.ts';
import { HUFFMAN_CODES, huffmanEncode } from './wire.ts';

const decodeAll = (bytes: Buffer, limitBytes = 1 << 20): string => huffmanDecode(bytes, 0, bytes.length, limitBytes);

const WRONG_PADDING = { name: 'HpackError', message: /padding/ };
const EOS = { name: 'HpackError', message: /EOS/ };

/** Bits, filled up with ones. */
function bits(text: string): Buffer {
  return huffmanEncode(new Uint8Array(), text);
}

describe('the Huffman code', () => {
  it('is complete: no bits are without a meaning', () => {
    assert.equal(CODE_LENGTHS.length, 257);
    assert.equal(
      CODE_LENGTHS.reduce((sum, length) => sum + 2 ** (30 - length), 0),
      2 ** 30,
    );
    assert.equal(HUFFMAN_CODES[256], '1'.repeat(30));
  });

  it('is that of RFC 7541 appendix B where its lengths change', () => {
    const samples: [symbol: number, code: number, length: number][] = [
      [48, 0x0, 5],
      [116, 0x9, 5],
      [32, 0x14, 6],
      [58, 0x5c, 7],
      [38, 0xf8, 8],
      [33, 0x3f8, 10],
      [43, 0x7fb, 11],
      [35, 0xffa, 12],
      [0, 0x1ff8, 13],
      [125, 0x3ffd, 14],
      [123, 0x7ffe, 15],
      [92, 0x7fff0, 19],
      [128, 0xfffe6, 20],
      [153, 0x1fffdc, 21],
      [232, 0x3fffea, 22],
      [1, 0x7fffd8, 23],
      [9, 0xffffea, 24],
      [199, 0x1ffffec, 25],
      [255, 0x3ffffee, 26],
      [203, 0x7ffffde, 27],
      [2, 0xfffffe2, 28],
      [249, 0xffffffe, 28],
      [10, 0x3ffffffc, 30],
      [22, 0x3ffffffe, 30],
    ];
    for (const [symbol, code, length] of samples)
      assert.equal(HUFFMAN_CODES[symbol], code.toString(2).padStart(length, '0'), `symbol ${symbol}`);
  });
});

describe('huffmanDecode', () => {
  it('decodes every octet, alone and beside any other', () => {
    for (let a = 0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        const bytes = huffmanEncode(Uint8Array.of(a, b));
        assert.equal(decodeAll(bytes), String.fromCharCode(a, b));
      }
    }
  });

  it('decodes random texts of any length in any range of a buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000, size: 'max' }), fc.nat(9), fc.nat(9), (octets, before, after) => {
        const coded = huffmanEncode(octets);
        const bytes = Buffer.concat([Buffer.alloc(before, 0x55), coded, Buffer.alloc(after, 0xaa)]);
        const end = before + coded.length;
        assert.equal(huffmanDecode(bytes, before, end, octets.length), Buffer.from(octets).toString('latin1'));
        assert.equal(huffmanLength(bytes, before, end), octets.length);
        assert.ok(octets.length <= huffmanBound(coded.length));
      }),
      { numRuns: 200 },
    );
  });

  it('takes up to 7 ones as padding', () => {
    assert.equal(decodeAll(Buffer.alloc(0)), '');
    // A code of 5, 6, ..., bits leaves 3, 2, ... bits; 11 + 13 bits leave none.
    for (const text of ['0', ' ', ':', '&', '+\0', '00', '000', '0000', '00000', '!']) {
      const coded = huffmanEncode(Buffer.from(text, 'latin1'));
      assert.equal(decodeAll(coded), text);
    }
  });

  it('refuses padding of 8 bits and more', () => {
    for (const coded of [
      Buffer.of(0xff),
      Buffer.concat([huffmanEncode(Buffer.from('0')), Buffer.of(0xff)]),
      bits(HUFFMAN_CODES[48].repeat(8) + '1'.repeat(8)),
      bits('1'.repeat(24)),
    ]) {
      assert.throws(() => decodeAll(coded), WRONG_PADDING);
      assert.throws(() => huffmanLength(coded, 0, coded.length), WRONG_PADDING);
    }
  });

  it('refuses padding that is not all ones', () => {
    for (const padding of ['000', '110', '011', '101']) {
      assert.throws(() => decodeAll(bits(HUFFMAN_CODES[48] + padding)), WRONG_PADDING, padding);
    }
    assert.throws(() => decodeAll(bits(HUFFMAN_CODES[32] + '10')), WRONG_PADDING);
  });

  it('refuses EOS wherever it stands', () => {
    const eos = HUFFMAN_CODES[256];
    for (let zeros = 0; zeros < 8; zeros++) {
      const before = HUFFMAN_CODES[48].repeat(zeros);
      for (const after of ['', HUFFMAN_CODES[97], '1'.repeat(100)]) {
        const coded = bits(before + eos + after);
        assert.throws(() => decodeAll(coded), EOS);
        assert.throws(() => huffmanLength(coded, 0, coded.length), EOS);
      }
    }
  });

  it('refuses a text longer than its limit, and only that', () => {
    const coded = huffmanEncode(Buffer.from('x'.repeat(5000)));
    assert.equal(decodeAll(coded, 5000).length, 5000);
    assert.throws(() => decodeAll(coded, 4999), { name: 'HpackError', message: /more than 4999 bytes/ });
    assert.throws(() => decodeAll(coded, -1), { name: 'HpackError' });
  });
});
