import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JmesError, jmesPath, type Json } from '#components/loki/process/jmespath.ts';

const DATA: Json = {
  app: 'loki',
  level: 'WARN',
  nested: { child: 'value', 'a.b': 1, deep: { list: [1, 2, 3] } },
  numeric: { float: 12.34, integer: 123 },
  people: [
    { name: 'a', age: 20, tags: ['x', 'y'] },
    { name: 'b', age: 30, tags: [] },
    { name: 'c', age: 50, tags: ['z'] },
  ],
  empty: '',
  nothing: null,
};

const CASES: readonly [expression: string, wanted: Json][] = [
  ['app', 'loki'],
  ['nested.child', 'value'],
  ['nested."a.b"', 1],
  ['"app"', 'loki'],
  ['missing', null],
  ['app.child', null],
  ['toString', null],
  ['nested.deep.list[0]', 1],
  ['nested.deep.list[-1]', 3],
  ['nested.deep.list[9]', null],
  ['nested.deep.list[0:2]', [1, 2]],
  ['nested.deep.list[::-1]', [3, 2, 1]],
  ['people[*].name', ['a', 'b', 'c']],
  ['people[].tags[]', ['x', 'y', 'z']],
  ['people[*].tags', [['x', 'y'], [], ['z']]],
  ['people[*].tags | [0]', ['x', 'y']],
  ['people[?age > `25`].name', ['b', 'c']],
  ["people[?name == 'a' || name == 'c'].age", [20, 50]],
  ['people[?!(age > `25`)].name | [0]', 'a'],
  ['numeric.*', [12.34, 123]],
  ['empty || app', 'loki'],
  ['missing && app', null],
  ['app && level', 'WARN'],
  ['[app, level]', ['loki', 'WARN']],
  ['{a: app, l: nested.child}', { a: 'loki', l: 'value' }],
  ['@.app', 'loki'],
  ['`{"x": [1]}`.x', [1]],
  ["'raw'", 'raw'],
  ['people[0].[name, age]', ['a', 20]],
];

for (const [expression, wanted] of CASES)
  test(`JMESPath ${expression}`, () => assert.deepEqual(jmesPath(expression)(DATA), wanted));

test('what is no expression, or calls a function, is refused', () => {
  for (const wrong of [
    '',
    'a.',
    '.a',
    'a[',
    'a[?',
    'length(@)',
    'a b',
    '[1:2:0]',
    'a..b',
    '#',
    '"a',
    '{a}',
    '(a',
    'a)',
  ])
    assert.throws(() => jmesPath(wrong), JmesError, wrong);
  assert.throws(() => jmesPath('length(app)'), /functions are not supported/);
  assert.throws(() => jmesPath('('.repeat(5000)), JmesError);
  assert.throws(() => jmesPath('!'.repeat(5000)), JmesError);
});

test('neither an expression nor a value is too deep to be looked at', () => {
  assert.throws(() => jmesPath(`a${'.a'.repeat(1000)}`), JmesError);
  assert.equal(jmesPath(`a${'.a'.repeat(400)}`)({ a: 1 }), null);
  const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as Json;
  assert.equal(jmesPath('a == b')({ a: deep, b: 1 }), false);
  assert.equal(jmesPath('a == a')({ a: deep }), null);
});
