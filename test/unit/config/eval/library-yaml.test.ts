/** `encoding.from_yaml` beside what go.yaml.in/yaml/v3 v3.0.5 made of the same texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseYaml } from '#config/eval/library/yaml.ts';
import { FunctionError, type Value } from '#config/eval/value.ts';

const map = (...fields: (readonly [string, Value])[]): Value => new Map(fields);

const ROWS: readonly (readonly [text: string, expected: Value])[] = [
  ['', null],
  ['# only this', null],
  ['yes', 'yes'],
  ['on', 'on'],
  ['True', true],
  ['~', null],
  ['0644', 420n],
  ['0o644', 420n],
  ['089', 89],
  ['0x1F', 31n],
  ['-0x10', -16n],
  ['0b11', 3n],
  ['+12', 12n],
  ['1_000', 1000n],
  ['18446744073709551615', 2n ** 64n - 1n],
  ['18446744073709551616', 2 ** 64],
  ['1.0', 1],
  ['.5', 0.5],
  ['1e3', 1000],
  ['-.INF', -Infinity],
  ['1e400', '1e400'],
  ['1:20', '1:20'],
  ['2001-12-14', '2001-12-14T00:00:00Z'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14T21:59:43.1-05:00'],
  ['2001-12-14 21:59:43', '2001-12-14T21:59:43Z'],
  ['2001-02-30', '2001-02-30'],
  ['"5"', '5'],
  ['!!str 5', '5'],
  ['!!int "5"', 5n],
  ['!!float 5', 5],
  ['!!binary aGk=', 'hi'],
  ['!foo 5', '5'],
  ['|\n a\n b\n', 'a\nb\n'],
  ['- a\n-\n- ~', ['a', null, null]],
  ['{a, b: c}', map(['a', null], ['b', 'c'])],
  ['"1": a', map(['1', 'a'])],
  ['a: 1\n---\nb: 2', map(['a', 1n])],
  ['a: &x {k: 1}\nb: {<<: *x, j: 2}', map(['a', map(['k', 1n])], ['b', map(['j', 2n], ['k', 1n])])],
  ['b: {<<: [{k: 1}, {k: 3, z: 4}], k: 0}', map(['b', map(['k', 0n], ['z', 4n])])],
];

test('values are those of Go', () => {
  for (const [text, expected] of ROWS) assert.deepEqual(parseYaml(text), expected, JSON.stringify(text));
});

const told = (text: string): string => {
  try {
    parseYaml(text);
  } catch (thrown) {
    assert.ok(thrown instanceof FunctionError, String(thrown));
    return thrown.message;
  }
  return 'nothing';
};

test('what cannot be read is told with its place, and not quoted', () => {
  const rows: [text: string, message: string][] = [
    ['a: 1\na: 2', 'is not valid YAML: a key that is there twice (line 2, column 1)'],
    ['a:\n  1: b', 'is not valid YAML: a key that is not a string (line 2, column 3)'],
    ['~: a', 'is not valid YAML: a key that is not a string (line 1, column 1)'],
    ['? [a]\n: b', 'is not valid YAML: a key that is not a string (line 1, column 3)'],
    ['a: *nope', 'is not valid YAML: an alias without its anchor (line 1, column 4)'],
    ['a: &a [*a]', 'is not valid YAML: an anchor that contains itself (line 1, column 8)'],
    ['b: {<<: 5}', 'is not valid YAML: a merge of something that is not a map (line 1, column 9)'],
    ['!!int x', 'is not valid YAML: "!!int" does not fit this value (line 1, column 7)'],
  ];
  for (const [text, message] of rows) assert.equal(told(text), message, text);
  assert.match(told('a: {b: hunter2'), /^is not valid YAML: [a-z ]+ \(line 1, column \d+\)$/);
});

test('bombs and wells end in an error', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`);
  assert.match(told(['l0: &l0 [x]', ...levels].join('\n')), /more than 1000000 elements/);
  const long = Array.from({ length: 3 }, (_, i) => `t${i + 1}: &t${i + 1} [${`*t${i},`.repeat(30)}]`);
  assert.match(told([`t0: &t0 ${'x'.repeat(10_000)}`, ...long].join('\n')), /longer than/);
  assert.notEqual(told('- '.repeat(20_000)), 'nothing');
  assert.notEqual(told('['.repeat(20_000)), 'nothing');
  assert.notEqual(told(Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')), 'nothing');
});

test('one anchor may be used many times', () => {
  const value = parseYaml(`a: &a {k: 1}\nl:\n${'- *a\n'.repeat(5000)}`);
  assert.ok(value instanceof Map);
  assert.equal((value.get('l') as readonly Value[]).length, 5000);
});
