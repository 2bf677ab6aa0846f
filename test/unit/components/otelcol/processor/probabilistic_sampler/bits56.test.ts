import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import fc from 'fast-check';
import { Bits56 } from '#components/otelcol/processor/probabilistic_sampler/bits56.ts';

const WHOLE = 2n ** 56n;
const bits = fc.bigInt({ min: 0n, max: WHOLE - 1n });
const of = (value: bigint): Bits56 => new Bits56().set(Number(value >> 28n), Number(value & 0xfff_ffffn));
const valueOf = ({ hi, lo }: Bits56): bigint => (BigInt(hi) << 28n) | BigInt(lo);
const digitsOf = (value: Bits56): string => {
  const out = Buffer.alloc(14);
  return out.toString('latin1', 0, value.writeThreshold(out, 0));
};

test('comparing, reading and writing are those of the number', () => {
  fc.assert(
    fc.property(bits, bits, (a, b) => {
      assert.equal(of(a).isBelow(of(b)), a < b);
      assert.equal(of(a).isBelow(of(a)), false);
      const out = Buffer.alloc(20, 0x21);
      of(a).writeDigits(out, 3);
      assert.equal(out.toString('latin1', 3, 17), a.toString(16).padStart(14, '0'));
      const read = new Bits56();
      assert.ok(read.readHex(out, 3, 17));
      assert.equal(valueOf(read), a);
      const text = digitsOf(of(a));
      assert.equal(text, a.toString(16).padStart(14, '0').replace(/0+$/, '') || '0');
      assert.ok(read.readHex(Buffer.from(text.toUpperCase()), 0, text.length));
      assert.equal(valueOf(read), a);
      assert.equal(of(a).probability, Number(WHOLE - a) / Number(WHOLE));
    }),
  );
});

describe('hex digits that are none', () => {
  for (const text of ['', 'g', '-1', '+1', '0x1', ' 1', '1_0', '123456789012345'])
    it(JSON.stringify(text), () => {
      const kept = of(5n);
      assert.equal(kept.readHex(Buffer.from(text), 0, text.length), false);
      assert.equal(valueOf(kept), 5n);
    });
});

/** Another way to the same: with whole numbers of any size, rounding by halves. */
function model(probability: number, digits: number): bigint {
  if (probability === 1) return 0n;
  const threshold = WHOLE - BigInt(Math.round(probability * 2 ** 56));
  const leading = (fraction: number): number => {
    // Exponent of the fraction with a mantissa in [1/2, 1).
    const exponent = Math.floor(Math.log2(fraction)) + 1;
    const sure = fraction >= 2 ** exponent ? exponent + 1 : fraction < 2 ** (exponent - 1) ? exponent - 1 : exponent;
    return Math.max(0, Math.trunc(-sure / 4));
  };
  const precision = Math.min(14, digits + Math.max(leading(probability), leading(1 - probability)));
  const unit = 16n ** BigInt(14 - precision);
  return ((threshold + unit / 2n) / unit) * unit;
}

describe('the threshold of a probability', () => {
  const cases: readonly (readonly [number, number, string])[] = [
    [1, 4, '0'],
    [0.5, 4, '8'],
    [0.25, 4, 'c'],
    [0.01, 14, 'fd70a3d70a3d71'],
    [0.01, 4, 'fd70a'],
    [0.01, 3, 'fd71'],
    [0.4, 3, '99a'],
    [0.4, 6, '99999a'],
    [0.2, 6, 'cccccd'],
    [0.10125, 6, 'e6147b'],
    [2 ** -14, 4, 'fffc'],
    [2 ** -28, 4, 'fffffff'],
    [2 ** -56, 4, 'ffffffffffffff'],
    [1 / 3, 1, 'b'],
    [0.99, 1, '03'],
  ];
  for (const [probability, digits, expected] of cases)
    it(`${probability} in ${digits} digits is ${expected}`, () => {
      const threshold = new Bits56();
      assert.ok(threshold.setProbability(probability, digits));
      assert.equal(digitsOf(threshold), expected);
    });

  it('is that of the model', () => {
    const probability = fc.oneof(
      fc.double({ min: 2 ** -56, max: 1, noNaN: true }),
      fc
        .tuple(fc.integer({ min: -55, max: 0 }), fc.double({ min: 0.5, max: 1, noNaN: true }))
        .map(([e, m]) => m * 2 ** e),
      fc
        .tuple(fc.integer({ min: -53, max: -1 }), fc.double({ min: 0.5, max: 1, noNaN: true }))
        .map(([e, m]) => 1 - m * 2 ** e),
    );
    fc.assert(
      fc.property(probability, fc.integer({ min: 1, max: 14 }), (p, digits) => {
        const threshold = new Bits56();
        assert.ok(threshold.setProbability(p, digits));
        assert.equal(valueOf(threshold), model(p, digits));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not exist outside of what can be sampled', () => {
    const kept = of(7n);
    for (const probability of [0, -1, 2 ** -57, 1.0000001, NaN, Infinity])
      assert.equal(kept.setProbability(probability, 4), false);
    assert.equal(valueOf(kept), 7n);
  });
});
