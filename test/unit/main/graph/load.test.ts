import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Stability } from '#components/kit/component.ts';
import { planOf, entryIds, type Graph } from '#main/graph/graph.ts';
import { load } from '#main/graph/load.ts';
import { loadOptions, source, world } from './fakes.ts';

const { components } = world();

const run = (texts: string | string[], stability: Stability = 'generally-available'): ReturnType<typeof load> =>
  load(
    [texts].flat().map((text, i) => source(text, `${'abc'[i]}.alloy`)),
    loadOptions(components, stability),
  );

/** `line:col code message` of each diagnostic. */
const told = async (texts: string | string[], stability: Stability = 'generally-available'): Promise<string[]> =>
  (await run(texts, stability)).diagnostics.map(
    (d) =>
      `${d.span.file[0]}:${d.span.line}:${d.span.col} ${d.code} ${d.message}${d.help === undefined ? '' : ` | ${d.help}`}`,
  );

async function good(texts: string | string[]): Promise<Graph> {
  const { graph, diagnostics } = await run(texts);
  assert.deepEqual(diagnostics, []);
  assert.ok(graph !== null);
  return graph;
}

const SMALL = `
otelcol.receiver.fake "in" {
  address = "127.0.0.1:" + sys.env("PORT")
  output { traces = [otelcol.processor.fake.p.input, otelcol.exporter.fake.out.input] }
}
otelcol.processor.fake "p" { output { traces = [otelcol.exporter.fake.out.input] } }
otelcol.exporter.fake "out" { endpoint = "x" }
`;

describe('a good configuration', () => {
  test('is ordered sinks first, with references both ways', async () => {
    const graph = await good(SMALL);
    assert.deepEqual(
      graph.nodes.map((n) => [n.id, n.references, n.referencedBy]),
      [
        ['otelcol.exporter.fake.out', [], ['otelcol.receiver.fake.in', 'otelcol.processor.fake.p']],
        ['otelcol.processor.fake.p', ['otelcol.exporter.fake.out'], ['otelcol.receiver.fake.in']],
        ['otelcol.receiver.fake.in', ['otelcol.processor.fake.p', 'otelcol.exporter.fake.out'], []],
      ],
    );
    assert.partialDeepStrictEqual(graph.nodes[2]?.args, { address: '127.0.0.1:4317' });
  });

  test('gives a plan: worker nodes with their wires, receivers as entries', async () => {
    const graph = await good(SMALL);
    assert.deepEqual(entryIds(graph), ['otelcol.receiver.fake.in']);
    const plan = planOf(graph, new Map([['otelcol.receiver.fake.in', 7]]));
    assert.deepEqual(
      plan.nodes.map((n) => [n.id, n.component, n.next.traces, n.next.logs]),
      [
        ['otelcol.exporter.fake.out', 'otelcol.exporter.fake', [], []],
        ['otelcol.processor.fake.p', 'otelcol.processor.fake', ['otelcol.exporter.fake.out'], []],
      ],
    );
    assert.deepEqual(plan.entries, [
      {
        index: 7,
        id: 'otelcol.receiver.fake.in',
        next: { traces: ['otelcol.processor.fake.p', 'otelcol.exporter.fake.out'], metrics: [], logs: [] },
      },
    ]);
    assert.deepEqual(structuredClone(plan), plan);
  });

  test('may be spread over files, and references go across them', async () => {
    const [receiver, rest] = [
      SMALL.slice(0, SMALL.indexOf('otelcol.processor.fake "p"')),
      SMALL.slice(SMALL.indexOf('otelcol.processor.fake "p"')),
    ];
    assert.equal((await good([receiver, rest])).nodes.length, 3);
  });

  test('has its logging settings, or the defaults', async () => {
    const written = (await good('logging {\n level = "debug"\n format = "json"\n}')).settings.logging;
    assert.deepEqual([written.level, written.format], ['debug', 'json']);
    const absent = (await good('')).settings.logging;
    assert.deepEqual([absent.level, absent.format], ['info', 'logfmt']);
  });

  test('has a hash of its bytes', async () => {
    assert.match((await good(SMALL)).hash, /^[0-9a-f]{64}$/);
    assert.notEqual((await good(SMALL)).hash, (await good(`${SMALL}\n`)).hash);
  });

  test('a chain of a thousand components is ordered without recursion', async () => {
    const parts = Array.from(
      { length: 1000 },
      (_, i) => `otelcol.processor.fake "p${i}" { output { traces = [otelcol.processor.fake.p${i + 1}.input] } }`,
    );
    const graph = await good(`${parts.join('\n')}\notelcol.processor.fake "p1000" { output {} }`);
    assert.deepEqual(
      graph.nodes.map((n) => n.label),
      Array.from({ length: 1001 }, (_, i) => `p${1000 - i}`),
    );
  });
});

