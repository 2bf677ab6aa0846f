import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/processor/attributes/schema.ts';
import { create } from '#components/otelcol/processor/attributes/worker.ts';
import { METRICS } from '#shared/signal.ts';
import { attributesIn, Edited, pairsOf, type Attributes } from '#test/support/edited.ts';

const action = (...lines: readonly string[]): string => `action {\n${lines.join('\n')}\n}\n`;
const made = (text: string): Edited<typeof schema.shape> =>
  new Edited('otelcol.processor.attributes.x', create, schema, `${text}\noutput { }`);

function after(text: string, attributes: Attributes, metadata?: ReadonlyMap<string, readonly string[]>): Attributes {
  const part = made(text);
  const span = part.span({ name: 'n', attributes: pairsOf(attributes) }, metadata === undefined ? {} : { metadata });
  return attributesIn(span);
}
const sha = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const le = (write: (b: Buffer) => void): Buffer => {
  const bytes = Buffer.alloc(8);
  write(bytes);
  return bytes;
};

describe('insert, update, upsert', () => {
  const cases: readonly [string, string, Attributes, Attributes][] = [
    ['insert what is absent', 'insert', { b: 'x' }, { b: 'x', a: 1n }],
    ['insert leaves what is there', 'insert', { a: 'x' }, { a: 'x' }],
    ['insert leaves an empty value', 'insert', { a: null }, { a: null }],
    ['update changes what is there, in its place', 'update', { a: 'x', b: 'y' }, { a: 1n, b: 'y' }],
    ['update adds nothing', 'update', { b: 'y' }, { b: 'y' }],
    ['upsert adds', 'upsert', {}, { a: 1n }],
    ['upsert changes', 'upsert', { a: true }, { a: 1n }],
    ['the name may have capitals', 'UPSERT', {}, { a: 1n }],
  ];
  for (const [name, what, from, to] of cases)
    it(name, () => {
      const text = action('key = "a"', 'value = 1', `action = "${what}"`);
      assert.deepEqual(Object.entries(after(text, from)), Object.entries(to));
    });
  it('values keep their types', () => {
    for (const [written, value] of [
      ['"s"', 's'],
      ['1', 1n],
      ['-7', -7n],
      ['1.5', 1.5],
      ['true', true],
      ['[1, "b"]', [1n, 'b']],
      ['{ k = 1 }', { k: 1n }],
    ] as const)
      assert.deepEqual(after(action('key = "a"', `value = ${written}`, 'action = "upsert"'), {}), { a: value });
  });
  it('from another attribute of the span, with its type; a missing one changes nothing', () => {
    for (const what of ['insert', 'update', 'upsert']) {
      const text = action('key = "a"', 'from_attribute = "b"', `action = "${what}"`);
      assert.deepEqual(after(text, { a: 1n }), { a: 1n });
      const before = what === 'insert' ? {} : { a: 1n };
      for (const value of ['s', 2n, 1.5, [true], { k: 'v' }, Buffer.from('b')])
        assert.deepEqual(after(text, { ...before, b: value }).a, value);
    }
  });
  it('never from the resource', () => {
    const part = made(action('key = "a"', 'from_attribute = "b"', 'action = "insert"'));
    assert.deepEqual(attributesIn(part.span({}, { resource: { b: 1n } })), {});
  });
  it('from request metadata, several values joined', () => {
    const metadata = new Map([['x-tenant', ['a', 'b']]]);
    for (const key of ['X-Tenant', 'metadata.x-tenant']) {
      const text = action('key = "t"', `from_context = "${key}"`, 'action = "insert"');
      assert.deepEqual(after(text, {}, metadata), { t: 'a;b' });
      assert.deepEqual(after(text, {}), {}, 'no metadata, no change');
    }
  });
  it('metadata is that of each batch', () => {
    const part = made(action('key = "t"', 'from_context = "x"', 'action = "upsert"'));
    for (const value of ['1', '2']) {
      const span = part.span({}, { metadata: new Map([['x', [value]]]) });
      assert.deepEqual(attributesIn(span), { t: value });
    }
  });
  it('several inserts at once add what is lacking; the first of one key counts', () => {
    const text = ['a', 'b', 'c', 'a'].map((key, i) => action(`key = "${key}"`, `value = ${i}`, 'action = "insert"'));
    assert.deepEqual(after(text.join(''), { b: 'x' }), { b: 'x', a: 0n, c: 2n });
    assert.deepEqual(after(text.join(''), { a: 1n, b: 1n, c: 1n }), { a: 1n, b: 1n, c: 1n });
    const part = made(text.join(''));
    for (let i = 0; i < 3; i++) assert.deepEqual(attributesIn(part.span({})), { a: 0n, b: 1n, c: 2n });
  });
  it('several of different kinds at once', () => {
    const text = ['insert', 'update', 'upsert', 'insert', 'update', 'upsert'].map((what, i) =>
      action(`key = "k${i}"`, `value = ${i}`, `action = "${what}"`),
    );
    assert.deepEqual(after(text.join(''), {}), { k0: 0n, k2: 2n, k3: 3n, k5: 5n });
    const there = { k0: 'x', k1: 'x', k2: 'x', o: 'x' };
    assert.deepEqual(Object.entries(after(text.join(''), there)), [
      ['k0', 'x'],
      ['k1', 1n],
      ['k2', 2n],
      ['o', 'x'],
      ['k3', 3n],
      ['k5', 5n],
    ]);
    assert.deepEqual(after(text[1] + text[4], {}), {});
  });
  it('more inserts than fit into one pass', () => {
    const text = Array.from({ length: 70 }, (_, i) => action(`key = "k${i}"`, `value = ${i}`, 'action = "insert"'));
    assert.equal(Object.keys(after(text.join(''), { k5: 'x' })).length, 70);
    const long = action(`key = "${'k'.repeat(300)}"`, 'value = 1', 'action = "insert"');
    assert.equal(Object.keys(after(long, { [`${'k'.repeat(299)}x`]: 1n })).length, 2);
  });
});

