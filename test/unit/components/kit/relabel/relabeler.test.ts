/** Expected results are those of Prometheus' own documentation and behaviour (`model/relabel`). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { relabelRuleBlock, type RelabelRule } from '#components/kit/blocks/relabel-rule.ts';
import type { Label } from '#components/kit/relabel/labels.ts';
import { Relabeler } from '#components/kit/relabel/relabeler.ts';
import { body, block, defaults } from '#config/schema/schema.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';

type Rule = Partial<RelabelRule>;
const rule = (changes: Rule): RelabelRule => ({ ...defaults(relabelRuleBlock), ...changes });
const labels = (set: Readonly<Record<string, string>>): Label[] =>
  Object.entries(set).sort(([a], [b]) => (a < b ? -1 : 1));
const apply = (set: Readonly<Record<string, string>>, ...rules: Rule[]): Record<string, string> | null => {
  const result = new Relabeler(rules.map(rule)).apply(labels(set));
  if (result === null) return null;
  const names = result.map(([name]) => name);
  assert.deepEqual(names, names.toSorted(), 'sorted');
  assert.equal(new Set(names).size, names.length, 'unique');
  return Object.fromEntries(result);
};
const rules = body({ rule: block(relabelRuleBlock, { many: true, doc: 'Rules.' }) });
const problems = (text: string): readonly string[] => decodeArgs(rules, `rule {\n${text}\n}`).problems;

const ABC = { a: 'foo', b: 'bar', c: 'baz' };
const PORTS = { __tmp_port: '1234', __port1: '1234', __port2: '5678' };

describe('relabeling', () => {
  const cases: readonly [string, Readonly<Record<string, string>>, readonly Rule[], Record<string, string> | null][] = [
    [
      'replace expands groups',
      ABC,
      [{ source_labels: ['a'], regex: 'f(.*)', target_label: 'd', replacement: 'ch${1}-ch${1}' }],
      { ...ABC, d: 'choo-choo' },
    ],
    [
      'each rule sees what the one before has made',
      ABC,
      [
        { source_labels: ['a', 'b'], regex: 'f(.*);(.*)r', target_label: 'a', replacement: 'b${1}${2}m' },
        { source_labels: ['c', 'a'], regex: '(b).*b(.*)ba(.*)', target_label: 'd', replacement: '$1$2$2$3' },
      ],
      { a: 'boobam', b: 'bar', c: 'baz', d: 'boooom' },
    ],
    ['drop', { a: 'foo' }, [{ source_labels: ['a'], regex: '.*o.*', action: 'drop' }], null],
    ['drop leaves what does not match', ABC, [{ source_labels: ['a'], regex: 'no', action: 'drop' }], ABC],
    ['a regex matches the whole value', ABC, [{ source_labels: ['a'], regex: 'f|o', action: 'drop' }], ABC],
    ['keep drops what does not match', ABC, [{ source_labels: ['a'], regex: 'no', action: 'keep' }], null],
    ['keep', ABC, [{ source_labels: ['a'], regex: 'f.*', action: 'keep' }], ABC],
    ['no match, no replacement', ABC, [{ source_labels: ['a'], regex: 'f', target_label: 'b', replacement: 'x' }], ABC],
    ['a dot does not match a line end', { a: 'x\ny' }, [{ source_labels: ['a'], target_label: 'b' }], { a: 'x\ny' }],
    [
      'a missing source is empty, a constant replacement sets a label',
      ABC,
      [{ target_label: 'd', replacement: 'new' }],
      { ...ABC, d: 'new' },
    ],
    ['an empty result removes the label', ABC, [{ target_label: 'a', replacement: '' }], { b: 'bar', c: 'baz' }],
    [
      'hashmod',
      ABC,
      [{ source_labels: ['c'], target_label: 'd', action: 'hashmod', modulus: 1000n }],
      { ...ABC, d: '976' },
    ],
    [
      'hashmod of a line end',
      { a: 'foo\nbar' },
      [{ source_labels: ['a'], target_label: 'b', action: 'hashmod', modulus: 1000n }],
      { a: 'foo\nbar', b: '734' },
    ],
    [
      'labelmap',
      { a: 'foo', __meta_my_bar: 'aaa', __meta_my_baz: 'bbb', __meta_other: 'ccc' },
      [{ regex: '__meta_(my.*)', replacement: '${1}', action: 'labelmap' }],
      { a: 'foo', __meta_my_bar: 'aaa', __meta_my_baz: 'bbb', __meta_other: 'ccc', my_bar: 'aaa', my_baz: 'bbb' },
    ],
    [
      'of two labels that labelmap makes one, the later in the order of names wins',
      { a1: 'x', a2: 'y' },
      [{ regex: 'a.', replacement: 'z', action: 'labelmap' }],
      { a1: 'x', a2: 'y', z: 'y' },
    ],
    [
      'labels set by rules come after those that came, also for labelmap',
      { b: 'came' },
      [
        { target_label: 'a', replacement: 'set' },
        { regex: '.', replacement: 'z', action: 'labelmap' },
      ],
      { a: 'set', b: 'came', z: 'set' },
    ],
    [
      'target_label is a template',
      { a: 'some-name-value' },
      [{ source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', replacement: '${2}', target_label: '${1}' }],
      { a: 'some-name-value', name: 'value' },
    ],
    [
      'a target that becomes no label name: nothing happens',
      { a: 'some-name-0' },
      [
        { source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', replacement: '${1}', target_label: '${3}' },
        { source_labels: ['a'], regex: 'some-([^-]+)(-[^,]+)', replacement: 'x', target_label: '${2}' },
        { source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', replacement: 'x', target_label: '${2}' },
      ],
      { a: 'some-name-0' },
    ],
    [
      'tags of service discovery',
      { tags: 'path:/secret,job:some-job,label:foo=bar' },
      [
        { source_labels: ['tags'], regex: '(?:.+,|^)path:(/[^,]+).*', target_label: '__metrics_path__' },
        { source_labels: ['tags'], regex: '(?:.+,|^)job:([^,]+).*', target_label: 'job' },
        {
          source_labels: ['tags'],
          regex: '(?:.+,|^)label:([^=]+)=([^,]+).*',
          replacement: '${2}',
          target_label: '${1}',
        },
      ],
      { tags: 'path:/secret,job:some-job,label:foo=bar', __metrics_path__: '/secret', job: 'some-job', foo: 'bar' },
    ],
    [
      'what a rule removes another may set',
      { name: 'foo', port: '9091' },
      [
        { regex: '^name$', action: 'labeldrop' },
        { source_labels: ['port'], regex: '(.+)', replacement: 'metrics', target_label: 'name' },
        { source_labels: ['name'], regex: '^metrics$', action: 'keep' },
      ],
      { name: 'metrics', port: '9091' },
    ],
    ['labelkeep', { a: 'x', b1: 'y', b2: 'z' }, [{ regex: '(b.*)', action: 'labelkeep' }], { b1: 'y', b2: 'z' }],
    ['labeldrop', { a: 'x', b1: 'y', b2: 'z' }, [{ regex: '(b.*)', action: 'labeldrop' }], { a: 'x' }],
    ['labeldrop may leave nothing', { a: 'x' }, [{ regex: '.*', action: 'labeldrop' }], {}],
    [
      'lowercase and uppercase',
      { foo: 'bAr123Foo' },
      [
        { source_labels: ['foo'], action: 'uppercase', target_label: 'up' },
        { source_labels: ['foo'], action: 'lowercase', target_label: 'low' },
      ],
      { foo: 'bAr123Foo', low: 'bar123foo', up: 'BAR123FOO' },
    ],
    [
      'case goes by code points, as in Go',
      { x: 'ßᾳŉ', y: 'İΑΣ' },
      [
        { source_labels: ['x'], action: 'uppercase', target_label: 'x' },
        { source_labels: ['y'], action: 'lowercase', target_label: 'y' },
      ],
      { x: 'ßᾼŉ', y: 'iας'.replace('ς', 'σ') },
    ],
    [
      'keepequal keeps',
      PORTS,
      [{ source_labels: ['__tmp_port'], action: 'keepequal', target_label: '__port1' }],
      PORTS,
    ],
    ['keepequal drops', PORTS, [{ source_labels: ['__tmp_port'], action: 'keepequal', target_label: '__port2' }], null],
    ['dropequal drops', PORTS, [{ source_labels: ['__tmp_port'], action: 'dropequal', target_label: '__port1' }], null],
    [
      'dropequal keeps',
      PORTS,
      [{ source_labels: ['__tmp_port'], action: 'dropequal', target_label: '__port2' }],
      PORTS,
    ],
  ];
  for (const [name, input, chain, output] of cases) it(name, () => assert.deepEqual(apply(input, ...chain), output));

  it('does not change its input', () => {
    const input = labels(ABC);
    new Relabeler([rule({ target_label: 'a', replacement: 'x' }), rule({ regex: 'b', action: 'labeldrop' })]).apply(
      input,
    );
    assert.deepEqual(input, labels(ABC));
  });

  it('sorts by bytes, not by UTF-16', () => {
    const astral = '\u{10000}';
    const result = new Relabeler([rule({ regex: '.*', action: 'labelkeep' }), rule({ target_label: 'z' })]).apply([
      ['\uffff', '1'],
      [astral, '2'],
    ]);
    assert.deepEqual(result, [
      ['\uffff', '1'],
      [astral, '2'],
    ]);
    const added = new Relabeler([rule({ target_label: 'a', replacement: 'x' })]).apply([
      ['\uffff', '1'],
      [astral, '2'],
    ]);
    assert.deepEqual(
      added?.map(([name]) => name),
      ['a', '\uffff', astral],
    );
  });
});

describe('checks of a rule', () => {
  const wrong: readonly [string, string][] = [
    ['', "1: relabel configuration for replace action requires 'target_label' value"],
    ['action = "lowercase"', "1: relabel configuration for lowercase action requires 'target_label' value"],
    ['target_label = "0${3}"', `2: "0\${3}" is invalid 'target_label' for replace action`],
    ['target_label = "-${3}"', `2: "-\${3}" is invalid 'target_label' for replace action`],
    ['action = "hashmod"\ntarget_label = "a"', '1: relabel configuration for hashmod requires non-zero modulus'],
    [
      'action = "hashmod"\nmodulus = 2\ntarget_label = "${a}"',
      `4: "\${a}" is invalid 'target_label' for hashmod action`,
    ],
    [
      'action = "uppercase"\ntarget_label = "a"\nreplacement = "x"',
      "4: 'replacement' can not be set for uppercase action",
    ],
    ['action = "labelmap"\nreplacement = "-"', `3: "-" is invalid 'replacement' for labelmap action`],
    ['action = "labeldrop"\nsource_labels = ["a"]', "2: labeldrop action requires only 'regex', and no other fields"],
    ['action = "labelkeep"\nseparator = ","', "2: labelkeep action requires only 'regex', and no other fields"],
    [
      'action = "keepequal"\ntarget_label = "a"\nregex = "b"',
      "2: keepequal action requires only 'source_labels' and 'target_label', and no other fields",
    ],
  ];
  for (const [text, message] of wrong) it(message, () => assert.deepEqual(problems(text), [message]));

  it('a regex that RE2 does not know is told at its place', () => {
    const [problem, ...more] = problems('action = "keep"\nregex = "(?=x)"');
    assert.match(problem, /^3: invalid regular expression/);
    assert.deepEqual(more, []);
  });
  it('unknown actions are told with what there is', () =>
    assert.match(problems('action = "kepp"')[0], /should be one of/));

  const targets: readonly [string, boolean][] = [
    ['-label', false],
    ['label', true],
    ['label${1}', true],
    ['${1}label', true],
    ['${', false],
    ['$', false],
    ['${}', false],
    ['foo${', false],
    ['$1', true],
    ['asd$2asd', true],
    ['-foo${1}bar-', false],
    ['_${1}_', true],
    ['foo${bar}foo', true],
  ];
  for (const [target, valid] of targets)
    it(`target_label ${target} is ${valid ? 'valid' : 'invalid'}`, () =>
      assert.equal(problems(`target_label = "${target}"`).length === 0, valid));

  it('modulus is exact up to 2^64 - 1', () =>
    assert.equal(
      argsOf(rules, 'rule {\naction = "hashmod"\ntarget_label = "a"\nmodulus = 18446744073709551615\n}').rule[0]
        .modulus,
      2n ** 64n - 1n,
    ));
  it('modulus is no negative number', () =>
    assert.match(problems('action = "hashmod"\ntarget_label = "a"\nmodulus = -1')[0], /from 0 to/));
});
