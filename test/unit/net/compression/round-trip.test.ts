import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateSync, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { compress } from '#net/compression/compress.ts';
import { ENCODINGS } from '#net/compression/encoding.ts';
import { inflate } from '#net/compression/inflate.ts';

const MIB = 1 << 20;
const text = Buffer.from(
  JSON.stringify(Array.from({ length: 4000 }, (_, i) => ({ id: i * 7919, name: `span ${i % 13}` }))),
);
const samples: readonly (readonly [string, Buffer])[] = [
  ['empty', Buffer.alloc(0)],
  ['one byte', Buffer.of(7)],
  ['zeros', Buffer.alloc(300_000)],
  ['text', text],
  [
    'noise',
    Buffer.from(
      Array.from({ length: 200_000 }, (_, i) => ((Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(i, i)) >>> 11) & 255),
    ),
  ],
];

for (const encoding of ENCODINGS) {
  for (const [name, bytes] of samples) {
    test(`${encoding}: ${name} survives compress and inflate`, () => {
      const packed = compress(encoding, bytes);
      assert.deepEqual(inflate(encoding, packed, Math.max(1, bytes.length)), bytes);
    });
  }

  test(`${encoding}: any bytes survive`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (array) => {
        const bytes = Buffer.from(array);
        assert.deepEqual(inflate(encoding, compress(encoding, bytes), 5000), bytes);
      }),
      { numRuns: 50 },
    );
  });

  test(`${encoding}: a result of exactly the limit is taken, one byte more is refused`, () => {
    const packed = compress(encoding, text);
    assert.equal(inflate(encoding, packed, text.length).length, text.length);
    assert.throws(() => inflate(encoding, packed, text.length - 1), { name: 'InflateError', reason: 'too_large' });
  });

  test(`${encoding}: the result is memory of its own`, () => {
    const packed = compress(encoding, text);
    const out = inflate(encoding, packed, MIB);
    packed.fill(0);
    assert.deepEqual(out, text);
  });
}

test('no compression hands the bytes on', () => {
  assert.equal(compress('', text), text);
  assert.equal(compress('none', text), text);
});

test('levels reach gzip, zlib and zstd', () => {
  const size = (encoding: 'gzip' | 'deflate' | 'zstd', level: number): number => compress(encoding, text, level).length;
  for (const encoding of ['gzip', 'deflate'] as const) {
    assert.ok(size(encoding, 9) < size(encoding, 1), encoding);
    assert.ok(size(encoding, 0) > text.length, 'level 0 stores');
    assert.ok(size(encoding, -2) > size(encoding, 9), 'level -2 only codes single bytes');
    assert.equal(size(encoding, -1), size(encoding, 6));
  }
  assert.ok(size('zstd', 19) < size('zstd', 1));
  assert.equal(size('zstd', 99), size('zstd', 22), 'levels beyond the last are the last');
});

test('other implementations read what we write and we read what they write', () => {
  assert.deepEqual(gunzipSync(compress('gzip', text)), text);
  assert.deepEqual(zstdDecompressSync(compress('zstd', text)), text);
  assert.deepEqual(inflate('gzip', gzipSync(text, { level: 9 }), MIB), text);
  assert.deepEqual(inflate('zlib', deflateSync(text), MIB), text);
  const streamed = zstdCompressSync(text, {
    params: { [constants.ZSTD_c_contentSizeFlag]: 0, [constants.ZSTD_c_checksumFlag]: 1 },
  });
  assert.deepEqual(inflate('zstd', streamed, MIB), text);
});

test('known vectors: snappy framing and LZ4', () => {
  // Framed stream of "ab", stored: identifier, chunk 01, length 6, masked CRC-32C.
  const packed = compress('x-snappy-framed', Buffer.from('ab'));
  assert.equal(packed.toString('hex', 0, 14), `ff060000734e61507059${'01060000'}`);
  // The frame that lz4 -1 makes of "hello hello hello hello hello hello", content checksum on.
  const frame = Buffer.from('04224d186040821100000' + '06f68656c6c6f20060004602068656c6c6f00000000', 'hex');
  assert.equal(inflate('lz4', frame, 100).toString(), 'hello hello hello hello hello hello');
});
