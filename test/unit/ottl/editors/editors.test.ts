/**
 * The common editors, on the examples of upstream's documentation (`pkg/ottl/ottlfuncs/README.md`) and on edge values: on attributes of a
 * message, on a map within an attribute, on a log body and on the cache, which all have to come out the same.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EDITORS } from '#ottl/editors/library.ts';
import { OttlError } from '#ottl/error.ts';
import { compileStatement } from '#ottl/expression.ts';
import { anyValue, attributesOf, editAll, type Edited } from '#test/support/ottl-edit.ts';

type Fields = Readonly<Record<string, unknown>>;
type Plain = Readonly<Record<string, unknown>>;

/** An AnyValue of plain data: bigint is an int, number a double, `hex:..` bytes. */
function any(value: unknown): Fields {
  if (value === null) return {};
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(any) } };
  if (typeof value === 'object') return { kvlistValue: { values: pairs(value as Plain) } };
  const text = String(value);
  return text.startsWith('hex:') ? { bytesValue: Buffer.from(text.slice(4), 'hex') } : { stringValue: text };
}
const pairs = (map: Plain): Fields[] => Object.entries(map).map(([key, value]) => ({ key, value: any(value) }));

interface Place {
  readonly path: string;
  readonly edit: (map: Plain, statement: string) => { readonly after: unknown; readonly errors: readonly string[] };
}

const log = (item: Fields, ...statements: string[]): Edited => editAll('log', [item], statements);
const PLACES: readonly Place[] = [
  {
    path: 'attributes',
    edit: (map, statement) => {
      const { items, errors } = log({ attributes: pairs(map) }, statement);
      return { after: attributesOf(items[0]), errors };
    },
  },
  {
    path: 'attributes["in"]["side"]',
    edit: (map, statement) => {
      const { items, errors } = log({ attributes: pairs({ in: { side: map, other: 1n } }) }, statement);
      const { side, other } = attributesOf(items[0])['in'] as Record<string, unknown>;
      assert.equal(other, 1n);
      return { after: side, errors };
    },
  },
  {
    path: 'body',
    edit: (map, statement) => {
      const { items, errors } = log({ body: any(map) }, statement);
      return { after: anyValue(items[0]['body']), errors };
    },
  },
  {
    path: 'cache["map"]',
    edit: (map, statement) => {
      const { items, errors } = log(
        { body: any(map) },
        'set(cache["map"], body)',
        statement,
        'set(body, cache["map"])',
      );
      return { after: anyValue(items[0]['body']), errors };
    },
  },
];

/** Statement with MAP for its target, the map before and after; text: the error, and the map stays. */
type Row = readonly [statement: string, before: Plain, after: Plain | string];

const HTTP = { 'http.method': 'GET', 'http.route': '/a', size: 5n };
const NESTED = { name: 'test', address: { street: 'first', house: 1234n }, occupants: ['user 1', 'user 2'] };
const DEEP = { '0': { '1': { '2': { '3': { '4': 'value' } } } } };
const CONFLICTS = {
  address: { street: { number: 'first' }, house: '1234' },
  'address.street': { number: ['second', 'third'] },
  'address.street.number': 'fourth',
  occupants: ['user 1', 'user 2', { name: 'user 3' }],
};

