import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { compress } from '#net/compression/compress.ts';
import { ENCODINGS } from '#net/compression/encoding.ts';
import { inflate, InflateError } from '#net/compression/inflate.ts';
import { xxh32 } from '#net/compression/xxh32.ts';

const MIB = 1 << 20;
const text = Buffer.from(Array.from({ length: 3000 }, (_, i) => `attribute.${i % 50}=${i};`).join(''));
const CORRUPT = { name: 'InflateError', reason: 'corrupt' };
const TOO_LARGE = { name: 'InflateError', reason: 'too_large' };

test('an unknown encoding', () => {
  for (const name of ['br', 'GZIP', 'identity', 'gzip, zstd', '', 'toString']) {
    assert.throws(() => inflate(name, text, MIB), { name: 'InflateError', reason: 'unknown' }, name);
  }
});

for (const encoding of ENCODINGS) {
  test(`${encoding}: every truncation is refused`, () => {
    const packed = compress(encoding, text);
    // A framed stream cut at a chunk's end is a shorter valid stream; this text is one chunk and the identifier before it.
    const step = Math.max(1, packed.length >> 7);
    for (let cut = encoding === 'x-snappy-framed' ? 11 : 1; cut < packed.length; cut += step) {
      assert.throws(
        () => inflate(encoding, packed.subarray(0, cut), MIB),
        CORRUPT,
        `cut at ${cut} of ${packed.length}`,
      );
    }
  });

  test(`${encoding}: junk, and junk after the data, is refused`, () => {
    assert.throws(() => inflate(encoding, Buffer.from('this is plain text and not compressed'), MIB), CORRUPT);
    assert.throws(
      () => inflate(encoding, Buffer.concat([compress(encoding, text), Buffer.from('junk')]), MIB),
      CORRUPT,
    );
  });

  test(`${encoding}: flipped bytes never throw anything else or pass the limit`, () => {
    const packed = compress(encoding, text);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bad: Buffer = Buffer.from(packed);
        bad[at] = bad[at] ^ flip;
        try {
          assert.ok(inflate(encoding, bad, 200_000).length <= 200_000);
        } catch (error) {
          assert.ok(error instanceof InflateError, String(error));
        }
      }),
      { numRuns: 150 },
    );
    assert.deepEqual(inflate(encoding, packed, MIB), text, 'the next good input is unharmed');
  });

  test(`${encoding}: a real bomb is refused without holding more than the limit`, () => {
    const bomb = compress(encoding, Buffer.alloc(64 * MIB));
    const before = process.memoryUsage();
    assert.throws(() => inflate(encoding, bomb, MIB), TOO_LARGE);
    const after = process.memoryUsage();
    const grown = after.arrayBuffers - before.arrayBuffers;
    assert.ok(grown <= 4 * MIB, `array buffers grew by ${grown} bytes`);
  });
}

test('empty input: gzip, zlib and a snappy block need a header, the others are empty streams', () => {
  for (const encoding of ['gzip', 'zlib', 'deflate', 'snappy'])
    assert.throws(() => inflate(encoding, Buffer.alloc(0), MIB), CORRUPT, encoding);
  for (const encoding of ['zstd', 'lz4', 'x-snappy-framed'])
    assert.equal(inflate(encoding, Buffer.alloc(0), MIB).length, 0, encoding);
});

test('gzip: several members are joined, also against the limit', () => {
  const two = Buffer.concat([gzipSync('abc'), gzipSync('defg')]);
  assert.equal(inflate('gzip', two, 7).toString(), 'abcdefg');
  assert.throws(() => inflate('gzip', two, 6), TOO_LARGE);
});

test('gzip: a false ISIZE costs nothing and is refused', () => {
  const bad = gzipSync('abc');
  bad.writeUInt32LE(0xffffffff, bad.length - 4);
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(() => inflate('gzip', bad, 64 * MIB), CORRUPT);
  assert.ok(process.memoryUsage().arrayBuffers - before < MIB);
});

test('zstd: several frames and skippable frames are joined', () => {
  const skip = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const all = Buffer.concat([skip, zstdCompressSync('abc'), skip, zstdCompressSync('defg'), skip]);
  assert.equal(inflate('zstd', all, 7).toString(), 'abcdefg');
  assert.throws(() => inflate('zstd', all, 6), TOO_LARGE);
  assert.throws(() => inflate('zstd', all.subarray(0, all.length - 1), 7), CORRUPT);
});

test('zstd: a declared size beyond the limit is refused before it is decoded', () => {
  // Single segment, 8-byte size of 2^60, one empty last block.
  const liar = Buffer.from('28b52ffde0' + '0000000000000010' + '010000', 'hex');
  assert.throws(() => inflate('zstd', liar, MIB), TOO_LARGE);
});

test('zstd: a run-length bomb within the size of its header', () => {
  // No size, window 128 KiB; 400 blocks of 128 KiB made of one byte each.
  const block = (last: number): number[] => [
    (last | 2 | (131072 << 3)) & 255,
    ((131072 << 3) >> 8) & 255,
    (131072 << 3) >> 16,
    0x61,
  ];
  const bomb = Buffer.from([
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0,
    0x38,
    ...Array.from({ length: 399 }, () => block(0)).flat(),
    ...block(1),
  ]);
  assert.equal(inflate('zstd', bomb, 400 * 131072).length, 400 * 131072);
  assert.throws(() => inflate('zstd', bomb, MIB), TOO_LARGE);
});

