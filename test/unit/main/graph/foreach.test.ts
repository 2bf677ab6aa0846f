import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { fingerprint } from '#main/graph/fingerprint.ts';
import { secretOf, type Value } from '#config/eval/value.ts';
import { world } from './fakes.ts';
import { loader, type Loader } from './told.ts';

let l: Loader;
beforeEach(() => {
  l = loader(world());
});

const each = (collection: string, more = ''): string => `foreach "f" {
  collection = ${collection}
  var        = "each"
  ${more}
  template {
    otelcol.processor.fake "p" {
      size = each
      output { traces = [otelcol.exporter.fake.out.input] }
    }
  }
}
otelcol.exporter.fake "out" { endpoint = "x" }
`;
const ids = (graph: { readonly nodes: readonly { readonly id: string }[] }): string[] =>
  graph.nodes.map(({ id }) => id);

describe('foreach', () => {
  test('is a module for each item, which may use what is outside', async () => {
    const graph = await l.good(each('["a", "b-c", 7, "a"]'));
    assert.deepEqual(ids(graph), [
      'otelcol.exporter.fake.out',
      'foreach.f/foreach_a_1/otelcol.processor.fake.p',
      'foreach.f/foreach_b_c_1/otelcol.processor.fake.p',
      'foreach.f/foreach_7_1/otelcol.processor.fake.p',
      'foreach.f/foreach_a_2/otelcol.processor.fake.p',
    ]);
    assert.deepEqual(
      graph.modules.map(({ id, name, label, moduleIds }) => [id, name, label, moduleIds.length, moduleIds[1]]),
      [['foreach.f', 'foreach', 'f', 4, 'foreach.f/foreach_b_c_1']],
    );
  });

  test('gives an item the same id and arguments wherever it stands', async () => {
    const before = await l.good(each('["a", "b"]'));
    const after = await l.good(each('["c", "b", "a"]'));
    const byId = new Map(after.nodes.map(({ id, args }) => [id, args]));
    for (const { id, args } of before.nodes) assert.deepEqual(byId.get(id), args);
  });

  test('may name the field that ids are made of', async () => {
    const text = each('[{ n = "x", v = 1 }, { n = "y", v = 2 }]', 'id = "n"').replace('size = each', 'size = each.v');
    assert.deepEqual(ids(await l.good(text)).slice(1), [
      'foreach.f/foreach_x_1/otelcol.processor.fake.p',
      'foreach.f/foreach_y_1/otelcol.processor.fake.p',
    ]);
    const { graph, diagnostics } = await l.run(text.replace('n = "y"', 'm = "y"'));
    assert.ok(graph !== null);
    assert.deepEqual(
      diagnostics.map(({ severity, message }) => [severity, message]),
      [['warn', 'some items have no field "n" for their id']],
    );
  });

  test('may stand in others and in custom components, with their values', async () => {
    const graph = await l.good(`declare "m" {
      argument "hosts" { }
      foreach "host" {
        collection = argument.hosts.value
        var        = "host"
        template {
          foreach "port" {
            collection = ["1", "2"]
            var        = "port"
            template {
              otelcol.exporter.fake "e" { endpoint = argument.hosts.value[0] + host + port }
            }
          }
        }
      }
    }
    m "a" { hosts = ["x", "y"] }`);
    assert.deepEqual(
      graph.nodes.map(({ id, args }) => [id, (args as { endpoint: string }).endpoint]),
      [
        ['m.a/foreach.host/foreach_x_1/foreach.port/foreach_1_1/otelcol.exporter.fake.e', 'xx1'],
        ['m.a/foreach.host/foreach_x_1/foreach.port/foreach_2_1/otelcol.exporter.fake.e', 'xx2'],
        ['m.a/foreach.host/foreach_y_1/foreach.port/foreach_1_1/otelcol.exporter.fake.e', 'xy1'],
        ['m.a/foreach.host/foreach_y_1/foreach.port/foreach_2_1/otelcol.exporter.fake.e', 'xy2'],
      ],
    );
  });

  test('of nothing is nothing, and its template is looked at', async () => {
    assert.deepEqual(ids(await l.good(each('[]'))), ['otelcol.exporter.fake.out']);
    assert.deepEqual(await l.told(each('[]').replace('size = each', 'szie = each\nsize = nowhere.at.all')), [
      '7:7 unknown_name unrecognized attribute name "szie" | did you mean "size"?',
      '8:8 unknown_reference component "nowhere.at.all" does not exist or is out of scope',
    ]);
  });

  test('is experimental', async () => {
    const [told] = await loader(world(), 'generally-available').told(each('[]'));
    assert.match(told, /^1:1 stability block "foreach" is at stability level "experimental"/);
  });
});

test('mistakes', async () => {
  assert.deepEqual(
    await l.told(
      'foreach "f" {\n collection = nope\n var = "a b"\n}\nforeach "g" {\n collection = [true]\n var = "v"\n template {\n  otelcol.exporter.fake "e" { endpoint = v }\n }\n template { }\n}',
    ),
    [
      '1:1 missing missing required block "template"',
      '2:15 unknown_name identifier "nope" does not exist',
      '3:8 invalid "a b" is not a name | for example "each"',
      '11:2 duplicate block "template" may only be specified once',
    ],
  );
  assert.deepEqual(
    await l.told(
      'foreach "g" {\n collection = [true]\n var = "v"\n template {\n  otelcol.exporter.fake "e" { endpoint = v }\n }\n}',
    ),
    ['5:42 type v should be string, got bool (for item foreach_true_1 of foreach.g at c.alloy:1:1)'],
  );
});

test('a fingerprint tells items apart, and holds only what an id may', () => {
  const table: [value: Value, expected: string][] = [
    ['a.b/c d', 'a_b_c_d'],
    [7n, '7'],
    [-7n, '_7'],
    [3.14, '3_140000'],
    [true, 'true'],
  ];
  for (const [value, expected] of table) assert.equal(fingerprint(value, false), expected);
  const hashed = [
    fingerprint('a', true),
    fingerprint([1n], false),
    fingerprint(new Map([['a', 1n]]), false),
    fingerprint(null, false),
  ];
  assert.equal(new Set(hashed).size, 4);
  for (const one of hashed) assert.match(one, /^[0-9a-f]{64}$/);
  assert.equal(hashed[0], 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb');
  assert.equal(fingerprint(secretOf('a'), false), fingerprint(secretOf('b'), false));
});