const ROWS: readonly Row[] = [
  ['delete_key(MAP, "size")', HTTP, { 'http.method': 'GET', 'http.route': '/a' }],
  ['delete_key(MAP, "none")', HTTP, HTTP],
  ['delete_key(MAP, "")', { '': 1n, a: 2n }, { a: 2n }],
  ['delete_key(MAP, "\u00e4")', { '\u00e4': 1n, a: 2n }, { a: 2n }],
  ['delete_key(MAP, "a")', { a: 1n }, {}],
  ['delete_key(MAP, severity_number)', HTTP, 'delete_key takes a string, got int'],
  ['delete_key(MAP, Concat(["si", "ze"], ""))', HTTP, { 'http.method': 'GET', 'http.route': '/a' }],
  ['delete_matching_keys(MAP, "^http[.].*")', HTTP, { size: 5n }],
  ['delete_matching_keys(MAP, "(?i)HTTP")', HTTP, { size: 5n }],
  ['delete_matching_keys(MAP, "")', HTTP, {}],
  ['delete_matching_keys(MAP, "x")', {}, {}],
  ['delete_matching_keys(MAP, Concat(["("], ""))', HTTP, 'invalid regular expression `(`'],
  ['keep_keys(MAP, ["size", "none", "size"])', HTTP, { size: 5n }],
  ['keep_keys(MAP, [])', HTTP, {}],
  ['keep_keys(MAP, [Concat(["size"], "")])', HTTP, { size: 5n }],
  ['keep_keys(MAP, ["size", severity_number])', HTTP, 'keys are strings'],
  ['keep_matching_keys(MAP, "^http[.].*")', HTTP, { 'http.method': 'GET', 'http.route': '/a' }],
  ['keep_matching_keys(MAP, "none")', HTTP, {}],
  ['limit(MAP, 2, [])', HTTP, { 'http.method': 'GET', 'http.route': '/a' }],
  ['limit(MAP, 2, ["size"])', HTTP, { 'http.method': 'GET', size: 5n }],
  ['limit(MAP, 1, ["none"])', HTTP, { 'http.method': 'GET' }],
  ['limit(MAP, 3, ["size"])', HTTP, HTTP],
  ['limit(MAP, 0, [])', HTTP, {}],
  ['limit(MAP, 100, [])', {}, {}],
  [
    'replace_all_matches(MAP, "/user/*/list/*", "/user/{userId}/list/{listId}")',
    { a: '/user/1/list/2', b: '/user/1', c: 1n },
    { a: '/user/{userId}/list/{listId}', b: '/user/1', c: 1n },
  ],
  ['replace_all_matches(MAP, "*", "x")', { a: '', b: ['y'], c: null }, { a: 'x', b: ['y'], c: null }],
  [
    'replace_all_matches(MAP, "GE?", "hi", SHA256, "<%s>")',
    HTTP,
    { ...HTTP, 'http.method': '<8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4>' },
  ],
  [
    'replace_all_patterns(MAP, "value", "/account/\\\\d{4}", "/account/{accountId}")',
    { a: '/account/1234/x/account/5', b: '/account/1' },
    { a: '/account/{accountId}/x/account/5', b: '/account/1' },
  ],
  [
    'replace_all_patterns(MAP, "key", "^kube_([0-9A-Za-z]+_)", "k8s.$$1.")',
    { kube_pod_uid: 1n, other: 'kube_pod_' },
    { 'k8s.$1.uid': 1n, other: 'kube_pod_' },
  ],
  [
    'replace_all_patterns(MAP, "key", "^kube_([0-9A-Za-z]+)_", "k8s.${1}.")',
    { kube_pod_uid: 1n, other: 'x' },
    { 'k8s.pod.uid': 1n, other: 'x' },
  ],
  ['replace_all_patterns(MAP, "key", "a|b", "c")', { a: 1n, b: 2n }, { c: 2n }],
  ['replace_all_patterns(MAP, "value", "", "-")', { a: 'xy', b: 1n }, { a: '-x-y-', b: 1n }],
  ['replace_all_patterns(MAP, "value", "y", "x", ToUpperCase, "[%s]")', { a: 'xyy' }, { a: 'x[X][X]' }],
  ['replace_all_patterns(MAP, "value", "x", "y")', {}, {}],
  ['merge_maps(MAP, {"a": 1, "b": 2}, "insert")', { b: 'x', c: 'y' }, { a: 1n, b: 'x', c: 'y' }],
  ['merge_maps(MAP, {"a": 1, "b": 2}, "update")', { b: 'x', c: 'y' }, { b: 2n, c: 'y' }],
  ['merge_maps(MAP, {"a": 1, "b": 2}, "upsert")', { b: 'x', c: 'y' }, { a: 1n, b: 2n, c: 'y' }],
  ['merge_maps(MAP, ParseJSON("{\\"a\\": {\\"b\\": [1.5, null]}}"), "upsert")', {}, { a: { b: [1.5, null] } }],
  ['merge_maps(MAP, {}, "upsert")', HTTP, HTTP],
  ['merge_maps(MAP, attributes["none"], "upsert")', HTTP, 'merge_maps takes a map, got nil'],
  ['merge_maps(MAP, {"a": Now()}, "upsert")', HTTP, 'an attribute cannot hold a time: make a string or an int of it'],
  [
    'flatten(MAP)',
    NESTED,
    {
      name: 'test',
      'address.street': 'first',
      'address.house': 1234n,
      'occupants.0': 'user 1',
      'occupants.1': 'user 2',
    },
  ],
  [
    'flatten(MAP, "app")',
    NESTED,
    {
      'app.name': 'test',
      'app.address.street': 'first',
      'app.address.house': 1234n,
      'app.occupants.0': 'user 1',
      'app.occupants.1': 'user 2',
    },
  ],
  ['flatten(MAP, depth=2)', DEEP, { '0.1.2': { '3': { '4': 'value' } } }],
  [
    'flatten(MAP, depth=1)',
    { a: [{ b: 1n }, [2n]], c: { d: { e: 1n } } },
    { 'a.0': { b: 1n }, 'a.1': [2n], 'c.d': { e: 1n } },
  ],
  ['flatten(MAP, "p", 0)', DEEP, DEEP],
  [
    'flatten(MAP)',
    { a: [{ b: 1n }, [2n, [3n]]], e: {}, l: [], n: null },
    { 'a.0.b': 1n, 'a.1.0': 2n, 'a.1.1.0': 3n, n: null },
  ],
  [
    'flatten(MAP, resolve_conflicts=true)',
    CONFLICTS,
    {
      'address.street.number': 'first',
      'address.house': '1234',
      'address.street.number.0': 'second',
      'address.street.number.1': 'third',
      'address.street.number.2': 'fourth',
      occupants: 'user 1',
      'occupants.0': 'user 2',
      'occupants.2.name': 'user 3',
    },
  ],
  ['flatten(MAP)', { a: { b: 1n }, 'a.b': 2n }, { 'a.b': 2n }],
  ['flatten(MAP)', {}, {}],
  [
    'truncate_all(MAP, 3)',
    { a: 'abcdef', b: 'abc', c: 123_456n, d: ['abcdef'] },
    { a: 'abc', b: 'abc', c: 123_456n, d: ['abcdef'] },
  ],
  ['truncate_all(MAP, 0)', { a: 'abc', b: '' }, { a: '', b: '' }],
  ['truncate_all(MAP, 3)', { a: 'a\u00e4\u00f6', b: '\u{1f600}' }, { a: 'a\u00e4', b: '' }],
  ['truncate_all(MAP, 5, true, "...")', { a: 'abcdef', b: 'abcde' }, { a: 'ab...', b: 'abcde' }],
  ['truncate_all(MAP, 4)', {}, {}],
  [
    'stringify_all(MAP)',
    { a: 'x', b: 1n, c: 1.5, d: true, e: 'hex:ff00', f: ['y', 2n], g: { z: 1n, b: '<' }, h: null, i: 1e21, j: 1 },
    { a: 'x', b: '1', c: '1.5', d: 'true', e: '/wA=', f: '["y",2]', g: '{"b":"<","z":1}', h: '', i: '1e+21', j: '1' },
  ],
  ['stringify_all(MAP)', {}, {}],
];

