/**
 * Scenario: requests of every shape the wire format allows, then damaged ones. Guarantee: the scanner accepts whatever is valid,
 * counts as the oracle does, and accepts nothing that the oracle refuses, so a frame that passed the door never fails behind it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { ItemIndex } from '#codec/otlp/item-index.ts';
import { countItems } from '#codec/otlp/count.ts';
import { SIGNALS, SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import { listItems, requestType } from '#test/support/otlp-proto.ts';
import fc from 'fast-check';
import { Random, randomMessage } from './codec-wire.ts';

const index = new ItemIndex();

function makeRequest(signal: Signal, seed: number): Buffer {
  const random = new Random(seed);
  return randomMessage(random, requestType(signal), { width: 3 + random.below(5), depth: 7, unknown: true });
}

/** Whether the oracle decodes it. Text that is not UTF-8 counts as decoded: the Collector does not check it either. */
function oracleAccepts(signal: Signal, bytes: Buffer): boolean {
  try {
    requestType(signal).decode(bytes);
    return true;
  } catch (error) {
    return /utf-?8/i.test(String(error));
  }
}

for (const signal of SIGNALS) {
  describe(`scan of ${SIGNAL_NAMES[signal]}`, () => {
    it('accepts every valid request and counts its items', () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const bytes = makeRequest(signal, seed);
          const count = scan(signal, bytes, 0, bytes.length, index);
          assert.equal(count, listItems(signal, bytes).length, scanError());
          assert.equal(scan(signal, bytes, 0, bytes.length, null), count);
          assert.equal(countItems(signal, bytes), count);
        }),
        { numRuns: 400 },
      );
    });

    it('reads only its own range of a larger buffer', () => {
      fc.assert(
        fc.property(fc.integer(), fc.nat(20), fc.nat(20), (seed, before, after) => {
          const bytes = makeRequest(signal, seed);
          const framed = Buffer.concat([Buffer.alloc(before, 0xff), bytes, Buffer.alloc(after, 0xff)]);
          assert.equal(
            scan(signal, framed, before, before + bytes.length, index),
            scan(signal, bytes, 0, bytes.length, null),
          );
        }),
        { numRuns: 100 },
      );
    });

    it('agrees with the oracle on every truncation', () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const bytes = makeRequest(signal, seed).subarray(0, 400);
          for (let length = 0; length <= bytes.length; length++) {
            const cut = bytes.subarray(0, length);
            assert.equal(
              scan(signal, cut, 0, length, index) >= 0,
              oracleAccepts(signal, cut),
              `${length} bytes of ${bytes.toString('hex')}`,
            );
          }
        }),
        { numRuns: 40 },
      );
    });

    it('never throws on damage and accepts only what the oracle decodes', () => {
      fc.assert(
        fc.property(fc.integer(), fc.nat(), fc.integer({ min: 1, max: 255 }), (seed, where, flip) => {
          const bytes = makeRequest(signal, seed);
          if (bytes.length === 0) return;
          bytes[where % bytes.length] ^= flip;
          const count = scan(signal, bytes, 0, bytes.length, index);
          assert.equal(scan(signal, bytes, 0, bytes.length, null), count);
          if (count >= 0) assert.ok(oracleAccepts(signal, bytes), bytes.toString('hex'));
          else assert.notEqual(scanError(), '');
        }),
        { numRuns: 1500 },
      );
    });

    it('never throws on noise', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
          const bytes = Buffer.from(noise);
          if (scan(signal, bytes, 0, bytes.length, index) >= 0)
            assert.ok(oracleAccepts(signal, bytes), bytes.toString('hex'));
        }),
        { numRuns: 1500 },
      );
    });
  });
}
