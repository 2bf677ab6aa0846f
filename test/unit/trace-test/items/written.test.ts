/** What `--show` prints can be read: any item, written as YAML, is that item again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problems } from '#config/convert/problems.ts';
import { readYaml } from '#config/convert/read-yaml.ts';
import { Source } from '#config/syntax/source.ts';
import { readSeries } from '#trace-test/items/series.ts';
import { valueOf, valueText, type Value, type ValueMap } from '#trace-test/items/value.ts';
import { fits } from '#trace-test/match/difference.ts';
import { itemLines, listedLines } from '#trace-test/report/item-text.ts';

function read(text: string): Value {
  const problems = new Problems(new Source('item', text));
  const node = readYaml(text, 0, problems);
  assert.deepEqual(problems.diagnostics, [], text);
  assert.ok(node !== null, text);
  return valueOf(node);
}

const key = fc
  .oneof(fc.string({ minLength: 1 }), fc.constantFrom('http.route', 'a b', '+Inf', '0.5', '$bytes', '-1'))
  .filter((text) => text !== '__proto__');
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    fc.constantFrom('5s', '1e3', '0x1', 'null', 'yes', '-', 'a: b', 'a #b', '{}', '2026-01-01', '~', "it's", '"'),
    fc.boolean(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true }).filter((number) => !Number.isInteger(number)),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

test('an item, and a list of items', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), (item: ValueMap) => {
      assert.deepEqual(read(itemLines(item).join('\n')), item);
      const [listed] = read([...listedLines(item), ...listedLines({ name: 'next' })].join('\n')) as readonly Value[];
      assert.deepEqual(typeof listed === 'string' ? { ...readSeries(listed) } : listed, item);
    }),
  );
});

test('a sample', () => {
  const label = fc.stringMatching(/^[a-z_]{1,5}$/);
  const text = fc.string({ unit: 'binary', minLength: 1 }).map((written) => written.toWellFormed());
  const sample = fc.record({
    name: label,
    labels: fc.dictionary(label, text, { minKeys: 1, noNullPrototype: true }),
    value: fc.double(),
  });
  fc.assert(
    fc.property(sample, (item) => {
      const [listed] = read(listedLines(item).join('\n')) as readonly Value[];
      const again = typeof listed === 'string' ? { ...readSeries(listed) } : (listed as ValueMap);
      assert.ok(fits(again, item, true), valueText(again));
    }),
  );
});
