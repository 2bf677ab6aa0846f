/**
 * Scenario: any sequence of writes, reads and abandoned reservations on a small ring. Guarantees: what comes out is what a
 * plain queue gives, an empty ring takes anything, a quarter of the capacity always fits, and nothing is written over unread records.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RingReader, RingWriter, createRing } from '#shared/ring.ts';

type Step = { readonly do: 'write' | 'abandon'; readonly length: number } | { readonly do: 'read' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('write' as const), length: fc.oneof(fc.nat(200), fc.nat(32_000)) }),
  fc.record({ do: fc.constant('abandon' as const), length: fc.nat(32_000) }),
  fc.record({ do: fc.constant('read' as const) }),
);

test('ring against a queue', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer(), (steps, startAt) => {
      const memory = createRing(65536);
      const control = new Int32Array(memory, 0, 64);
      control[0] = control[16] = startAt & ~7;
      const writer = new RingWriter(memory);
      const reader = new RingReader(memory);
      const queue: { readonly length: number; readonly fill: number }[] = [];
      let fill = 0;
      for (const s of steps) {
        if (s.do === 'read') {
          const expected = queue.shift();
          assert.equal(reader.peek(), expected !== undefined);
          if (expected === undefined) continue;
          assert.equal(reader.length, expected.length);
          const content = reader.data.subarray(reader.offset, reader.offset + reader.length);
          assert.ok(content.every((byte) => byte === expected.fill));
          reader.release();
          continue;
        }
        const unread = queue.reduce((bytes, record) => bytes + record.length + 16, 0);
        const at = writer.reserve(s.length);
        if (at < 0)
          assert.ok(
            queue.length > 0 && unread + s.length + 16 > writer.capacity / 4,
            'refused although a quarter is free',
          );
        else if (s.do === 'write') {
          fill = (fill + 1) & 0xff;
          writer.data.fill(fill, at, at + s.length);
          writer.commit();
          queue.push({ length: s.length, fill });
        }
      }
    }),
    { numRuns: 300 },
  );
});