describe('blocks that cannot be', () => {
  const table: [scenario: string, text: string, expected: string[]][] = [
    [
      'unknown',
      'otelcol.exporter.fkae "a" { }',
      [
        'a:1:1 unknown_name cannot find the definition of component name "otelcol.exporter.fkae" | did you mean "otelcol.exporter.fake"?',
      ],
    ],
    [
      'not yet',
      'otelcol.receiver.zipkin "a" { }',
      ['a:1:1 not_available component "otelcol.receiver.zipkin" is not available yet in this version of millrace'],
    ],
    [
      'removed',
      'otelcol.receiver.opencensus "a" { }',
      [
        'a:1:1 not_available component "otelcol.receiver.opencensus" was removed from Alloy | use otelcol.receiver.otlp',
      ],
    ],
    [
      'no label',
      'otelcol.exporter.fake { endpoint = "" }',
      [
        'a:1:1 label component "otelcol.exporter.fake" must have a label | write otelcol.exporter.fake "default" { ... }',
      ],
    ],
    [
      'attribute',
      'level = 1',
      [
        'a:1:1 unknown_name unrecognized attribute "level" at the top level | only blocks may stand here: components and configuration blocks',
      ],
    ],
    [
      'logging twice',
      'logging { }\nlogging { }',
      [
        'a:2:1 duplicate block logging already declared at a.alloy:1:1 | there is one for the whole configuration: remove one of them',
      ],
    ],
    ['logging labelled', 'logging "x" { }', ['a:1:9 label block "logging" does not support specifying labels']],
  ];
  for (const [scenario, text, expected] of table)
    test(scenario, async () => assert.deepEqual(await told(text), expected));

  test('the same id twice points at both places, across files', async () => {
    const one = 'otelcol.exporter.fake "a" { endpoint = "x" }';
    assert.deepEqual(await told([one, `\n${one}`]), [
      'b:2:1 duplicate block otelcol.exporter.fake.a already declared at a.alloy:1:1 | give one of them another label',
    ]);
  });

  test('a component below the allowed stability tells the flag', async () => {
    const text = 'otelcol.exporter.trial "a" { endpoint = "x" }';
    assert.match(
      (await told(text))[0],
      /^a:1:1 stability .*"experimental".*\| run with --stability\.level=experimental/,
    );
    assert.match((await told(text, 'public-preview'))[0], /"public-preview"/);
    assert.deepEqual(await told(text, 'experimental'), []);
  });
});

