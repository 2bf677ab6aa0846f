/**
 * Scenario: configurations with modules that are made up of pieces, and damaged ones. Guarantees: loading never fails but with
 * diagnostics, which name places that exist, in a bounded number; it ends; what has no errors has a graph in which everything
 * comes after what it is wired to, and the same again with what the first load worked out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import { load, type LoadOptions, type LoadResult } from '#main/graph/load.ts';
import { planOf } from '#main/graph/graph.ts';
import { loadOptions, source, world } from '#test/unit/main/graph/fakes.ts';
import { provideOnce } from '#test/unit/main/graph/told.ts';

const made = world();
const label = fc.constantFrom('a', 'b', 'm', 'n');
const own = fc.nat(99).map((n) => `l${n}`);
const text = fc.constantFrom(
  '"x"',
  '"x"',
  '"x"',
  'argument.a.value',
  'each',
  'module_path',
  'local.fake.a.content',
  'nope("x")',
);
const input = fc.oneof(
  label.map((of) => `otelcol.exporter.fake.${of}.input`),
  label.map((of) => `otelcol.processor.fake.${of}.input`),
  fc.tuple(fc.constantFrom('m', 'n', 'a.m'), label).map(([name, of]) => `${name}.${of}.input`),
  fc.constant('argument.b.value'),
);
const inputs = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.array(input, { maxLength: 2 }).map((all) => all.join(', ')) },
);
const items = fc.constantFrom(
  '[]',
  '["x"]',
  '["x", "y", "x"]',
  '[1, { a = 2 }]',
  'argument.a.value',
  'local.fake.a.content',
);
const block = (name: string, of: string, inside: string): string => `${name} "${of}" {\n${inside}\n}`;

const { body } = fc.letrec<{ body: string; statement: string }>((tie) => ({
  body: fc.array(tie('statement'), { maxLength: 6 }).map((statements) => statements.join('\n')),
  statement: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.tuple(fc.oneof(label, own), text).map(([of, to]) => block('otelcol.exporter.fake', of, `endpoint = ${to}`)),
    fc
      .tuple(fc.oneof(label, own), text, inputs)
      .map(([of, size, to]) => block('otelcol.processor.fake', of, `size = ${size}\noutput { traces = [${to}] }`)),
    fc
      .tuple(fc.oneof(label, own), inputs)
      .map(([of, to]) => block('otelcol.receiver.fake', of, `output { traces = [${to}] }`)),
    label.map((of) => block('local.fake', of, 'name = "text"')),
    fc
      .tuple(fc.constantFrom('m', 'n', 'a.m', 'b.n'), fc.oneof(label, own), fc.constantFrom('', '', 'a = "y"', 'c = 1'))
      .map(([name, of, given]) => block(name, of, given)),
    fc
      .tuple(label, fc.constantFrom('s', 't', 'gone'))
      .map(([of, file]) => block('import.file', of, `filename = "${file}"`)),
    fc
      .tuple(label, fc.boolean(), tie('body'))
      .map(([of, exported, inner]) =>
        block(
          'declare',
          of,
          [
            'argument "a" {\noptional = true\ndefault = "z"\n}',
            'argument "b" {\noptional = true\ndefault = []\n}',
            exported
              ? 'otelcol.exporter.fake "in" { endpoint = "x" }\nexport "input" { value = otelcol.exporter.fake.in.input }'
              : '',
            inner,
          ].join('\n'),
        ),
      ),
    fc
      .tuple(fc.oneof(label, own), items, tie('body'))
      .map(([of, collection, inner]) =>
        block('foreach', of, `collection = ${collection}\nvar = "each"\ntemplate {\n${inner}\n}`),
      ),
    fc.constantFrom('x = 1', 'logging { }', 'remotecfg { }', 'export "x" { value = 1 }', 'loki.write "x" { }'),
  ),
}));

const options: LoadOptions = {
  ...loadOptions(made.components, 'experimental'),
  imports: made.imports,
  maxNodes: 2000,
};

function check(result: LoadResult): void {
  assert.ok(result.diagnostics.length <= MAX_FINDINGS);
  for (const { span } of result.diagnostics) {
    const lines = result.texts.get(span.file)?.split('\n');
    assert.ok(lines !== undefined && span.line >= 1 && span.line <= lines.length, `${span.file}:${span.line}`);
  }
  const { graph } = result;
  assert.equal(
    graph === null,
    result.diagnostics.some(({ severity }) => severity === 'error'),
  );
  if (graph === null) return;
  const before = new Set<string>();
  for (const { id, next } of planOf(graph, new Map()).nodes) {
    for (const to of next.traces) assert.ok(before.has(to), `${to} comes after ${id}`);
    assert.ok(!before.has(id));
    before.add(id);
  }
}

async function loadAll(config: string, module: string): Promise<void> {
  made.contents.set('s', module).set('t', 'declare "m" {\n export "input" { value = 1 }\n}').set('text', 'x');
  const sources = [source(config)];
  check(await load(sources, options));
  const first = await load(sources, { ...options, provide: provideOnce });
  check(first);
  const again = await load(sources, { ...options, provide: provideOnce, memo: first.memo });
  check(again);
  assert.deepEqual(
    again.graph?.nodes.map(({ id, args }) => [id, args]),
    first.graph?.nodes.map(({ id, args }) => [id, args]),
  );
}

test('configurations made of pieces', async () => {
  await fc.assert(fc.asyncProperty(body, body, loadAll), { numRuns: 400 });
});

test('damaged configurations', async () => {
  const damaged = fc.tuple(body, fc.nat(), fc.nat(30), fc.string({ maxLength: 4 })).map(([text, at, length, put]) => {
    const from = text.length === 0 ? 0 : at % text.length;
    return text.slice(0, from) + put + text.slice(from + length);
  });
  await fc.assert(fc.asyncProperty(damaged, damaged, loadAll), { numRuns: 300 });
});
