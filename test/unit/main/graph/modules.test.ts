import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { planOf, entryIds } from '#main/graph/graph.ts';
import { nodeLabels } from '#shared/node-id.ts';
import { world, type World } from './fakes.ts';
import { loader, type Loader } from './told.ts';

let made: World;
let l: Loader;
beforeEach(() => {
  made = world();
  l = loader(made);
});

const GATEWAY = `declare "gateway" {
  argument "to" { }
  argument "size" {
    optional = true
    default  = "7"
  }
  otelcol.processor.fake "p" {
    size = argument.size.value
    output { traces = argument.to.value }
  }
  export "input" { value = otelcol.processor.fake.p.input }
}
`;
const USE = `gateway "a" { to = [otelcol.exporter.fake.out.input] }
otelcol.receiver.fake "in" { output { traces = [gateway.a.input] } }
otelcol.exporter.fake "out" { endpoint = "x" }
`;

describe('a custom component', () => {
  test('is flat in the graph, sinks first, with ids of its own', async () => {
    const graph = await l.good(GATEWAY + USE);
    assert.deepEqual(
      graph.nodes.map(({ id, references, referencedBy }) => [id, references, referencedBy]),
      [
        ['otelcol.exporter.fake.out', [], ['gateway.a']],
        ['gateway.a/otelcol.processor.fake.p', [], []],
        ['otelcol.receiver.fake.in', ['gateway.a'], []],
      ],
    );
    assert.deepEqual(nodeLabels(graph.nodes[1].id), {
      component_path: '/gateway.a',
      component_id: 'otelcol.processor.fake.p',
    });
    assert.partialDeepStrictEqual(graph.nodes[1].args, { size: '7' });
    const plan = planOf(graph, new Map(entryIds(graph).map((id, i) => [id, i])));
    assert.deepEqual(
      plan.nodes.map(({ id, next }) => [id, next.traces]),
      [
        ['otelcol.exporter.fake.out', []],
        ['gateway.a/otelcol.processor.fake.p', ['otelcol.exporter.fake.out']],
      ],
    );
    assert.deepEqual(plan.entries[0]?.next.traces, ['gateway.a/otelcol.processor.fake.p']);
  });

  test('is an entry itself, with what it was given and what it gives', async () => {
    const { modules } = await l.good(GATEWAY + USE);
    assert.deepEqual(
      modules.map(({ id, name, label, references, referencedBy, moduleIds }) => [
        id,
        name,
        label,
        references,
        referencedBy,
        moduleIds,
      ]),
      [['gateway.a', 'gateway', 'a', ['otelcol.exporter.fake.out'], ['otelcol.receiver.fake.in'], ['gateway.a']]],
    );
    assert.deepEqual([...modules[0].args.keys()], ['to']);
    assert.partialDeepStrictEqual(modules[0].exports.get('input'), { nodeId: 'gateway.a/otelcol.processor.fake.p' });
  });

  test('may be used above its declaration, several times, and without a label', async () => {
    const graph = await l.good(`gateway { to = [] }\ngateway "b" {\n to = []\n size = 8\n}\n${GATEWAY}`);
    assert.deepEqual(
      graph.nodes.map(({ id, args }) => [id, (args as { size: string }).size]),
      [
        ['gateway/otelcol.processor.fake.p', '7'],
        ['gateway.b/otelcol.processor.fake.p', '8'],
      ],
    );
  });

  test('takes secrets, functions and objects as they are', async () => {
    const graph = await l.good(
      `declare "m" {
      argument "token" { }
      argument "join" { }
      otelcol.receiver.fake "r" {
        address = argument.join.value(["a", "b"], ":")
        token   = argument.token.value.inner
        output { }
      }
    }
    m "a" {
      token = { inner = local.fake.t.content }
      join  = string.join
    }
    local.fake "t" {
      name      = "t"
      is_secret = true
    }`.replace('"a" {', '"a" {'),
      { provide: () => Promise.resolve({ content: { secret: 'x' } }) },
    );
    assert.partialDeepStrictEqual(graph.nodes.at(-1)?.args, { address: 'a:b', token: { secret: 'x' } });
  });

  test('may hold others, and sees the custom components around it but not the components', async () => {
    const text = `declare "outer" {
      declare "inner" {
        otelcol.exporter.fake "e" { endpoint = "x" }
        export "input" { value = otelcol.exporter.fake.e.input }
      }
      leaf "l" { }
      inner "i" { }
      otelcol.processor.fake "p" { output { traces = [inner.i.input, leaf.l.input] } }
    }
    declare "leaf" {
      otelcol.exporter.fake "e" { endpoint = "y" }
      export "input" { value = otelcol.exporter.fake.e.input }
    }
    outer "o" { }`;
    const graph = await l.good(text);
    assert.deepEqual(
      graph.nodes.map(({ id }) => id),
      [
        'outer.o/leaf.l/otelcol.exporter.fake.e',
        'outer.o/inner.i/otelcol.exporter.fake.e',
        'outer.o/otelcol.processor.fake.p',
      ],
    );
    assert.deepEqual(
      await l.told(`declare "m" { otelcol.processor.fake "p" { output { traces = [otelcol.exporter.fake.out.input] } } }
otelcol.exporter.fake "out" { endpoint = "x" }`),
      ['1:63 unknown_reference component "otelcol.exporter.fake.out.input" does not exist or is out of scope'],
    );
    assert.deepEqual(await l.told('declare "m" { declare "inside" { } }\ninside "a" { }'), [
      '2:1 unknown_name cannot find the definition of component name "inside"',
    ]);
  });
});