test('zstd: windows up to 32 MiB are taken, larger ones refused, and a declared frame may be larger than that', () => {
  const data = Buffer.alloc(3 * MIB, 'abcdefgh');
  const withWindow = (log: number): Buffer =>
    zstdCompressSync(data, { params: { [constants.ZSTD_c_windowLog]: log, [constants.ZSTD_c_contentSizeFlag]: 0 } });
  const header = withWindow(22);
  assert.equal(header[4] & 0x20, 0, 'not a single segment');
  assert.deepEqual(inflate('zstd', header, 4 * MIB), data);
  const patch = (log: number): Buffer => {
    const bytes = Buffer.from(header);
    bytes[5] = (log - 10) << 3;
    return bytes;
  };
  assert.deepEqual(inflate('zstd', patch(25), 4 * MIB), data);
  assert.throws(() => inflate('zstd', patch(27), 4 * MIB), TOO_LARGE);
  const large = Buffer.alloc(40 * MIB, 'abcdefgh');
  assert.equal(inflate('zstd', compress('zstd', large), 40 * MIB).length, large.length);
});

test('snappy: a declared length beyond limit or reason is refused before it is decoded', () => {
  const declares = (n: number): Buffer =>
    Buffer.from([
      (n & 127) | 128,
      ((n >>> 7) & 127) | 128,
      ((n >>> 14) & 127) | 128,
      ((n >>> 21) & 127) | 128,
      (n >>> 28) & 15,
      0,
      1,
    ]);
  assert.throws(() => inflate('snappy', declares(0x7fffffff), MIB), TOO_LARGE);
  assert.throws(() => inflate('snappy', declares(MIB), MIB), CORRUPT);
  assert.throws(() => inflate('snappy', Buffer.from('ffffffffff01', 'hex'), MIB), CORRUPT);
});

test('snappy: a framed stream is recognised under the plain name; its checksums and chunk types count', () => {
  const framed = compress('x-snappy-framed', text);
  assert.deepEqual(inflate('snappy', framed, MIB), text);
  const flipped = Buffer.from(framed);
  flipped[14] = flipped[14] ^ 1;
  assert.throws(() => inflate('snappy', flipped, MIB), /checksum/);
  const padding = Buffer.from([0xfe, 2, 0, 0, 9, 9]);
  assert.deepEqual(
    inflate('x-snappy-framed', Buffer.concat([framed, padding, framed]), MIB),
    Buffer.concat([text, text]),
  );
  assert.throws(() => inflate('x-snappy-framed', Buffer.concat([framed, Buffer.from([0x02, 0, 0, 0])]), MIB), CORRUPT);
});

/** An LZ4 frame with 64 KiB blocks around `blocks`, each given as [header, data]. */
function lz4Frame(flg: number, content: Buffer, blocks: readonly (readonly [number, Buffer])[]): Buffer {
  const header = Buffer.concat([Buffer.of(flg, 0x40), content]);
  const parts: Buffer[] = [Buffer.from('04224d18', 'hex'), header, Buffer.of((xxh32(header) >>> 8) & 255)];
  for (const [size, data] of blocks) {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(size);
    parts.push(head, data);
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

test('lz4: declared sizes, block sizes and matches are bounded', () => {
  const stored = Buffer.from('abc');
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(1n << 50n);
  assert.throws(() => inflate('lz4', lz4Frame(0x68, size, [[0x80000003, stored]]), MIB), TOO_LARGE);
  size.writeBigUInt64LE(4n);
  assert.throws(() => inflate('lz4', lz4Frame(0x68, size, [[0x80000003, stored]]), MIB), /another length/);
  assert.equal(inflate('lz4', lz4Frame(0x60, Buffer.alloc(0), [[0x80000003, stored]]), MIB).toString(), 'abc');
  assert.throws(
    () => inflate('lz4', lz4Frame(0x60, Buffer.alloc(0), [[0x80010001, Buffer.alloc(65537)]]), MIB),
    /larger than its frame/,
  );
  const before = Buffer.from([0x10, 0x61, 9, 0]); // one literal, then a match 9 back
  assert.throws(
    () => inflate('lz4', lz4Frame(0x60, Buffer.alloc(0), [[before.length, before]]), MIB),
    /before the start/,
  );
  const dense = Buffer.from([0x1f, 0x61, 1, 0, ...Array<number>(300).fill(255), 0]); // 76,520 bytes from one block of 64 KiB
  assert.throws(() => inflate('lz4', lz4Frame(0x60, Buffer.alloc(0), [[dense.length, dense]]), MIB), CORRUPT);
});

test('lz4: linked blocks reach back over the block before', () => {
  const match = Buffer.from([0x0c, 5, 0, 0x50, 0x76, 0x77, 0x78, 0x79, 0x7a]);
  assert.equal(
    inflate(
      'lz4',
      lz4Frame(0x40, Buffer.alloc(0), [
        [0x80000005, Buffer.from('abcde')],
        [match.length, match],
      ]),
      MIB,
    ).toString(),
    'abcde' + 'abcdeabcdeabcdea' + 'vwxyz',
  );
  assert.throws(
    () =>
      inflate(
        'lz4',
        lz4Frame(0x60, Buffer.alloc(0), [
          [0x80000005, Buffer.from('abcde')],
          [match.length, match],
        ]),
        MIB,
      ),
    /before the start/,
  );
});

test('xxh32: published values', () => {
  assert.equal(xxh32(Buffer.alloc(0)), 0x02cc5d05);
  assert.equal(xxh32(Buffer.from('a')), 0x550d7456);
  assert.equal(xxh32(Buffer.from('Nobody inspects the spammish repetition')), 0xe2293b2f);
});
