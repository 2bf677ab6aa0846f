import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeComponent, listModule, type Running } from '#main/admin/component-api.ts';
import type { HealthState } from '#main/graph/health.ts';
import { load } from '#main/graph/load.ts';
import { loadOptions, source, world } from '../graph/fakes.ts';

const CONFIG = `
declare "inner" {
  argument "to" { }
  otelcol.processor.fake "p" { output { traces = argument.to.value } }
  export "input" { value = otelcol.processor.fake.p.input }
}
declare "outer" {
  argument "to" { }
  inner "i" { to = argument.to.value }
  otelcol.processor.fake "q" { output { traces = [inner.i.input] } }
  export "input" { value = otelcol.processor.fake.q.input }
}
otelcol.exporter.fake "out" { endpoint = "x" }
outer "o" { to = [otelcol.exporter.fake.out.input] }
otelcol.receiver.fake "in" {
  address = "a"
  output { traces = [outer.o.input, otelcol.exporter.fake.out.input] }
}
foreach "f" {
  collection = ["a", "b"]
  var        = "each"
  template {
    otelcol.exporter.fake "e" { endpoint = each }
  }
}
`;
const { graph, diagnostics } = await load([source(CONFIG)], loadOptions(world().components, 'experimental'));
assert.deepEqual(diagnostics, []);
const unhealthy = new Map<string, HealthState>();
const running = (): Running => ({
  components: (graph?.nodes ?? []).map((node) => ({
    node,
    health: { state: unhealthy.get(node.id) ?? 'healthy', message: '', updatedMs: 0 },
  })),
  modules: (graph?.modules ?? []).map((module) => ({
    module,
    health: { state: 'healthy', message: 'started component', updatedMs: 0 },
  })),
});
const idsIn = (module: string): string[] | undefined =>
  listModule(running(), module)
    ?.map((one) => one.localID)
    .sort();

describe('lists', () => {
  test('the root holds its components and what runs modules', () => {
    assert.deepEqual(idsIn(''), ['foreach.f', 'otelcol.exporter.fake.out', 'otelcol.receiver.fake.in', 'outer.o']);
    const runners = listModule(running(), '')?.filter((one) => one.createdModuleIDs !== undefined);
    assert.deepEqual(
      runners?.map(({ name, label, moduleID, createdModuleIDs }) => [name, label, moduleID, createdModuleIDs]),
      [
        ['outer', 'o', '', ['outer.o']],
        ['foreach', 'f', '', ['foreach.f/foreach_a_1', 'foreach.f/foreach_b_1']],
      ],
    );
  });

  test('modules inside modules, by their ids', () => {
    assert.deepEqual(idsIn('outer.o'), ['inner.i', 'otelcol.processor.fake.q']);
    assert.deepEqual(idsIn('outer.o/inner.i'), ['otelcol.processor.fake.p']);
    assert.deepEqual(idsIn('foreach.f/foreach_b_1'), ['otelcol.exporter.fake.e']);
    const [, inner] = listModule(running(), 'outer.o') ?? [];
    assert.deepEqual([inner.moduleID, inner.createdModuleIDs], ['outer.o', ['outer.o/inner.i']]);
    for (const gone of ['nope', 'outer.o/', 'otelcol.exporter.fake.out', 'foreach.f'])
      assert.equal(listModule(running(), gone), null, gone);
  });

  test('references lead to what the list holds', () => {
    const all = listModule(running(), 'outer.o') ?? [];
    const known = new Set(all.map((one) => one.localID));
    const references = all.flatMap(({ referencesTo, referencedBy }) => [...referencesTo, ...referencedBy]);
    assert.ok(references.length > 0);
    for (const id of references) assert.ok(known.has(id), id);
  });

  test('data flows to ids of the same module', () => {
    const flow = (module: string, id: string): readonly string[] | undefined =>
      listModule(running(), module)?.find((one) => one.localID === id)?.dataFlowEdgesTo;
    assert.deepEqual(flow('', 'otelcol.receiver.fake.in'), ['outer.o', 'otelcol.exporter.fake.out']);
    assert.deepEqual(flow('outer.o', 'otelcol.processor.fake.q'), ['inner.i']);
    assert.deepEqual(flow('outer.o/inner.i', 'otelcol.processor.fake.p'), [], 'it goes out of its module');
  });

  test('what runs a module is as well as what is inside', () => {
    const stateOf = (id: string): string | undefined =>
      listModule(running(), '')?.find((one) => one.localID === id)?.health.state;
    assert.equal(stateOf('outer.o'), 'healthy');
    unhealthy.set('outer.o/inner.i/otelcol.processor.fake.p', 'unhealthy');
    assert.deepEqual([stateOf('outer.o'), stateOf('foreach.f')], ['unhealthy', 'healthy']);
    unhealthy.clear();
  });
});

describe('details', () => {
  test('a component inside modules', () => {
    const detail = describeComponent(running(), 'outer.o/inner.i/otelcol.processor.fake.p');
    assert.deepEqual(
      [detail?.moduleID, detail?.localID, detail?.exports.map(({ name }) => name)],
      ['outer.o/inner.i', 'otelcol.processor.fake.p', ['input']],
    );
  });

  test('an instance has its arguments and exports', () => {
    const detail = describeComponent(running(), 'outer.o');
    assert.deepEqual(detail?.arguments, [
      {
        name: 'to',
        type: 'attr',
        value: { type: 'array', value: [{ type: 'capsule', value: 'capsule("otelcol.Consumer")' }] },
      },
    ]);
    assert.deepEqual(
      detail?.exports.map(({ name }) => name),
      ['input'],
    );
  });

  test('what is not there', () => {
    for (const id of ['', '/', 'nope', 'outer.o/nope', 'nope/otelcol.exporter.fake.out', 'foreach.f/foreach_a_1'])
      assert.equal(describeComponent(running(), id), null, id);
  });
});
