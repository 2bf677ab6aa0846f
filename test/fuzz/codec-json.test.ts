/**
 * Scenario: requests are written as OTLP/JSON and read back; texts are damaged. Guarantee: nothing of a request is lost or
 * changed on the way (the oracle compares field by field), JSON from the oracle reads the same, damage is an error and never
 * anything else.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonError } from '#codec/otlp/json/error.ts';
import { jsonToProto } from '#codec/otlp/json/read.ts';
import { protoToJson } from '#codec/otlp/json/write.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { SIGNALS, SIGNAL_NAMES, type Signal } from '#shared/signal.ts';
import { decodeRequest, requestType } from '#test/support/otlp-proto.ts';
import fc from 'fast-check';
import { Random, randomMessage } from './codec-wire.ts';

function makeRequest(signal: Signal, seed: number): Buffer {
  const random = new Random(seed);
  return randomMessage(random, requestType(signal), { width: 3 + random.below(6), depth: 7, unknown: true });
}

for (const signal of SIGNALS) {
  describe(`JSON of ${SIGNAL_NAMES[signal]}`, () => {
    it('protobuf to JSON to protobuf changes nothing the oracle sees', () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const bytes = makeRequest(signal, seed);
          const back = jsonToProto(signal, protoToJson(signal, bytes));
          assert.deepEqual(decodeRequest(signal, back), decodeRequest(signal, bytes));
          assert.ok(scan(signal, back, 0, back.length, null) >= 0, scanError());
        }),
        { numRuns: 400 },
      );
    });

    it('reads any white space and escaped text the same', () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const json = protoToJson(signal, makeRequest(signal, seed));
          const escaped = json.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
          const loose = JSON.stringify(JSON.parse(json), null, '\t ');
          assert.deepEqual(jsonToProto(signal, escaped), jsonToProto(signal, json));
          // JSON.parse keeps the order of members, so the bytes are equal too.
          assert.deepEqual(jsonToProto(signal, loose), jsonToProto(signal, json));
        }),
        { numRuns: 100 },
      );
    });

    it('damaged text is read as valid OTLP or refused with a JsonError', () => {
      fc.assert(
        fc.property(fc.integer(), fc.nat(), fc.integer({ min: 1, max: 255 }), (seed, where, flip) => {
          const text = Buffer.from(protoToJson(signal, makeRequest(signal, seed)));
          text[where % text.length] ^= flip;
          let bytes: Buffer;
          try {
            bytes = jsonToProto(signal, text);
          } catch (error) {
            assert.ok(error instanceof JsonError, String(error));
            return;
          }
          assert.ok(scan(signal, bytes, 0, bytes.length, null) >= 0, scanError());
        }),
        { numRuns: 800 },
      );
    });

    it('a text is refused at every truncation', () => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const text = Buffer.from(protoToJson(signal, makeRequest(signal, seed))).subarray(0, 600);
          for (let length = 0; length < text.length - 1; length++) {
            assert.throws(() => jsonToProto(signal, text.subarray(0, length)), JsonError);
          }
        }),
        { numRuns: 20 },
      );
    });
  });
}
