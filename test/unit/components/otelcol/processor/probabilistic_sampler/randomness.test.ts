import assert from 'node:assert/strict';
import { it, test } from 'node:test';
import fc from 'fast-check';
import { Bits56 } from '#components/otelcol/processor/probabilistic_sampler/bits56.ts';
import {
  isTraceId,
  randomOfHash,
  randomOfTraceId,
  seededHash,
} from '#components/otelcol/processor/probabilistic_sampler/randomness.ts';

const valueOf = ({ hi, lo }: Bits56): bigint => (BigInt(hi) << 28n) | BigInt(lo);

/** FNV-1a by its definition, with whole numbers of any size. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x01000193n) % 2n ** 32n;
  return Number(hash);
}

it('hashes as published: of nothing, of "a", of "foobar"', () => {
  // Test vectors of the FNV authors; the seed is hashed like any four bytes.
  const seedOf = (text: string): number => Buffer.from(text.slice(0, 4).padEnd(4, '\0')).readUInt32LE(0);
  assert.equal(fnv1a(Buffer.from('')), 0x811c9dc5);
  assert.equal(fnv1a(Buffer.from('a')), 0xe40c292c);
  assert.equal(fnv1a(Buffer.from('foobar')), 0xbf9cf968);
  assert.equal(seededHash(seedOf('foob'), Buffer.from('ar'), 0, 2), 0xbf9cf968);
});

it("hashes as the Collector's: buckets of seed 0 and nothing, and 16 zeros", () => {
  assert.equal(seededHash(0, Buffer.alloc(0), 0, 0) & 0x3fff, 0x3515);
  assert.equal(seededHash(0, Buffer.alloc(16), 0, 16) & 0x3fff, 0x2455);
});

test('hashes as the definition', () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), fc.uint8Array({ maxLength: 40 }), (seed, bytes) => {
      const seedBytes = Buffer.alloc(4);
      seedBytes.writeUInt32LE(seed);
      const hash = seededHash(seed, Buffer.concat([Buffer.from('x'), bytes]), 1, 1 + bytes.length);
      assert.equal(hash, fnv1a(Buffer.concat([seedBytes, bytes])));
      const random = new Bits56();
      randomOfHash(hash, random);
      const low = BigInt(hash) & 0x3fffn;
      const high = BigInt(hash) >> 18n;
      const mixed = high ^ (high << 10n);
      assert.equal(valueOf(random), ((0x3fffn - low) << 42n) | (mixed << 14n) | low);
    }),
  );
});

test('of a trace id its lower 56 bits', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (id) => {
      const random = new Bits56();
      const buf = Buffer.concat([Buffer.from([9]), id]);
      randomOfTraceId(buf, 1, random);
      assert.equal(valueOf(random), BigInt(`0x${buf.toString('hex', 10, 17)}`));
      assert.equal(
        isTraceId(buf, 1),
        id.some((byte) => byte !== 0),
      );
    }),
  );
});
