import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KeyTable } from '#components/kit/key-table.ts';

test('finds what a map finds, through growth and clearing', () => {
  const operation = fc.record({ owner: fc.nat(3), key: fc.uint8Array({ maxLength: 3 }) });
  const table = new KeyTable();
  fc.assert(
    fc.property(fc.array(fc.array(operation, { maxLength: 300 }), { maxLength: 3 }), (batches) => {
      for (const batch of batches) {
        table.clear();
        const model = new Map<string, number>();
        for (const { owner, key } of batch) {
          const name = `${owner}:${Buffer.from(key).toString('hex')}`;
          const padded = Buffer.concat([Buffer.from('ab'), key, Buffer.from('c')]);
          const found = table.get(owner, padded, 2, 2 + key.length);
          assert.equal(found, model.get(name) ?? -1);
          if (found >= 0) continue;
          model.set(name, model.size);
          table.put(model.size - 1);
        }
      }
    }),
  );
});

test('gives memory back that one large batch needed', () => {
  const table = new KeyTable();
  const key = Buffer.alloc(64);
  for (let i = 0; i < 50_000; i++) {
    key.writeUInt32LE(i);
    assert.equal(table.get(1, key, 0, 64), -1);
    table.put(i);
  }
  key.writeUInt32LE(49_999);
  assert.equal(table.get(1, key, 0, 64), 49_999);
  table.clear();
  assert.equal(table.get(1, key, 0, 64), -1);
});
