/**
 * Scenario: spans as encoders write them, which the scanner steps over by shortcuts, with sizes around the borders of these,
 * cut short and damaged everywhere. Guarantee: a shortcut never accepts what the oracle refuses, nor costs a valid span.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MESSAGE_TYPES } from '#codec/otlp/messages.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { TRACES } from '#shared/signal.ts';
import { requestType } from '#test/support/otlp-proto.ts';
import fc from 'fast-check';
import { delimited, Random, tag, varint } from './codec-wire.ts';

/** Around lengths of one byte and two, and where an attribute's own lengths get their second byte. */
const SIZES = [0, 1, 2, 100, 118, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 300];
const INTEGERS = [0n, 1n, 127n, 128n, 16_383n, 16_384n, 2_097_151n, 2_097_152n, 2n ** 62n, -1n, -(2n ** 63n)];

const number = (field: number, value: bigint): Buffer => Buffer.concat([tag(field, 0), varint(value)]);
const fixed64 = (field: number, random: Random): Buffer => Buffer.concat([tag(field, 1), random.bytes(8)]);

function attribute(random: Random, field: number): Buffer {
  const padding = random.chance(5) ? 1 : 0;
  const size = random.pick(SIZES);
  const values = [
    () => delimited(1, 'v'.repeat(size), padding),
    () => number(2, BigInt(random.below(2))),
    () => number(3, random.pick(INTEGERS)),
    () => fixed64(4, random),
    () => delimited(5, delimited(1, delimited(1, 'v'))),
    () => delimited(7, random.bytes(size)),
    () => Buffer.alloc(0),
  ];
  const key = delimited(1, 'k'.repeat(random.pick(random.chance(80) ? [0, 1, 10] : SIZES)), padding);
  const parts = [key, delimited(2, random.pick(values)(), padding)];
  if (random.chance(5)) parts.reverse();
  return delimited(field, Buffer.concat(parts), padding);
}

function span(random: Random): Buffer {
  const usual = (part: () => Buffer): Buffer => (random.chance(90) ? part() : Buffer.alloc(0));
  return Buffer.concat([
    usual(() => delimited(1, random.bytes(16))),
    usual(() => delimited(2, random.bytes(8))),
    random.chance(50) ? delimited(4, random.chance(90) ? random.bytes(8) : '') : Buffer.alloc(0),
    usual(() => delimited(5, 'n'.repeat(random.pick(SIZES)))),
    usual(() => number(6, random.pick(INTEGERS))),
    usual(() => fixed64(7, random)),
    usual(() => fixed64(8, random)),
    ...Array.from({ length: random.below(4) }, () => attribute(random, 9)),
    random.chance(20) ? delimited(11, attribute(random, 3)) : Buffer.alloc(0),
    random.chance(20) ? delimited(15, number(3, 2n)) : Buffer.alloc(0),
    usual(() => Buffer.concat([tag(16, 5), random.bytes(4)])),
  ]);
}

function makeRequest(seed: number): { bytes: Buffer; spans: number } {
  const random = new Random(seed);
  const spans = random.below(3);
  const items = Array.from({ length: spans }, () => delimited(2, span(random)));
  const resource = delimited(1, attribute(random, 1));
  return { bytes: delimited(1, Buffer.concat([resource, delimited(2, Buffer.concat(items))])), spans };
}

function oracleAccepts(bytes: Buffer): boolean {
  try {
    requestType(TRACES).decode(bytes);
    return true;
  } catch (error) {
    return /utf-?8/i.test(String(error));
  }
}

const scanned = (bytes: Buffer): number => scan(TRACES, bytes, 0, bytes.length, null);

describe('spans and attributes in their usual form', () => {
  it('are all accepted', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { bytes, spans } = makeRequest(seed);
        assert.equal(scanned(bytes), spans, scanError());
      }),
      { numRuns: 2000 },
    );
  });

  it('are judged as the oracle does when the innermost lengths are wrong', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.constantFrom(-1, 1, 2, 0x80), (seed, where, by) => {
        const { bytes } = makeRequest(seed);
        const at = where % bytes.length;
        bytes[at] += by;
        if (scanned(bytes) >= 0) assert.ok(oracleAccepts(bytes), bytes.toString('hex'));
        else assert.notEqual(scanError(), '');
      }),
      { numRuns: 5000 },
    );
  });

  it('are judged as the oracle does when a span ends early', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const whole = span(new Random(seed)).subarray(0, 200);
        for (let length = 0; length <= whole.length; length++) {
          // What follows is another span: reading beyond the end would find bytes there.
          const rest = delimited(2, delimited(5, 'n'.repeat(40)));
          const cut = Buffer.concat([delimited(2, whole.subarray(0, length)), rest]);
          const bytes = delimited(1, delimited(2, cut));
          assert.equal(scanned(bytes) >= 0, oracleAccepts(bytes), bytes.toString('hex'));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('have attributes in fields below 16: the shortcut compares one byte', () => {
    for (const type of MESSAGE_TYPES)
      for (const field of type.fields)
        if (field.message?.name === 'KeyValue') assert.ok(field.number < 16, `${type.name}.${field.name}`);
  });
});
