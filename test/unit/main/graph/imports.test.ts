import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { diagnosticsText } from '#main/cli/report.ts';
import { world, type World } from './fakes.ts';
import { loader, type Loader } from './told.ts';

let made: World;
let l: Loader;
beforeEach(() => {
  made = world();
  l = loader(made);
});

const SINK = `declare "sink" {
  argument "endpoint" { }
  otelcol.exporter.fake "e" { endpoint = argument.endpoint.value }
  export "input" { value = otelcol.exporter.fake.e.input }
}
`;
const use = (name: string): string => `${name} "a" { endpoint = "x" }\n`;
const ids = (graph: { readonly nodes: readonly { readonly id: string }[] }): string[] =>
  graph.nodes.map(({ id }) => id);

describe('an import', () => {
  test('brings custom components under its label, also to those that are used above it', async () => {
    made.contents.set('s.alloy', SINK);
    const text = `${use('ns.sink')}otelcol.processor.fake "p" { output { traces = [ns.sink.a.input] } }\nimport.file "ns" { filename = "s.alloy" }`;
    assert.deepEqual(ids(await l.good(text)), ['ns.sink.a/otelcol.exporter.fake.e', 'otelcol.processor.fake.p']);
  });

  test('may take its text from a component', async () => {
    made.contents.set('text', SINK);
    const text = `import.string "ns" { content = local.fake.t.content }\nlocal.fake "t" { name = "text" }\n${use('ns.sink')}`;
    assert.deepEqual(ids(await l.good(text)), ['local.fake.t', 'ns.sink.a/otelcol.exporter.fake.e']);
  });

  test('may import, and what it imports is its own', async () => {
    made.contents.set(
      'outer.alloy',
      `import.file "deep" { filename = "s.alloy" }\ndeclare "m" { ${use('deep.sink')} }`,
    );
    made.contents.set('s.alloy', SINK);
    const text = 'import.file "ns" { filename = "outer.alloy" }\nns.m "o" { }\n';
    assert.deepEqual(ids(await l.good(text)), ['ns.m.o/deep.sink.a/otelcol.exporter.fake.e']);
    assert.deepEqual(await l.told(`${text}deep.sink "a" { }`), [
      '3:1 unknown_name cannot find the definition of component name "deep.sink"',
    ]);
  });

  test('may stand in a custom component, whose arguments it may use', async () => {
    made.contents.set('s.alloy', SINK);
    const text = `declare "m" {\n argument "file" { }\n import.file "ns" { filename = argument.file.value }\n ${use('ns.sink')}}\nm "o" { file = "s.alloy" }`;
    assert.deepEqual(ids(await l.good(text)), ['m.o/ns.sink.a/otelcol.exporter.fake.e']);
    assert.deepEqual(await l.told(text.replace('"s.alloy"', '"t.alloy"')), [
      '3:2 provider import.file.ns: there is no t.alloy (in m "o" at c.alloy:6:1)',
    ]);
  });

  test('sets module_path; a string has that of the module around it', async () => {
    const sink = 'declare "m" { otelcol.exporter.fake "e" { endpoint = module_path } }';
    made.contents.set('m.alloy', `${sink}\nimport.string "s" { content = \`${sink}\` }\ndeclare "n" { s.m "x" { } }`);
    const graph = await l.good(
      'import.file "f" { filename = "m.alloy" }\nf.m "a" { }\nf.n "b" { }\notelcol.exporter.fake "root" { endpoint = module_path }',
    );
    assert.deepEqual(
      graph.nodes.map(({ id, args }) => [id, (args as { endpoint: string }).endpoint]),
      [
        ['f.m.a/otelcol.exporter.fake.e', '/modules/m.alloy'],
        ['f.n.b/s.m.x/otelcol.exporter.fake.e', '/modules/m.alloy'],
        ['otelcol.exporter.fake.root', '/root'],
      ],
    );
  });
});