const ON_VALUES: readonly (readonly [statement: string, before: unknown, after: unknown])[] = [
  ['set(VALUE, "new")', 'old', 'new'],
  ['set(VALUE, nil)', 'old', 'old'],
  ['set(VALUE, attributes["none"])', 'old', 'old'],
  ['set(VALUE, 5)', 'old', 5n],
  ['set(VALUE, -1.5)', null, -1.5],
  ['set(VALUE, true)', 'old', true],
  ['set(VALUE, 0xff00)', 'old', 'hex:ff00'],
  ['set(VALUE, ["a", 1, [true]])', 'old', ['a', 1n, [true]]],
  ['set(VALUE, {"a": {"b": 1}})', 'old', { a: { b: 1n } }],
  ['set(VALUE, "")', 'old', ''],
  ['set(VALUE, "\u00e4\u{1f600}")', 'old', '\u00e4\u{1f600}'],
  ['set(VALUE, Now())', 'old', 'error: an attribute cannot hold a time: make a string or an int of it'],
  ['set(VALUE, [Duration("1s")])', 'old', 'error: an attribute cannot hold a duration: make a string or an int of it'],
  [
    'set(VALUE, TraceID(0x000102030405060708090a0b0c0d0e0f))',
    'old',
    'error: an attribute cannot hold a trace id: make a string or an int of it',
  ],
  ['append(VALUE, "prod")', ['a'], ['a', 'prod']],
  ['append(VALUE, values = ["staging", "staging:east"])', ['a'], ['a', 'staging', 'staging:east']],
  ['append(VALUE, 1, [2])', 'a', ['a', 1n, 2n]],
  ['append(VALUE, "prod")', null, ['prod']],
  ['append(VALUE, nil)', ['a'], ['a']],
  ['append(VALUE, values=[])', 5n, [5n]],
  ['delete_index(VALUE, 0)', ['a', 'b', 'c'], ['b', 'c']],
  ['delete_index(VALUE, 1, 3)', ['a', 'b', 'c'], ['a']],
  ['delete_index(VALUE, 0, 3)', ['a', 'b', 'c'], []],
  ['delete_index(VALUE, 1, 1)', ['a', 'b', 'c'], ['a', 'b', 'c']],
  ['delete_index(VALUE, 0, 0)', [], []],
  ['delete_index(VALUE, -1)', ['a'], 'error: index -1 is out of bounds of a list of 1'],
  ['delete_index(VALUE, 1)', ['a'], 'error: index 1 is out of bounds of a list of 1'],
  ['delete_index(VALUE, 1, 1)', ['a'], 'error: index 1 is out of bounds of a list of 1'],
  ['delete_index(VALUE, 0, 2)', ['a'], 'error: end 2 is out of bounds of a list of 1, or before its start'],
  ['delete_index(VALUE, 1, 0)', ['a', 'b'], 'error: end 0 is out of bounds of a list of 2, or before its start'],
  ['delete_index(VALUE, 0)', 'a', 'error: delete_index takes a list'],
  ['replace_match(VALUE, "/user/*", "/user/{id}")', '/user/7', '/user/{id}'],
  ['replace_match(VALUE, "/user/*", "/user/{id}")', 'x/user/7', 'x/user/7'],
  ['replace_match(VALUE, "{a,b}?", "y")', 'bc', 'y'],
  ['replace_match(VALUE, "*", "y")', 7n, 7n],
  ['replace_match(VALUE, "*", "y")', null, null],
  ['replace_match(VALUE, "*", "y", ToUpperCase, "%s!")', 'x', 'Y!'],
  ['replace_match(VALUE, Concat(["[", ""], ""), "y")', 'x', 'error: invalid glob "[": a "[" without a "]"'],
  ['replace_pattern(VALUE, "(\\\\w+)@(\\\\w+)", "$2 at $1")', 'a@b, c@d', 'b at a, d at c'],
  ['replace_pattern(VALUE, "^.*$", "x", SHA1)', 'x', '11f6ad8ec52a2984abaafd7c3b516503785c2072'],
  ['replace_pattern(VALUE, "o", "0", replacement_format="<%s>")', 'foo', 'f00'],
  ['replace_pattern(VALUE, "a", "b")', 7n, 7n],
  ['replace_pattern(VALUE, "a", "b")', null, null],
  ['replace_pattern(VALUE, "", "-")', '\u{1f600}', '-\u{1f600}-'],
  ['replace_pattern(VALUE, "(a+)+$", "x")', `${'a'.repeat(5000)}!`, `${'a'.repeat(5000)}!`],
];

