import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Value, ValueMap } from '#trace-test/items/value.ts';
import { assign, assignInOrder } from '#trace-test/match/assign.ts';
import { differences, fits } from '#trace-test/match/difference.ts';
import { match } from '#trace-test/match/match.ts';

const RULES = { others: false, exact: false, ordered: false };
const items = (...list: ValueMap[]): { readonly item: ValueMap }[] => list.map((item) => ({ item }));

describe('differences', () => {
  const cases: [what: string, expected: Value, actual: Value | undefined, same: boolean][] = [
    ['equal texts', 'a', 'a', true],
    ['a text is no number', '1', 1n, false],
    ['an integer is a double of the same value', 1n, 1, true],
    ['and no other', 1n, 1.5, false],
    ['beyond what a double holds', 9007199254740993n, 9007199254740992, false],
    ['NaN is itself', Number.NaN, Number.NaN, true],
    ['null is what is not there', null, undefined, true],
    ['null is the empty value', null, null, true],
    ['null is not the empty text', null, '', false],
    ['a value that is not there', 'a', undefined, false],
    ['a part of a map', { a: 1n }, { a: 1n, b: 2n }, true],
    ['a map in a map', { a: { b: null } }, { a: { b: 1n } }, false],
    ['lists item by item', [1n, { a: 1n }], [1n, { a: 1n, b: 2n }], true],
    ['lists have an order', [1n, 2n], [2n, 1n], false],
    ['and a length', [1n], [1n, 2n], false],
    ['a list is no map', [1n], { 0: 1n }, false],
    ['a pattern', { $matches: '^a+$' }, 'aa', true],
    ['a pattern that does not match', { $matches: '^a+$' }, 'ab', false],
    ['a pattern is for texts', { $matches: '1' }, 1n, false],
    ['there is something', { $exists: true }, 0n, true],
    ['there is nothing', { $exists: true }, undefined, false],
    ['there shall be nothing', { $exists: false }, 0n, false],
    ['between', { $between: [1n, 2n] }, 2, true],
    ['not between', { $between: [1n, 2n] }, 2.1, false],
    ['no number', { $between: [1n, 2n] }, '1', false],
    ['bytes are a value', { $bytes: 'AQ==' }, { $bytes: 'AQ==' }, true],
  ];
  for (const [what, expected, actual, same] of cases)
    test(what, () => {
      assert.equal(fits({ x: expected }, actual === undefined ? {} : { x: actual }, false), same);
    });

  test('exact: what is not mentioned must not be there, at any depth', () => {
    const found = differences({ a: { b: 1n } }, { a: { b: 1n, c: 2n }, d: 3n }, true);
    assert.deepEqual(
      found.map(({ path }) => path),
      ['a.c', 'd'],
    );
    assert.ok(!fits({ a: 1n }, {}, true));
  });

  test('events have no order: each takes the nearest, and says how it differs', () => {
    const actual = { events: [{ name: 'a', n: 1n }, { name: 'b', n: 2n }, { name: 'c' }] };
    assert.ok(fits({ events: [{ name: 'b' }, { name: 'a' }] }, actual, false));
    assert.deepEqual(differences({ events: [{ name: 'b', n: 3n }] }, actual, false), [
      { path: 'events[0].n', expected: 3n, actual: 2n },
    ]);
    assert.ok(!fits({ events: [{ name: 'a', n: 1n }] }, actual, true));
    assert.ok(!fits({ events: [{ name: 'a' }, { name: 'a' }] }, actual, false));
  });
});

describe('assignment', () => {
  /** Of each expected one the actual ones that it fits. */
  const table = fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), { maxLength: 5 });

  /** By trying everything. */
  function most(fit: readonly (readonly boolean[])[], e = 0, taken: ReadonlySet<number> = new Set()): number {
    if (e === fit.length) return 0;
    let best = most(fit, e + 1, taken);
    fit[e].forEach((fitting, a) => {
      if (fitting && !taken.has(a)) best = Math.max(best, 1 + most(fit, e + 1, new Set([...taken, a])));
    });
    return best;
  }

  test('finds as many pairs as there can be, each actual item once', () => {
    fc.assert(
      fc.property(table, (fit) => {
        const found = assign(fit.length, 5, (e, a) => fit[e][a]);
        const paired = found.filter((a) => a >= 0);
        assert.equal(new Set(paired).size, paired.length);
        assert.ok(found.every((a, e) => a < 0 || fit[e][a]));
        assert.equal(paired.length, most(fit));
      }),
    );
  });

  test('in order: pairs do not cross', () => {
    fc.assert(
      fc.property(table, (fit) => {
        const paired = assignInOrder(fit.length, 5, (e, a) => fit[e][a]).filter((a) => a >= 0);
        assert.ok(paired.every((a, i) => i === 0 || a > paired[i - 1]));
      }),
    );
    assert.deepEqual(
      assignInOrder(3, 3, (e, a) => e === a || (e === 0 && a === 2)),
      [0, 1, 2],
    );
  });
});

describe('match', () => {
  test('a general expectation does not take the item of a special one', () => {
    const verdict = match(items({}, { name: 'a' }), [{ name: 'a' }, { name: 'b' }], RULES);
    assert.deepEqual(verdict, { missing: [], unexpected: [], isMisordered: false });
  });

  test('what is missing is shown beside the nearest that is left, which is then not unexpected', () => {
    const verdict = match(
      items({ name: 'a', kind: 'server' }, { name: 'z', kind: 'client' }),
      [
        { name: 'b', kind: 'internal' },
        { name: 'a', kind: 'client' },
      ],
      RULES,
    );
    assert.deepEqual(verdict.missing, [
      {
        expected: { item: { name: 'a', kind: 'server' } },
        nearest: {
          actual: { name: 'a', kind: 'client' },
          differences: [{ path: 'kind', expected: 'server', actual: 'client' }],
        },
      },
      { expected: { item: { name: 'z', kind: 'client' } }, nearest: null },
    ]);
    assert.deepEqual(verdict.unexpected, [{ name: 'b', kind: 'internal' }]);
  });

  test('others may come where it is said', () => {
    const came = [{ name: 'a' }, { name: 'b' }];
    assert.deepEqual(match(items({ name: 'a' }), came, RULES).unexpected, [{ name: 'b' }]);
    assert.deepEqual(match(items({ name: 'a' }), came, { ...RULES, others: true }).unexpected, []);
  });

  test('of a wrong order the order is told', () => {
    const came = [{ name: 'a' }, { name: 'b' }];
    assert.deepEqual(match(items({ name: 'b' }, { name: 'a' }), came, { ...RULES, ordered: true }), {
      missing: [],
      unexpected: [],
      isMisordered: true,
    });
    const { missing, isMisordered } = match(items({ name: 'b' }, { name: 'c' }), came, { ...RULES, ordered: true });
    assert.deepEqual([missing.length, isMisordered], [1, false]);
  });
});
