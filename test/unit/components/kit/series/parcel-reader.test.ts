/** Parcels come from another thread: whatever bytes they are, they are merged as a whole or counted as lost. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { histogramValues, writeParcel } from '#test/support/parcels.ts';
import {
  BOUNDS,
  CALLS,
  DURATION,
  EXPONENTIAL,
  flushPoints,
  flushRequests,
  PLAIN_SUM,
  planOf,
  storeOf,
} from '#test/support/series-store.ts';

const plan = planOf(
  {},
  { instruments: [CALLS, DURATION, EXPONENTIAL], limit: 0 },
  { instruments: [PLAIN_SUM], limit: 0 },
);
const good = (): Uint8Array<ArrayBuffer> =>
  writeParcel(plan, [
    {
      resource: 'a',
      key: 'k',
      firstMs: 1,
      values: [[1], histogramValues(BOUNDS, [2]), [1, 2, 2, 2, 0, 3, 5, 1, 1]],
      exemplars: [{ instrument: 1, value: 2, traceId: '01'.repeat(16), spanId: '02'.repeat(8) }],
    },
    { resource: 'b', group: 1, key: 'k', firstMs: 1, values: [[1]] },
  ]);

describe('lost parcels', () => {
  const lostAfter = (change: (bytes: Buffer) => Uint8Array<ArrayBuffer> | void): number => {
    const { store, meter } = storeOf(plan);
    const parcel = good();
    store.merge(change(Buffer.from(parcel.buffer)) ?? parcel);
    const lost = meter.value('millrace_derived_parcels_lost_total');
    if (lost > 0) assert.deepEqual([store.rows, flushPoints(store, 10)], [0, []], 'nothing of it was merged');
    return lost;
  };
  /** First row: behind header and first resource record. */
  const rowAt = (bytes: Buffer): number =>
    8 + ((24 + bytes.readUInt32LE(8 + 16) + bytes.readUInt32LE(8 + 20) + 7) & ~7);

  test('a good one is not', () =>
    assert.equal(
      lostAfter(() => {}),
      0,
    ));

  const damages: readonly (readonly [string, (bytes: Buffer) => Uint8Array<ArrayBuffer> | void])[] = [
    ['another plan', (b) => void b.writeUInt32LE(1, 0)],
    ['fewer records than there are', (b) => void b.writeUInt32LE(3, 4)],
    ['more records than there are', (b) => void b.writeUInt32LE(5, 4)],
    ['an unknown record', (b) => void (b[8] = 3)],
    ['a row before its resource', (b) => void b.writeUInt32LE(9, 8 + 4)],
    ['a key beyond the end', (b) => void b.writeUInt32LE(0xffff_ffff, rowAt(b) + 24)],
    ['attributes that are no pieces', (b) => void b.writeUInt32LE(b.readUInt32LE(rowAt(b) + 28) - 1, rowAt(b) + 28)],
    ['an unknown group', (b) => void (b[rowAt(b) + 1] = 2)],
    ['an unknown instrument', (b) => void b.writeUInt16LE(8, rowAt(b) + 2)],
    ['too few values', (b) => void b.writeUInt32LE(b.readUInt32LE(rowAt(b) + 36) - 1, rowAt(b) + 36)],
    ['a value that is no number', (b) => void b.writeDoubleLE(NaN, rowAt(b) + 40)],
    ['a time that is none', (b) => void b.writeDoubleLE(Infinity, rowAt(b) + 8)],
    ['a scale that is none', (b) => void b.writeDoubleLE(0.5, rowAt(b) + 40 + (1 + 8 + 5) * 8)],
    ['more buckets than allowed', (b) => void b.writeDoubleLE(21, rowAt(b) + 40 + (1 + 8 + 7) * 8)],
    ['an exemplar of no instrument', (b) => void b.writeUInt32LE(3, rowAt(b) + 40 + (1 + 8 + 9) * 8 + 32)],
    ['a cut end', (b) => new Uint8Array(b.subarray(0, b.length - 8))],
    ['an odd length', (b) => new Uint8Array(b.subarray(0, b.length - 3))],
    ['nothing', () => new Uint8Array(0)],
  ];
  for (const [name, change] of damages) test(name, () => assert.equal(lostAfter(change), 1));

  test('damage of any kind throws nothing, and what is merged can be flushed', () => {
    const damage = fc.array(fc.record({ at: fc.nat(400), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const { store } = storeOf(plan);
        const parcel = good();
        for (const { at, value } of changes) parcel[8 + (at % (parcel.length - 8))] = value;
        store.merge(parcel);
        flushRequests(store, 10);
      }),
      { numRuns: 500 },
    );
  });
});
