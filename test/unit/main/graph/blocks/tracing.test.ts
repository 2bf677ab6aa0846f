import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remarksOn } from '#main/graph/blocks/settings.ts';
import { planOf, entryIds, type Graph } from '#main/graph/graph.ts';
import { load } from '#main/graph/load.ts';
import { loadOptions, source, world } from '../fakes.ts';

const SINKS = `
otelcol.exporter.fake "a" { endpoint = "x" }
otelcol.exporter.traces_only "b" { endpoint = "x" }
`;
const loaded = async (text: string): Promise<{ graph: Graph | null; told: string[] }> => {
  const { graph, diagnostics } = await load([source(text)], loadOptions(world().components));
  return { graph, told: diagnostics.map((d) => `${d.span.line}:${d.span.col} ${d.message}`) };
};
const graphOf = async (text: string): Promise<Graph> => {
  const { graph, told } = await loaded(text);
  assert.deepEqual(told, []);
  return graph as Graph;
};

test('write_to is an entry of the plan, like a receiver', async () => {
  const graph = await graphOf(
    `tracing { write_to = [otelcol.exporter.fake.a.input, otelcol.exporter.traces_only.b.input] }${SINKS}`,
  );
  assert.deepEqual(entryIds(graph), ['tracing']);
  assert.deepEqual(planOf(graph, new Map([['tracing', 7]])).entries, [
    {
      index: 7,
      id: 'tracing',
      next: { traces: ['otelcol.exporter.fake.a', 'otelcol.exporter.traces_only.b'], metrics: [], logs: [] },
    },
  ]);
});

test('without write_to there is none', async () => {
  const graph = await graphOf(`tracing { sampling_fraction = 1 }${SINKS}`);
  assert.deepEqual(entryIds(graph), []);
  assert.deepEqual(planOf(graph, new Map()).entries, []);
});

test('mistakes are told at their places', async () => {
  assert.deepEqual((await loaded('tracing { write_to = [otelcol.exporter.fake.gone.input] }')).told, [
    '1:23 component "otelcol.exporter.fake.gone.input" does not exist or is out of scope',
  ]);
  assert.deepEqual((await loaded('tracing { sampler { jaeger_remote { } } }')).told, [
    '1:21 a remote sampler is not available yet: use sampling_fraction of the tracing block',
  ]);
  assert.deepEqual((await loaded('tracing { sampling_fraction = "x" }')).told, [
    '1:31 "x" should be number, got string',
  ]);
});

test('what is accepted and does nothing is remarked on', async () => {
  const remarks = async (text: string): Promise<readonly string[]> => remarksOn((await graphOf(text)).settings);
  assert.deepEqual(await remarks('tracing { }\nlivedebugging { }'), []);
  const told = await remarks('tracing { send_traceparent = true }\nlivedebugging { enabled = true }');
  assert.equal(told.length, 2);
  assert.match(told[0], /livedebugging has no effect/);
  assert.match(told[1], /send_traceparent has no effect/);
});