describe('on maps', () => {
  for (const { path, edit } of PLACES)
    describe(path, () => {
      for (const [statement, before, after] of ROWS)
        test(`${statement} of ${JSON.stringify(before, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v)).slice(0, 60)}`, () => {
          const result = edit(before, statement.replace('MAP', path));
          if (typeof after !== 'string') return assert.deepEqual(result, { after, errors: [] });
          assert.equal(result.errors.length, 1);
          assert.ok(result.errors[0].includes(after), result.errors[0]);
          assert.deepEqual(result.after, before);
        });
    });
});

const VALUE_PLACES = ['attributes["v"]', 'attributes["in"]["v"]', 'body', 'cache["v"]'] as const;

describe('on values', () => {
  for (const path of VALUE_PLACES)
    describe(path, () => {
      for (const [statement, before, after] of ON_VALUES)
        test(`${statement} of ${String(before)}`.slice(0, 80), () => {
          const text = statement.replace('VALUE', path);
          const attributes = { v: before, in: { v: before } };
          const item = {
            body: any(before),
            ...(path.startsWith('attributes') ? { attributes: pairs(attributes) } : {}),
          };
          const around = path.startsWith('cache') ? ['set(cache["v"], body)', text, 'set(body, cache["v"])'] : [text];
          const { items, errors } = log(item, ...around);
          const found = attributesOf(items[0]);
          const value = path.startsWith('attributes')
            ? path.includes('"in"')
              ? (found['in'] as Plain)['v']
              : found['v']
            : anyValue(items[0]['body']);
          if (typeof after === 'string' && after.startsWith('error: '))
            assert.deepEqual([value, errors], [before, [after.slice(7)]]);
          else assert.deepEqual([value, errors], [after, []]);
        });
    });
});

