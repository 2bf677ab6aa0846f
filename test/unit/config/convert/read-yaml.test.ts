import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mergeDocuments, unfoldKeys } from '#config/convert/merge-documents.ts';
import { Problems } from '#config/convert/problems.ts';
import { readYaml } from '#config/convert/read-yaml.ts';
import { plainScalar } from '#config/yaml/scalar.ts';
import type { Scalar, YamlNode } from '#config/yaml/node.ts';
import { at } from '#config/diag/diagnostic.ts';
import { Source } from '#config/syntax/source.ts';

type Plain = Scalar | Plain[] | { [key: string]: Plain };

function plain(node: YamlNode | null): Plain {
  if (node === null) return null;
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(Array.from(node.entries.values(), ({ key, value }) => [key, plain(value)]));
}

function read(text: string): { root: YamlNode | null; value: Plain; told: string[] } {
  const problems = new Problems(new Source('a', text));
  const root = readYaml(text, 0, problems);
  return {
    root,
    value: plain(root),
    told: problems.diagnostics.map((d) => `${d.severity} ${at(d.span)} ${d.message}`),
  };
}

describe('plain scalars are what Go takes them for', () => {
  const cases: readonly (readonly [text: string, value: Scalar])[] = [
    ['', null],
    ['~', null],
    ['NULL', null],
    ['True', true],
    ['FALSE', false],
    ['yes', 'yes'],
    ['on', 'on'],
    ['12', 12n],
    ['-1_000', -1000n],
    ['0x1F', 31n],
    ['0b101', 5n],
    ['0o17', 15n],
    ['017', 15n],
    ['08', 8],
    ['18446744073709551615', 18446744073709551615n],
    ['18446744073709551616', 18446744073709551616],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1e400', '1e400'],
    ['1_0.5', 10.5],
    ['+9223372036854775808', 9223372036854775808],
    ['-.INF', -Infinity],
    ['.nan', NaN],
    ['2.0.0', '2.0.0'],
    ['2001-01-01', '2001-01-01'],
    ['1s', '1s'],
    ['-', '-'],
    ['.', '.'],
  ];
  for (const [text, value] of cases) test(text, () => assert.deepEqual(plainScalar(text), value));
});

describe('reading', () => {
  test('quotes and tags make text', () => {
    assert.deepEqual(read(`[1, "1", '1', !!str 1, |-\n 1\n]`).told.length > 0, true);
    assert.deepEqual(read(`- 1\n- "1"\n- '1'\n- !!str 1\n- |-\n  1\n`).value, [1n, '1', '1', '1', '1']);
  });

  test('aliases and merge keys; what the map says itself wins', () => {
    assert.deepEqual(
      read('a: &a { x: 1, y: 2 }\nb: { <<: *a, y: 3 }\nc: { y: 4, <<: [*a, { z: 5 }] }\nd: { "<<": 1 }\n').value,
      {
        a: { x: 1n, y: 2n },
        b: { x: 1n, y: 3n },
        c: { x: 1n, y: 4n, z: 5n },
        d: { '<<': 1n },
      },
    );
  });

  test('an anchor that is set again means the last one before', () => {
    assert.deepEqual(read('[&a 1, *a, &a 2, *a]').value, [1n, 1n, 2n, 2n]);
  });

  test('places are those of the text', () => {
    const text = 'a:\n  b: [x, "y"]\n';
    const { root } = read(text);
    assert.ok(root?.kind === 'map');
    const a = root.entries.get('a')?.value;
    assert.ok(a?.kind === 'map');
    const b = a.entries.get('b');
    assert.ok(b?.value.kind === 'list');
    const cut = ({ start, end }: { start: number; end: number }): string => text.slice(start, end);
    assert.deepEqual(
      [cut(b.keyAt), cut(b.value.at), ...b.value.items.map((item) => cut(item.at))],
      ['b', '[x, "y"]', 'x', '"y"'],
    );
  });

  test('mistakes', () => {
    assert.deepEqual(read('a: 1\nb: 2\na: 3\n').told, ['error a:3:1 yaml: mapping key "a" already defined']);
    assert.deepEqual(read('a: *x\n').told, ["error a:1:4 yaml: unknown anchor 'x' referenced"]);
    assert.deepEqual(read('a: &a [*a]\n').told, ["error a:1:8 yaml: anchor 'a' value contains itself"]);
    assert.deepEqual(read('{ <<: 1 }').told, [
      'error a:1:1 yaml: map merge requires map or sequence of maps as the value',
    ]);
    assert.deepEqual(read('? [a]\n: 1\n').told, ['error a:1:3 yaml: a key must be a word, not a map or a list']);
    assert.deepEqual(read('a: 1\n---\nb: 2\n'), {
      ...read('a: 1\n'),
      told: ['warn a:2:1 only the first document of the file is read'],
    });
  });

  test('what stands for many values is refused, a list of many aliases is not', () => {
    const bomb = `a: &a0 [1, 1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`;
    assert.match(read(bomb).told.join(), /excessive aliasing/);
    assert.deepEqual(read(`a: &a { b: 1 }\nl: [${'*a, '.repeat(10_000)}]\n`).told, []);
  });
});

describe('several documents', () => {
  const merged = (...texts: string[]): Plain =>
    plain(
      texts.map((text) => read(text).root).reduce((a, b) => mergeDocuments(a, b === null ? null : unfoldKeys(b)), null),
    );

  test('maps merge, everything else is replaced', () => {
    assert.deepEqual(merged('a: { b: [1, 2], c: 1 }\nx: 1', '', 'a: { b: [3], d: 2 }', 'x: { y: 1 }'), {
      a: { b: [3n], c: 1n, d: 2n },
      x: { y: 1n },
    });
  });

  test('keys of several levels', () => {
    assert.deepEqual(merged('a: { b: 1 }', 'a::c::d: 2\na::c::e: 3\n'), { a: { b: 1n, c: { d: 2n, e: 3n } } });
  });
});
