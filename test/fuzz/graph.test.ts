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
import { loadOptions, source, world } from '../unit/main/graph/fakes.ts';
import { provideOnce } from '../unit/main/graph/told.ts';

const made = world();
const LABELS = ['a', 'b', 'm', 'n'];
const label = fc.constantFrom(...LABELS);
const reference = fc.oneof(
  fc
    .tuple(fc.constantFrom('otelcol.exporter.fake', 'otelcol.processor.fake', 'm', 'n', 'a.m', 'local.fake'), label)
    .chain(([name, of]) => fc.constantFrom('input', 'content', 'x').map((field) => `${name}.${of}.${field}`)),
  label.map((of) => `argument.${of}.value`),
  fc.constantFrom('each', '"text"', '1', '[]', '["x", "y"]', 'module_path', 'sys.env("A")', 'nope("x")'),
);
const attribute = fc
  .tuple(fc.constantFrom('endpoint', 'size', 'name', 'a', 'b', 'value', 'optional', 'collection', 'var'), reference)
  .map(([name, value]) => `${name} = ${value}`);
const output = fc.array(reference, { maxLength: 2 }).map((refs) => `output { traces = [${refs.join(', ')}] }`);

const { body } = fc.letrec<{ body: string; statement: string }>((tie) => ({
  body: fc.array(tie('statement'), { maxLength: 5 }).map((statements) => statements.join('\n')),
  statement: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    attribute,
    fc
      .tuple(fc.constantFrom('otelcol.exporter.fake', 'otelcol.processor.fake', 'local.fake'), label, attribute, output)
      .map(([name, of, attr, out]) => `${name} "${of}" {\n${attr}\n${name.includes('processor') ? out : ''}\n}`),
    fc
      .tuple(fc.constantFrom('m', 'n', 'a.m', 'b.n'), label, attribute)
      .map(([name, of, attr]) => `${name} "${of}" {\n${attr}\n}`),
    fc
      .tuple(fc.constantFrom('argument', 'export'), label, attribute)
      .map(([name, of, attr]) => `${name} "${of}" {\n${attr}\n}`),
    fc
      .tuple(label, fc.constantFrom('s', 't', 'gone'))
      .map(([of, file]) => `import.file "${of}" { filename = "${file}" }`),
    fc.tuple(label, tie('body')).map(([of, inner]) => `declare "${of}" {\n${inner}\n}`),
    fc
      .tuple(label, reference, tie('body'))
      .map(
        ([of, items, inner]) => `foreach "${of}" {\ncollection = ${items}\nvar = "each"\ntemplate {\n${inner}\n}\n}`,
      ),
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

async function loadAll(text: string, module: string): Promise<void> {
  made.contents.set('s', module).set('t', 'declare "m" {\n export "input" { value = 1 }\n}').set('text', 'x');
  const sources = [source(text)];
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