describe('what is no map', () => {
  for (const editor of [
    'delete_key(X, "a")',
    'keep_keys(X, ["a"])',
    'limit(X, 1, [])',
    'flatten(X)',
    'stringify_all(X)',
    'truncate_all(X, 1)',
    'merge_maps(X, {}, "insert")',
    'replace_all_matches(X, "a", "b")',
    'replace_all_patterns(X, "key", "a", "b")',
    'delete_matching_keys(X, "a")',
    'keep_matching_keys(X, "a")',
  ])
    test(editor, () => {
      const { errors } = log(
        { body: any('text') },
        editor.replace('X', 'body'),
        editor.replace('X', 'attributes["none"]'),
      );
      assert.deepEqual(errors, ['a map is wanted here, got string', 'a map is wanted here, got nil']);
    });
});

describe('attributes that are there twice', () => {
  const twice = {
    attributes: [
      { key: 'a', value: any('1') },
      { key: 'b', value: any('x') },
      { key: 'a', value: any('2') },
    ],
  };
  const keysAfter = (statement: string): string => {
    const attributes = log(twice, statement).items[0]['attributes'] as { key: string }[] | undefined;
    return (attributes ?? []).map(({ key }) => key).join('');
  };
  test('keys go and stay together, as far as an editor asks for keys', () => {
    assert.equal(keysAfter('keep_keys(attributes, ["a"])'), 'aa');
    assert.equal(keysAfter('delete_matching_keys(attributes, "a")'), 'b');
    assert.equal(keysAfter('flatten(attributes)'), 'ab');
  });
});

