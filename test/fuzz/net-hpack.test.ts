/**
 * Scenario: one connection sends header blocks of every shape, then damaged ones and noise. Guarantee: the decoder agrees with a
 * naive model on every list and every refusal, throws nothing but HpackError, and holds no more than its bounds.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, type HeaderBlock } from '#net/http2/hpack/decoder.ts';
import { HpackError } from '#net/http2/hpack/error.ts';
import { fieldBytes } from '#net/http2/hpack/field.ts';
import { huffman, indexed, integer, literal, plain, sizeUpdate } from '#test/unit/net/http2/hpack/wire.ts';
import { Random } from './codec-wire.ts';
import { HpackModel, ModelError } from './hpack-model.ts';

const OPTIONS = [
  { tableBytes: 4096, maxListBytes: 16384 },
  { tableBytes: 4096, maxListBytes: 300 },
  { tableBytes: 10_000, maxListBytes: 3000 },
  { tableBytes: 200, maxListBytes: 1000 },
  { tableBytes: 0, maxListBytes: 1000 },
  { tableBytes: 4096, maxListBytes: 0 },
] as const;

/** Most blocks are right for a table of up to `entries` entries; sometimes an index is beyond them. */
function randomBlock(random: Random, tableBytes: number, entries: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = random.chance(10) ? 1 + random.below(2) : 0; n > 0; n--) {
    parts.push(sizeUpdate(random.chance(95) ? random.below(tableBytes + 1) : random.below(1 << 20)));
  }
  const anyIndex = (): number => (random.chance(99) ? 1 + random.below(61 + entries) : random.below(1000));
  const text = (): string => {
    const length = random.pick([0, 1, 5, 20, 20, 60, 130, random.chance(20) ? 3000 : 40]);
    return random.bytes(length).toString('latin1');
  };
  for (let n = random.below(10); n > 0; n--) {
    if (random.chance(50)) parts.push(indexed(anyIndex()));
    else if (random.chance(20)) parts.push(literal('without', 4, random.pick(['/a', '/b', '/abcd']), huffman));
    else {
      const kind = random.pick(['incremental', 'incremental', 'without', 'never'] as const);
      const name = random.chance(50) ? anyIndex() : random.pick(['a', 'grpc-timeout', text()]);
      parts.push(literal(kind, name, text(), random.pick([plain, huffman])));
    }
  }
  return Buffer.concat(parts);
}

function damage(random: Random, block: Buffer): Buffer {
  const bad = Buffer.from(block);
  for (let n = 1 + random.below(3); n > 0 && bad.length > 0; n--) {
    const at = random.below(bad.length);
    bad[at] = random.pick([bad[at] ^ (1 << random.below(8)), random.below(256), 0xff, 0x80, 0x7f]);
  }
  const from = random.below(bad.length + 1);
  return random.pick([
    bad,
    bad.subarray(0, from),
    Buffer.concat([bad.subarray(0, from), random.bytes(random.below(6)), bad.subarray(from)]),
    Buffer.concat([bad.subarray(from), bad.subarray(0, from)]),
  ]);
}

function result<T>(decode: () => T, refusal: new (message: string) => Error): T | 'refused' {
  try {
    return decode();
  } catch (error) {
    // Only a refusal may be thrown: anything else is a fault of ours.
    if (error instanceof refusal) return 'refused';
    throw error;
  }
}

class Pair {
  readonly model: HpackModel;
  readonly #decoder: HpackDecoder;
  readonly #maxListBytes: number;
  constructor(options: { tableBytes: number; maxListBytes: number }) {
    this.model = new HpackModel(options);
    this.#decoder = new HpackDecoder(options);
    this.#maxListBytes = options.maxListBytes;
  }

  /** Decodes twice over in both, as clients repeat themselves; false when the connection would end. */
  feed(random: Random, block: Buffer): boolean {
    const [before, after] = [random.below(5), random.below(5)];
    const framed = Buffer.concat([random.bytes(before), block, random.bytes(after)]);
    for (let times = 0; times < 2; times++) {
      const expected = result(() => this.model.decode(block), ModelError);
      const actual = result<HeaderBlock>(() => this.#decoder.decode(framed, before, before + block.length), HpackError);
      assert.deepEqual(actual, expected, block.toString('hex'));
      if (actual === 'refused') return false;
      assert.ok(actual.fields.reduce((sum, field) => sum + fieldBytes(field), 0) <= this.#maxListBytes);
    }
    return true;
  }
}

describe('HPACK decoding', () => {
  for (const options of OPTIONS) {
    it(`agrees with the model, table ${options.tableBytes}, list ${options.maxListBytes} bytes`, () => {
      let decoded = 0;
      let refused = 0;
      fc.assert(
        fc.property(fc.integer(), fc.constantFrom(0, 0, 10, 50), (seed, damaged) => {
          const random = new Random(seed);
          const pair = new Pair(options);
          for (let n = 0; n < 30; n++) {
            const block = randomBlock(random, options.tableBytes, pair.model.table.length);
            if (!pair.feed(random, random.chance(damaged) ? damage(random, block) : block)) {
              refused++;
              break;
            }
            decoded++;
          }
        }),
        { numRuns: 150 },
      );
      assert.ok(decoded > 300 && refused > 10, `only ${decoded} blocks were decoded and ${refused} refused`);
    });
  }

  it('agrees with the model on noise', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...OPTIONS), (seed, options) => {
        const random = new Random(seed);
        const pair = new Pair(options);
        for (let n = 0; n < 20; n++) {
          if (!pair.feed(random, random.bytes(random.pick([0, 1, 2, 3, 4, 8, 20, 200])))) break;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('collects no more than its bounds from blocks made to grow', () => {
    const decoder = new HpackDecoder({ tableBytes: 4096, maxListBytes: 8192 });
    const long = (string: typeof plain): Buffer => literal('incremental', 'n', 'a'.repeat(1 << 20), string);
    const blocks = [
      Buffer.concat([literal('incremental', 'n', 'x'.repeat(4000)), Buffer.alloc(1 << 20, 0x80 | 62)]),
      Buffer.concat(Array.from({ length: 20_000 }, () => literal('incremental', '', ''))),
      long(plain),
      long(huffman),
      Buffer.concat([Buffer.of(0x00), integer(0, 0x7f, 1 << 20), Buffer.alloc(1 << 20, 0x61), plain('')]),
    ];
    for (const block of blocks) {
      const { fields, tooLarge } = decoder.decode(block, 0, block.length);
      assert.equal(tooLarge, true);
      assert.ok(fields.reduce((sum, field) => sum + fieldBytes(field), 0) <= 8192);
    }
    assert.throws(
      () => decoder.decode(Buffer.of(0x80 | 62), 0, 1),
      HpackError,
      'entries larger than the table empty it',
    );
  });
});
