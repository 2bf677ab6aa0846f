import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GoRegex, RegexError } from '#text/regex.ts';

test('matches as Go does', () => {
  assert.equal(new GoRegex('b+').test('abbc'), true);
  assert.equal(new GoRegex('b+').testWhole('abbc'), false);
  assert.equal(new GoRegex('a|ab').testWhole('ab'), true);
  assert.equal(new GoRegex('(?i)GET').test('get'), true);
  assert.deepEqual(new GoRegex('(b+)(x)?').find('abbc'), [1, 3, 1, 3, -1, -1]);
  assert.deepEqual(
    new GoRegex('(?P<k>\\w)=(?P<v>\\d*)').names,
    new Map([
      ['k', 1],
      ['v', 2],
    ]),
  );
  assert.deepEqual(
    [...new GoRegex('a*').findAll('baa')].map(([s, e]) => [s, e]),
    [
      [0, 0],
      [1, 3],
    ],
  );
});

test('expands templates as Go does', () => {
  const regex = new GoRegex('(?P<first>\\w+)-(\\w+)');
  assert.equal(regex.replaceAll('a-b c-d', '$2/${first}'), 'b/a d/c');
  assert.equal(regex.replaceAll('a-b', '$1x|${1}x|$$|$9|$'), '|ax|$||$');
  assert.equal(regex.replaceAll('a-b', '$01|${01}|$é|$1é|'), '||||');
  assert.equal(regex.replaceAll('none', '$1'), 'none');
});

test('says what is wrong with a pattern', () => {
  assert.throws(() => new GoRegex('(?<=a)b'), RegexError);
  assert.throws(() => new GoRegex('a('), /invalid regular expression `a\(`: .*missing/);
});

test('is linear where a backtracking engine is not', () => {
  assert.equal(new GoRegex('(a+)+$').test(`${'a'.repeat(5000)}b`), false);
});