describe('mistakes', () => {
  const table: [scenario: string, text: string, expected: string[]][] = [
    [
      'in a body that nobody uses',
      'declare "m" {\n argument "a" { }\n otelcol.exporter.fake "e" {\n  endpiont = argument.a.value\n  endpoint = argument.b.value\n }\n export "x" { value = otelcol.exporter.fake.e.inptu }\n}',
      [
        '4:3 unknown_name unrecognized attribute name "endpiont" | did you mean "endpoint"?',
        '5:23 unknown_name field "b" does not exist | did you mean "a"?',
        '7:47 unknown_name field "inptu" does not exist | did you mean "input"?',
      ],
    ],
    [
      'that every instance has are told once, without one',
      'declare "m" {\n argument "e" { }\n otelcol.exporter.fake "e" {\n  endpoint = argument.e.value\n  tls { ca = true }\n }\n}\nm "a" { e = "x" }\nm "b" { e = "y" }',
      ['5:14 type true should be string, got bool'],
    ],
    [
      'that depend on what an instance gives name it',
      'declare "m" {\n argument "e" { }\n otelcol.exporter.fake "e" { endpoint = argument.e.value }\n}\nm "a" { e = "x" }\nm "b" { e = true }',
      ['3:41 type argument.e.value should be string, got bool (in m "b" at c.alloy:6:1)'],
    ],
    [
      'further inside name every instance on the way',
      'declare "m" {\n argument "e" { }\n otelcol.exporter.fake "e" { endpoint = argument.e.value }\n}\ndeclare "n" {\n argument "e" { }\n m "i" { e = argument.e.value }\n}\nn "o" { e = [] }',
      ['3:41 type argument.e.value should be string, got array (in m "i" at c.alloy:7:2, in n "o" at c.alloy:9:1)'],
    ],
    [
      'in what an instance gives are told at the instance',
      'declare "m" { argument "endpoint" { } }\nm "a" {\n endpiont = 1\n endpoint = nowhere.at.all + (1 + true)\n}\nm "b" {\n bl { }\n}',
      [
        '3:2 unknown_name custom component "m" has no argument "endpiont" | did you mean "endpoint"?',
        '4:13 unknown_reference component "nowhere.at.all" does not exist or is out of scope',
        '4:35 eval true should be one of [number string capsule] for binop +, got bool',
        '6:1 missing missing required argument "endpoint" of custom component "m"',
        '7:2 kind custom component "m" takes no blocks | write bl = ... for an argument',
      ],
    ],
    [
      'an export that is not there',
      'declare "m" { export "input" { value = 1 } }\nm "a" { }\notelcol.exporter.fake "e" { endpoint = m.a.inptu }',
      ['3:44 unknown_name field "inptu" does not exist | did you mean "input"?'],
    ],
    [
      'no such custom component',
      'declare "gateway" { }\ngatewya "a" { }',
      ['2:1 unknown_name cannot find the definition of component name "gatewya" | did you mean "gateway"?'],
    ],
    [
      'blocks where they may not be',
      'argument "x" { }\nexport "x" { value = 1 }\ndeclare "m" {\n logging { }\n level = 1\n}\ndeclare "logging" { }\ndeclare { }\nremotecfg { }',
      [
        '1:1 misplaced block "argument" may only stand in the body of a declare block',
        '2:1 misplaced block "export" may only stand in the body of a declare block',
        '4:2 misplaced block "logging" may only stand in the configuration itself',
        '5:2 unknown_name unrecognized attribute "level" at the top level | only blocks may stand here: components and configuration blocks',
        '7:9 label "logging" is not a valid label for a declare block: a configuration block has this name',
        '8:1 label block "declare" must have a label | write declare "default" { ... }',
        '9:1 not_offered block "remotecfg" is not offered: millrace is not managed by a remote configuration service | import.http and import.git fetch configuration from elsewhere and follow its changes',
      ],
    ],
    [
      'twice the same',
      'declare "m" {\n argument "x" { optional = true }\n argument "x" { optional = true }\n export "x" { value = 1 }\n export "x" { value = 1 }\n}\ndeclare "m" { }\nm "a" { }\nm "a" { }',
      [
        '3:2 duplicate block argument.x already declared at c.alloy:2:2 | give one of them another label',
        '5:2 duplicate block export.x already declared at c.alloy:4:2 | give one of them another label',
        '7:1 duplicate block declare.m already declared at c.alloy:1:1 | give one of them another label',
        '9:1 duplicate block m.a already declared at c.alloy:8:1 | give one of them another label',
      ],
    ],
    [
      'a circle of instances',
      'declare "m" {\n argument "x" { }\n export "y" { value = argument.x.value }\n}\nm "a" { x = m.b.y }\nm "b" { x = m.a.y }',
      [
        '5:13 cycle cycle: m.a (c.alloy:5:13) -> m.b (c.alloy:6:13) -> m.a | data must flow one way: remove one of these references',
      ],
    ],
  ];
  for (const [scenario, text, expected] of table) {
    test(scenario, async () => {
      assert.deepEqual(await l.told(text), expected);
      assert.deepEqual(await l.looked(text), expected);
    });
  }

  test('an instance that cannot be does not make others wrong', async () => {
    assert.deepEqual(
      await l.told(
        'declare "m" {\n argument "x" { }\n export "y" { value = argument.x.value + (1 + true) }\n}\nm "a" { x = 1 }\notelcol.exporter.fake "e" { endpoint = m.a.y }',
      ),
      ['3:47 eval true should be one of [number string capsule] for binop +, got bool'],
    );
  });
});

