import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AliasTable, MAX_RAW_KEY_BYTES, RawKey } from '#components/kit/series/alias.ts';

const key = new RawKey();
function keyOf(text: string): RawKey {
  key.bytes.fill(0xaa);
  key.length = key.bytes.write(text);
  return key;
}
function put(table: AliasTable, text: string, ...numbers: number[]): void {
  assert.equal(table.find(keyOf(text)), -1);
  const at = table.add(key);
  numbers.forEach((number, i) => (table.values[at + i] = number));
}
function got(table: AliasTable, text: string): number[] | null {
  const at = table.find(keyOf(text));
  return at < 0 ? null : [...table.values.subarray(at, at + 2)];
}

describe('alias table', () => {
  it('finds numbers by bytes', () => {
    const table = new AliasTable(2, 100_000, 1 << 24);
    const texts = Array.from({ length: 5000 }, (_, i) => 'x'.repeat(i % 13) + String(i));
    texts.forEach((text, i) => put(table, text, i, -i));
    texts.forEach((text, i) => assert.deepEqual(got(table, text), [i, i === 0 ? 0 : -i]));
    assert.equal(got(table, 'y'), null);
    assert.equal(table.size, 5000);
  });

  it('tells keys apart that differ by zeros at their end', () => {
    const table = new AliasTable(2, 100, 1 << 16);
    ['', '\0', '\0\0', '\0\0\0', '\0\0\0\0', 'a', 'a\0'].forEach((text, i) => put(table, text, i, 0));
    assert.deepEqual(got(table, '\0\0'), [2, 0]);
    assert.deepEqual(got(table, 'a\0'), [6, 0]);
  });

  it('begins anew when it is full', () => {
    const table = new AliasTable(2, 10, 1 << 16);
    for (let i = 0; i < 11; i++) put(table, `k${i}`, i, i);
    assert.equal(table.size, 1);
    assert.deepEqual([got(table, 'k0'), got(table, 'k10')], [null, [10, 10]]);
    table.clear();
    assert.equal(got(table, 'k10'), null);

    const large = new AliasTable(2, 1000, 4 * MAX_RAW_KEY_BYTES);
    for (let i = 0; i < 5; i++) put(large, 'z'.repeat(MAX_RAW_KEY_BYTES - 1) + String(i), i, i);
    assert.equal(large.size, 1);
  });
});