describe('references', () => {
  const wire = (ref: string): string =>
    `otelcol.processor.fake "p" { output { traces = [${ref}] } }\notelcol.exporter.fake "out" { endpoint = "x" }`;

  test('to nothing: told once, with the likely name', async () => {
    assert.deepEqual(await told(wire('otelcol.exporter.fake.uot.input')), [
      'a:1:49 unknown_reference component "otelcol.exporter.fake.uot.input" does not exist or is out of scope | did you mean "otelcol.exporter.fake.out"?',
    ]);
  });
  test('to a block that is itself wrong: only that is told', async () => {
    const text =
      'otelcol.processor.fake "p" { output { traces = [otelcol.receiver.zipkin.z.input] } }\notelcol.receiver.zipkin "z" { }';
    assert.deepEqual(await told(text), [
      'a:2:1 not_available component "otelcol.receiver.zipkin" is not available yet in this version of millrace',
    ]);
  });
  test('to an export that is not there', async () => {
    assert.deepEqual(await told(wire('otelcol.exporter.fake.out.inptu')), [
      'a:1:75 unknown_name field "inptu" does not exist | did you mean "input"?',
    ]);
  });
  test('to the component itself', async () => {
    assert.deepEqual(
      await told('otelcol.processor.fake "p" { output { traces = [otelcol.processor.fake.p.input] } }'),
      ['a:1:49 self_reference component otelcol.processor.fake.p must not refer to itself'],
    );
  });
  test('in a circle: told once, with every step', async () => {
    const text = ['a', 'b', 'c']
      .map((l, i) => `otelcol.processor.fake "${l}" { output { traces = [otelcol.processor.fake.${'bca'[i]}.input] } }`)
      .join('\n');
    assert.deepEqual(await told(text), [
      'a:1:49 cycle cycle: otelcol.processor.fake.a (a.alloy:1:49) -> otelcol.processor.fake.b (a.alloy:2:49) -> otelcol.processor.fake.c (a.alloy:3:49) -> otelcol.processor.fake.a | data must flow one way: remove one of these references',
    ]);
  });
  test('to a component that does not take the signal', async () => {
    const text =
      'otelcol.processor.fake "p" { output { metrics = [null, otelcol.exporter.traces_only.t.input] } }\notelcol.exporter.traces_only "t" { endpoint = "" }';
    assert.deepEqual(await told(text), [
      'a:1:56 signal otelcol.exporter.traces_only.t does not take metrics | it takes traces',
    ]);
  });
});

test('a function that does not exist is no component', async () => {
  assert.deepEqual(
    await told(
      'otelcol.exporter.fake "a" { endpoint = envv("X") + string.join([], "") }\nlogging { level = envv("L") }',
    ),
    [
      'a:1:40 unknown_name there is no function "envv" | did you mean "env"?',
      'a:2:19 unknown_name there is no function "envv" | did you mean "env"?',
    ],
  );
});

test('logs cannot be sent to components yet, whether the component is there or not', async () => {
  const text = "cannot receive the collector's own log yet: collect its stderr";
  assert.deepEqual(await told('logging { write_to = [nope.at.all] }'), [
    'a:1:23 unknown_reference component "nope.at.all" does not exist or is out of scope',
  ]);
  assert.deepEqual(
    await told(
      'logging { write_to = ["x", loki.write.w.receiver, otelcol.exporter.otlp.out.input] }\nloki.write "w" { }',
    ),
    [
      `a:1:23 type "x" ${text}`,
      `a:1:28 type loki.write.w.receiver ${text}`,
      `a:1:51 type otelcol.exporter.otlp.out.input ${text}`,
      'a:2:1 not_available component "loki.write" is not available yet in this version of millrace',
    ],
  );
});

test('every mistake of every file is told at once, by place', async () => {
  const first = 'otelcol.exporter.fake "a" {\n  endpiont = "x"\n  tls { ca = 1 + true }\n}';
  const second = 'otelcol.processor.fake "p" { output { traces = [nowhere.at.all] } }\nargument "x" { }';
  assert.deepEqual(
    (await told([first, second])).map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['a:1:1 missing', 'a:2:3 unknown_name', 'a:3:18 eval', 'b:1:49 unknown_reference', 'b:2:1 misplaced'],
  );
  assert.equal((await run([first, second])).graph, null);
});

test('with a syntax error only syntax is told: the broken tree would give errors that are none', async () => {
  const lines = await told(['otelcol.exporter.fake "a" {', 'nope "x" { }']);
  assert.ok(lines.length > 0 && lines.every((line) => line.includes(' syntax ')), lines.join('\n'));
});