describe('custom components that contain themselves', () => {
  test('are told with the circle, used or not', async () => {
    const recursive = (what: string, circle: string): string =>
      `recursive custom component "${what}" contains itself: ${circle} | a module must end somewhere: remove this use`;
    const text = `declare "a" { b "x" { } }
declare "b" { a "x" { } }
declare "s" { s "x" { } }
declare "both" {
  a "x" { }
  b "x" { }
}
`;
    const expected = [`2:15 ${recursive('a', 'a -> b -> a')}`, `3:15 ${recursive('s', 's -> s')}`];
    assert.deepEqual(await l.told(text), expected);
    assert.deepEqual(await l.told(`${text}both "x" { }`), expected);
  });

  test('a chain that is too long is told, however long it is', async () => {
    const chain = (length: number): string =>
      `${Array.from({ length }, (_, i) => `declare "m${i}" { m${i + 1} "x" { } }\n`).join('')}declare "m${length}" { }\nm0 "x" { }`;
    await l.good(chain(99));
    const told = await l.told(chain(3000));
    assert.equal(told.length, 1);
    assert.equal(
      told[0],
      '100:17 recursive custom components are nested more than 100 deep (in m99 "x" at c.alloy:99:17, in m98 "x" at c.alloy:98:17, ..., in m0 "x" at c.alloy:3002:1)',
    );
  });

  test('what multiplies beyond reason is refused', async () => {
    const text = `${Array.from({ length: 40 }, (_, i) => `declare "m${i}" {\n m${i + 1} "a" { }\n m${i + 1} "b" { }\n}\n`).join('')}declare "m40" { }\nm0 "x" { }`;
    const told = await l.told(text, { maxNodes: 1000 });
    assert.deepEqual(
      told.map((one) => one.replace(/^\d+:\d+ /, '')),
      ['too_many the configuration makes more than 1000 components'],
    );
  });
});