describe('what statements before have changed', () => {
  test('events and points are read with it', () => {
    const span = { events: [{ name: 'a' }, { name: 'b' }] };
    const statements = ['set(name, Concat([name, "!"], ""))', 'set(span.attributes["events"], span.events)'];
    const { items } = editAll('spanevent', [span, { name: 'none', events: [{ name: 'c' }] }], statements);
    const events = items.map((item) => attributesOf(item)['events'] as Plain[]);
    assert.deepEqual(
      events.map((list) => list.map((event) => event['name'])),
      [['a!', 'b!'], ['c!']],
    );
    const metric = { name: 'm', gauge: { dataPoints: [{ asInt: 1 }, { asInt: 2 }] } };
    const { items: metrics } = editAll(
      'datapoint',
      [metric],
      ['set(value_int, value_int + 5)', 'set(metric.metadata["points"], metric.data_points)'],
    );
    const points = attributesOf(metrics[0], 'metadata')['points'] as Plain[];
    assert.deepEqual(
      points.map((point) => point['as_int']),
      [6n, 7n],
    );
  });

  test('values do not become deeper than can be read', () => {
    const { items, errors } = log({ body: any('x') }, ...Array<string>(200).fill('set(body, [body])'));
    assert.deepEqual([...new Set(errors)], ['lists and maps are nested too deeply for an attribute']);
    let depth = 0;
    for (let value = anyValue(items[0]['body']); Array.isArray(value); [value] = value as unknown[]) depth++;
    assert.deepEqual([depth, errors.length], [45, 155]);
  });
});

describe('statements that cannot be', () => {
  for (const [text, message] of [
    [
      `set(attributes["a"], ${'['.repeat(60)}${']'.repeat(60)})`,
      'lists and maps are nested too deeply for an attribute',
    ],
    ['set(attributes["a"])', 'set lacks its argument `value`'],
    ['set("a", 1)', 'set takes a path that can be set as `target`'],
    ['set(log, 1)', 'set takes a path that can be set as `target`'],
    ['append(attributes["a"])', 'append takes a `value`, `values`, or both'],
    ['limit(attributes, -1, [])', 'the limit cannot be negative'],
    ['limit(attributes, 1, ["a", "b"])', 'there are more priority keys than the limit allows'],
    ['keep_keys(attributes, [1])', 'keep_keys takes a list of string literals as `keys`'],
    ['keep_keys(attributes, "a")', 'keep_keys takes a list of string literals as `keys`'],
    ['limit(attributes, 1, [1])', 'limit takes a list of string literals as `priority_keys`'],
    ['limit(attributes, 1.5, [])', 'limit takes an int literal as `limit`'],
    ['truncate_all(attributes, -1)', 'the limit is an int literal and not negative'],
    ['truncate_all(attributes, 2, true, "...")', 'the marker is longer than the limit'],
    ['flatten(attributes, depth=-1)', 'the depth is an int literal and not negative'],
    ['merge_maps(attributes, {}, "other")', 'the strategy is one of insert, update, upsert'],
    ['replace_all_patterns(attributes, "other", "a", "b")', 'the mode is "key" or "value"'],
    [
      'replace_pattern(body, "a", "b", SHA256, "%d")',
      'the format of a replacement has exactly one %s, and nothing else with %',
    ],
    ['replace_pattern(body, "a", "b", "SHA256")', 'replace_pattern takes the name of a converter as `function`'],
    ['delete_keys(attributes, "a")', 'there is no editor `delete_keys`'],
  ] as const)
    test(text, () => {
      assert.throws(
        () => compileStatement(text, 'log'),
        (error) => error instanceof OttlError && error.message === message,
      );
    });
});

test('every editor is tried', () => {
  const tried = [...ROWS, ...ON_VALUES].map(([statement]) => statement.slice(0, statement.indexOf('(')));
  assert.deepEqual([...new Set(tried)].sort(), [...EDITORS.keys()].sort());
});