describe('delete', () => {
  const cases: readonly [readonly string[], Attributes, Attributes][] = [
    [['key = "a"'], { a: 1n, b: 2n }, { b: 2n }],
    [['key = "c"'], { a: 1n }, { a: 1n }],
    [['pattern = "^a"'], { ab: 1n, ba: 2n, a: 3n }, { ba: 2n }],
    [['pattern = "b"'], { ab: 1n, ba: 2n, a: 3n }, { a: 3n }],
    [['key = "x"', 'pattern = "^a$"'], { x: 1n, a: 2n, aa: 3n }, { aa: 3n }],
  ];
  for (const [lines, from, to] of cases)
    it(lines.join(' '), () => assert.deepEqual(after(action(...lines, 'action = "delete"'), from), to));
  it('takes every attribute of the key', () => {
    const span = made(action('key = "a"', 'action = "delete"')).span({
      attributes: [...pairsOf({ a: 1n }), ...pairsOf({ a: 2n })],
    });
    assert.deepEqual(attributesIn(span), {});
  });
});

describe('hash', () => {
  const cases: readonly [string, Attributes[string], string][] = [
    ['string', 'secret', sha('secret')],
    ['unicode', 'ключ', sha('ключ')],
    ['true', true, sha(Buffer.of(1))],
    ['false', false, sha(Buffer.of(0))],
    ['int', -2n, sha(le((b) => b.writeBigInt64LE(-2n)))],
    ['double', 1.5, sha(le((b) => b.writeDoubleLE(1.5)))],
    ['empty string', '', ''],
    ['no value', null, ''],
    ['bytes', Buffer.from('x'), ''],
    ['list', ['x'], ''],
    ['map', { x: 1n }, ''],
  ];
  for (const [name, value, hashed] of cases)
    it(name, () => assert.deepEqual(after(action('key = "a"', 'action = "hash"'), { a: value }), { a: hashed }));
  it('by pattern, and twice what the key names as well', () => {
    const text = action('key = "user.id"', 'pattern = "user"', 'action = "hash"');
    assert.deepEqual(after(text, { 'user.id': 'u', 'user.name': 'n', other: 'o' }), {
      'user.id': sha(sha('u')),
      'user.name': sha('n'),
      other: 'o',
    });
  });
});

describe('extract', () => {
  const pattern = 'pattern = "^/api/(?P<version>v[0-9]+)/(?P<kind>[a-z]+)?"';
  const text = action('key = "url"', pattern, 'action = "extract"');
  const cases: readonly [string, Attributes, Attributes][] = [
    ['sets the groups', { url: '/api/v1/users/7' }, { url: '/api/v1/users/7', version: 'v1', kind: 'users' }],
    ['a group that took no part is empty', { url: '/api/v1/7' }, { url: '/api/v1/7', version: 'v1', kind: '' }],
    ['what is there is changed', { version: 1n, url: '/api/v2/x' }, { version: 'v2', url: '/api/v2/x', kind: 'x' }],
    ['no match', { url: '/x' }, { url: '/x' }],
    ['no string', { url: 1n }, { url: 1n }],
    ['no attribute', { x: 1n }, { x: 1n }],
  ];
  for (const [name, from, to] of cases) it(name, () => assert.deepEqual(after(text, from), to));
  it('known texts give the same again', () => {
    const part = made(text);
    for (let i = 0; i < 3; i++)
      for (const url of ['/api/v1/a', '/api/v2/b', '/none']) {
        const version = /v\d/.exec(url)?.[0];
        assert.equal(attributesIn(part.span({ attributes: pairsOf({ url }) })).version, version);
      }
  });
});

