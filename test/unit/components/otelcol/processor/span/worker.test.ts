import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/processor/span/schema.ts';
import { create } from '#components/otelcol/processor/span/worker.ts';
import { decodeArgs } from '#test/support/decode-args.ts';
import { attributesIn, Edited, pairsOf, type Attributes } from '#test/support/edited.ts';

const made = (text: string): Edited<typeof schema.shape> =>
  new Edited('otelcol.processor.span.x', create, schema, `${text}\noutput { }`);
function after(text: string, name: string, attributes: Attributes = {}): readonly [unknown, Attributes] {
  const span = made(text).span({ name, attributes: pairsOf(attributes) });
  return [span['name'], attributesIn(span)];
}

describe('a name from attributes', () => {
  const from = (separator: string): string =>
    `name {\nfrom_attributes = ["db.svc", "op"]\nseparator = "${separator}"\n}`;
  const cases: readonly [string, string, Attributes, string][] = [
    ['joined', '::', { 'db.svc': 'cart', op: 'get', x: 1n }, 'cart::get'],
    ['without a separator', '', { op: 'get', 'db.svc': 'cart' }, 'cartget'],
    ['one is not there', '::', { op: 'get' }, 'n'],
    ['no attributes', '::', {}, 'n'],
    ['bools and ints', '-', { 'db.svc': true, op: -7n }, 'true--7'],
    ['doubles are plain', '-', { 'db.svc': 1e21, op: 1.5 }, '1000000000000000000000-1.5'],
    ['lists and maps', '-', { 'db.svc': [1n], op: { a: 1n } }, '<unknown-attribute-type>-<unknown-attribute-type>'],
    [
      'bytes and no value',
      '-',
      { 'db.svc': Buffer.from('x'), op: null },
      '<unknown-attribute-type>-<unknown-attribute-type>',
    ],
    ['long values', '-', { 'db.svc': 'x'.repeat(300), op: 'ключ' }, `${'x'.repeat(300)}-ключ`],
  ];
  for (const [name, separator, attributes, expected] of cases)
    it(name, () => assert.deepEqual(after(from(separator), 'n', attributes), [expected, attributes]));
  it('may be empty', () =>
    assert.deepEqual(
      made(from('')).span({ name: 'n', attributes: pairsOf({ 'db.svc': '', op: '' }) })['name'] ?? '',
      '',
    ));
});

describe('attributes from a name', () => {
  const to = (rules: readonly string[], more = ''): string =>
    `name {\nto_attributes {\nrules = ${JSON.stringify(rules)}\n${more}\n}\n}`;
  const document = '^/api/v1/document/(?P<documentId>.*)/update$';
  const cases: readonly [string, string, string, string, Attributes][] = [
    [
      'group by group',
      to([document]),
      '/api/v1/document/321/update',
      '/api/v1/document/{documentId}/update',
      { documentId: '321' },
    ],
    ['no match', to([document]), '/x', '/x', {}],
    ['no name', to(['(?P<a>.*)']), '', '', {}],
    [
      'the name stays',
      to([document], 'keep_original_name = true'),
      '/api/v1/document/1/update',
      '/api/v1/document/1/update',
      { documentId: '1' },
    ],
    [
      'rule by rule',
      to(['^(?P<a>[a-z]+)/', '/(?P<b>[0-9]+)$', '^(?P<c>.)']),
      'x/1',
      '{c}a}/{b}',
      { a: 'x', b: '1', c: '{' },
    ],
    [
      'the first that matches',
      to(['^none(?P<z>.)', '^(?P<a>[a-z]+)', '(?P<b>[0-9]+)'], 'break_after_match = true'),
      'x1',
      '{a}1',
      { a: 'x' },
    ],
    ['several groups', to(['(?P<a>[a-z])-(?P<b>[0-9])']), '.x-1.', '.{a}-{b}.', { a: 'x', b: '1' }],
    ['a group that took no part', to(['^(?P<a>x)?(?P<b>y)']), 'yz', '{b}z', { a: '', b: 'y' }],
    ['a group in a group', to(['^(?P<a>x(?P<b>y))']), 'xyz', '{a}z', { a: 'xy', b: 'y' }],
    ['a group without a name', to(['^(x)(?P<a>y)']), 'xyz', 'x{a}z', { a: 'y' }],
    ['text beyond ASCII', to(['^ключ-(?P<a>.)']), 'ключ-Ж😀', 'ключ-{a}😀', { a: 'Ж' }],
  ];
  for (const [what, text, name, renamed, attributes] of cases)
    it(what, () => {
      const part = made(text);
      for (let i = 0; i < 2; i++) {
        const span = part.span({ name });
        assert.deepEqual([span['name'] ?? '', attributesIn(span)], [renamed, attributes]);
      }
    });
  it('attributes that are there are changed', () =>
    assert.deepEqual(after(to(['(?P<a>.)']), 'x', { a: 1n, b: 2n }), ['{a}', { a: 'x', b: 2n }]));
  it('goes after the name from attributes', () => {
    const text = 'name {\nfrom_attributes = ["p"]\nto_attributes {\nrules = ["/(?P<id>[0-9]+)"]\n}\n}';
    assert.deepEqual(after(text, 'n', { p: 'a/7' }), ['a/{id}', { p: 'a/7', id: '7' }]);
  });
});

describe('status', () => {
  const cases: readonly [string, object | undefined, unknown][] = [
    ['code = "Error"\ndescription = "bad"', undefined, { message: 'bad', code: 2 }],
    ['code = "Error"', { code: 1, message: 'old' }, { code: 2 }],
    ['code = "Ok"', { code: 2, message: 'old' }, { code: 1 }],
    ['code = "Unset"', { code: 2, message: 'old' }, undefined],
  ];
  for (const [lines, status, expected] of cases)
    it(lines.replace('\n', ' '), () =>
      assert.deepEqual(made(`status {\n${lines}\n}`).span({ name: 'n', status })['status'], expected),
    );
});

it('only of spans that match; logs and metrics pass', () => {
  const only = (block: string): string =>
    `status {\ncode = "Ok"\n}\n${block} {\nmatch_type = "strict"\nservices = ["shop"]\n}`;
  const resource = { 'service.name': 'shop' };
  assert.deepEqual(made(only('include')).span({ name: 'n' }, { resource })['status'], { code: 1 });
  assert.equal(made(only('include')).span({ name: 'n' })['status'], undefined);
  assert.equal(made(only('exclude')).span({ name: 'n' }, { resource })['status'], undefined);
  const part = made(only('include'));
  assert.equal(part.log({ severityText: 'x' })['severityText'], 'x');
  assert.equal(part.metric({ name: 'm', gauge: { dataPoints: [{}] } })['name'], 'm');
});

describe('configuration', () => {
  const cases: readonly [string, readonly string[]][] = [
    [
      'name {\nto_attributes {\nrules = ["("]\n}\n}',
      ['3: invalid regular expression `(`: error parsing regexp: missing closing ): `(`'],
    ],
    ['name {\nto_attributes {\n}\n}', ['2: missing required attribute "rules"']],
    ['status {\ncode = "OK"\n}', ['2: "OK" should be one of "Ok", "Error", "Unset"']],
    ['status {\ncode = "Ok"\ndescription = "x"\n}', ['3: description should be empty when code is not "Error"']],
    ['', []],
  ];
  for (const [text, problems] of cases)
    it(text.replaceAll('\n', ' '), () =>
      assert.deepEqual(decodeArgs(schema, `${text}\noutput { }`).problems, problems),
    );
});