describe('mistakes', () => {
  test('of a module are told in its file, with its text', async () => {
    made.contents.set('bad.alloy', 'declare "m" {\n  otelcol.exporter.fake "e" { }\n}\nlogging { }\nlevel = 1\n');
    made.contents.set('cut.alloy', 'declare "m" {');
    const text =
      'import.file "a" { filename = "bad.alloy" }\nimport.file "b" { filename = "cut.alloy" }\nb.m "x" { }\notelcol.exporter.fake "e" { endpoint = b.m.x.input }';
    assert.deepEqual(await l.told(text), [
      'bad.alloy:2:3 missing missing required attribute "endpoint"',
      'bad.alloy:4:1 misplaced block "logging" may only stand in the configuration itself',
      'bad.alloy:5:1 unknown_name unrecognized attribute "level" at the top level | only blocks may stand here: components and configuration blocks',
      'cut.alloy:1:14 syntax expected }, got EOF | it closes the { of line 1, column 13',
    ]);
    assert.match(diagnosticsText(await l.run(text)), /bad\.alloy:2:3: error: .*\n 2 \| {3}otelcol\.exporter\.fake "e"/);
  });

  test('a component at the top of a module', async () => {
    made.contents.set('m.alloy', 'otelcol.exporter.fake "e" { endpoint = "x" }');
    assert.deepEqual(await l.told('import.file "a" { filename = "m.alloy" }'), [
      'm.alloy:1:1 misplaced component "otelcol.exporter.fake" may not stand at the top level of a module | a module holds declare and import blocks: put the component into a declare block',
    ]);
  });

  test('one that cannot be read is told once, not what uses it', async () => {
    const text = `import.file "ns" { filename = "gone.alloy" }\n${use('ns.sink')}otelcol.processor.fake "p" { output { traces = [ns.sink.a.input] } }`;
    assert.deepEqual(await l.told(text), ['1:1 provider import.file.ns: there is no gone.alloy']);
  });

  test('a name that the module does not have', async () => {
    made.contents.set('s.alloy', SINK);
    assert.deepEqual(await l.told(`import.file "ns" { filename = "s.alloy" }\n${use('ns.snik')}`), [
      '2:1 unknown_name cannot find the definition of component name "ns.snik" | did you mean "ns.sink"?',
    ]);
  });

  test('two imports with one label', async () => {
    made.contents.set('s.alloy', SINK);
    assert.deepEqual(
      await l.told(
        'import.file "ns" { filename = "s.alloy" }\nimport.string "ns" { content = "" }\nimport.file { filename = "s.alloy" }',
      ),
      [
        '2:1 duplicate block import.ns already declared at c.alloy:1:1 | give one of them another label',
        '3:1 label block "import.file" must have a label | write import.file "default" { ... }',
      ],
    );
  });

  test('a module that imports itself, directly or in a circle, is told with the way', async () => {
    made.contents.set('self.alloy', 'import.file "me" { filename = "self.alloy" }');
    made.contents.set('x.alloy', 'import.file "y" { filename = "y.alloy" }');
    made.contents.set('y.alloy', 'import.file "x" { filename = "x.alloy" }');
    const help = 'imports must end somewhere: remove this one';
    assert.deepEqual(
      await l.told('import.file "a" { filename = "self.alloy" }\nimport.file "b" { filename = "x.alloy" }'),
      [
        `self.alloy:1:1 recursive the module imports itself: import.file "a" -> import.file "me" | ${help}`,
        `y.alloy:1:1 recursive the module imports itself: import.file "b" -> import.file "y" -> import.file "x" | ${help}`,
      ],
    );
  });

  test('one that leads on and on ends', async () => {
    for (let i = 0; i < 30; i++) made.contents.set(`${i}`, `import.file "next" { filename = "${i + 1}" }`);
    assert.deepEqual(await l.told('import.file "a" { filename = "0" }'), [
      '15:1:1 recursive imports are nested more than 16 deep | does a module import itself?',
    ]);
  });

  test('what comes over http may not read files', async () => {
    made.contents.set('http://x', 'import.file "f" { filename = "/etc/passwd" }');
    assert.deepEqual(await l.told('import.http "a" { url = "http://x" }'), [
      'http://x:1:1 misplaced a module that came over import.http may not import files | use import.http here, too',
    ]);
  });

  test('nothing of a secret module is shown', async () => {
    made.contents.set(
      't',
      'declare "m" {\n otelcol.exporter.fake "e" { endpoint = hunter2 + true }\n}\nhunter3 "x" { }',
    );
    const secretModule = (): unknown => ({
      sources: [{ name: 'import.string.ns', bytes: Buffer.from(made.contents.get('t') as string) }],
      path: '',
      secret: true,
    });
    const result = await l.run(
      'import.string "ns" { content = local.fake.t.content }\nlocal.fake "t" {\n name = "t"\n is_secret = true\n}',
      { provide: ({ name }) => Promise.resolve(name === 'local.fake' ? { content: { secret: 'x' } } : secretModule()) },
    );
    const text = diagnosticsText(result);
    assert.match(text, /^import\.string\.ns:2:41: error: a mistake of the kind "unknown_reference"; the text/m);
    assert.doesNotMatch(text, /hunter/);
    assert.doesNotMatch([...result.failed.values()].map(({ message }) => message).join(), /hunter/);
  });
});

describe('only looked at', () => {
  test('what is local is read; what is not is taken for granted', async () => {
    made.contents.set('s.alloy', SINK);
    made.contents.set('http://x', 'nonsense');
    const text = (file: string): string =>
      `import.file "f" { filename = "${file}" }\nimport.http "h" { url = "http://x" }\nimport.string "s" { content = local.fake.t.content }\nlocal.fake "t" { name = "none" }\n`;
    const used = 'f.sink "a" { endpoint = h.any.b.thing }\nh.any "b" { x = 1 + s.other.c.value }\ns.other "c" { }\n';
    assert.deepEqual(await l.looked(text('s.alloy') + used), []);
    assert.deepEqual(
      await l.looked(`${text('s.alloy')}f.sink "a" { endpiont = h.any.b.thing }\nh.any "b" { x = 1 + true }`),
      [
        '5:1 missing missing required argument "endpoint" of custom component "f.sink"',
        '5:14 unknown_name custom component "f.sink" has no argument "endpiont" | did you mean "endpoint"?',
        '6:21 eval true should be one of [number string capsule] for binop +, got bool',
      ],
    );
    assert.deepEqual(await l.looked(text('gone.alloy')), ['1:1 provider import.file.f: there is no gone.alloy']);
    assert.deepEqual(
      made.events.filter((event) => event.startsWith('provide')),
      ['provide import.file.f s.alloy', 'provide import.file.f s.alloy', 'provide import.file.f gone.alloy'],
    );
    assert.equal(made.events.filter((event) => event.startsWith('end')).length, 3);
  });

  test('what a component will give is not known, but its name is', async () => {
    const text = (field: string): string =>
      `local.fake "f" { name = "none" }\notelcol.exporter.fake "e" { endpoint = local.fake.f.${field} + "/v1" }`;
    assert.deepEqual(await l.looked(text('content')), []);
    assert.deepEqual(await l.looked(text('contnet')), [
      '2:53 unknown_name field "contnet" does not exist | did you mean "content"?',
    ]);
    assert.deepEqual(await l.told(text('content')), ['1:1 provider local.fake.f: there is no none']);
    assert.deepEqual(made.events, ['provide local.fake.f none']);
  });
});