describe('convert', () => {
  const cases: readonly [string, Attributes[string], Attributes[string]][] = [
    ['string', 's', 's'],
    ['string', 7n, '7'],
    ['string', 1.5, '1.5'],
    ['string', 1, '1'],
    ['string', 1e21, '1e+21'],
    ['string', true, 'true'],
    ['string', null, ''],
    ['string', Buffer.from('ab'), 'YWI='],
    ['string', [1n, '<'], '[1,"<"]'],
    ['string', { b: 1n, a: null }, '{"a":null,"b":1}'],
    ['int', 7n, 7n],
    ['int', 7.9, 7n],
    ['int', -7.9, -7n],
    ['int', true, 1n],
    ['int', false, 0n],
    ['int', '42', 42n],
    ['int', '+42', 42n],
    ['int', '4.2', '4.2'],
    ['int', ' 42', ' 42'],
    ['int', '9223372036854775808', '9223372036854775808'],
    ['int', '', ''],
    ['int', null, null],
    ['int', [1n], [1n]],
    ['int', { a: 1n }, { a: 1n }],
    ['int', Buffer.from('1'), Buffer.from('1')],
    ['double', 7n, 7],
    ['double', 1.5, 1.5],
    ['double', true, 1],
    ['double', '4.2e1', 42],
    ['double', 'x', 'x'],
    ['double', [1n], [1n]],
  ];
  for (const [type, from, to] of cases)
    it(`${typeof from} ${String(from)} to ${type}`, () => {
      const text = action('key = "a"', `converted_type = "${type}"`, 'action = "convert"');
      assert.deepEqual(after(text, { a: from }), { a: to });
    });
  it('changes nothing where the attribute is not', () =>
    assert.deepEqual(after(action('key = "a"', 'converted_type = "int"', 'action = "convert"'), { b: '1' }), {
      b: '1',
    }));
});

it('later actions see what earlier ones made', () => {
  const text =
    action('key = "a"', 'value = "user-7"', 'action = "insert"') +
    action('key = "a"', 'pattern = "(?P<id>[0-9]+)"', 'action = "extract"') +
    action('key = "id"', 'converted_type = "int"', 'action = "convert"') +
    action('key = "copy"', 'from_attribute = "id"', 'action = "insert"') +
    action('pattern = "^id$|^a$"', 'action = "delete"');
  assert.deepEqual(after(text, {}), { copy: 7n });
});

describe('signals', () => {
  const text = action('key = "a"', 'value = 1', 'action = "insert"') + action('key = "x"', 'action = "delete"');
  const attributes = pairsOf({ x: 1n });
  it('log records', () => assert.deepEqual(attributesIn(made(text).log({ attributes })), { a: 1n }));
  it('data points of all kinds; metadata of metrics stays', () => {
    const point = { attributes };
    for (const kind of ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']) {
      const metric = made(text).metric({ name: 'm', metadata: attributes, [kind]: { dataPoints: [point, point] } });
      const points = (metric[kind] as { dataPoints: object[] }).dataPoints;
      assert.deepEqual(points.map(attributesIn), [{ a: 1n }, { a: 1n }], kind);
      assert.deepEqual(attributesIn({ attributes: metric['metadata'] }), { x: 1n });
    }
    assert.equal(
      made(text).items(METRICS, [{ name: 'none' }, { name: 'm', gauge: { dataPoints: [point] } }]).length,
      2,
    );
  });
  it('never resources, scopes, events or links', () => {
    const { resource, scope, items } = made(text).entry(0, [{ events: [{ attributes }], links: [{ attributes }] }], {
      resource: { x: 1n },
      scope: { attributes: { x: 1n } },
    });
    const [span] = items as { events: object[]; links: object[] }[];
    for (const node of [resource, scope, span.events[0], span.links[0]])
      assert.deepEqual(attributesIn(node), { x: 1n });
    assert.deepEqual(attributesIn(span), { a: 1n });
  });
});
