import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry, ThreadMeter } from '#shared/registry.ts';

const threaded = (registry: Registry, name: string): ThreadMeter => new ThreadMeter((d) => registry.declare(name, d));

test('counters of several threads are one series, labels tell series apart', () => {
  const registry = new Registry();
  for (const [thread, n] of [
    ['a', 2],
    ['b', 5],
  ] as const) {
    const meter = threaded(registry, thread).with({ component_id: 'x' });
    meter.counter({ name: 'spans_total', help: 'h' }, { transport: 'grpc' }).add(n);
    meter.counter({ name: 'spans_total', help: 'h' }, { transport: 'http' }).add(1);
  }
  const [family] = registry.collect();
  assert.deepEqual(family?.series, [
    { labels: { component_id: 'x', transport: 'grpc' }, value: 7 },
    { labels: { component_id: 'x', transport: 'http' }, value: 2 },
  ]);
});

test('declaring a series again continues it', () => {
  const registry = new Registry();
  const meter = threaded(registry, 'a');
  meter.counter({ name: 'c_total', help: '' }).add(1);
  meter.counter({ name: 'c_total', help: '' }).add(1);
  assert.equal(registry.collect()[0]?.series[0]?.value, 2);
});

test('a retired thread keeps its counters in the totals and takes its gauges away', () => {
  const registry = new Registry();
  const meter = threaded(registry, 'a');
  meter.counter({ name: 'c_total', help: '' }).add(3);
  meter.gauge({ name: 'held', help: '' }).set(9);
  meter.histogram({ name: 'h', help: '', bounds: [1, 2] }).observe(1.5);
  assert.equal(registry.sum('a', 'held'), 9);
  registry.retire('a');
  registry.retire('a');
  const next = threaded(registry, 'a2');
  next.counter({ name: 'c_total', help: '' }).add(4);
  const families = registry.collect();
  assert.deepEqual(
    families.map((f) => f.name),
    ['c_total', 'h'],
  );
  assert.equal(families[0]?.series[0]?.value, 7);
  assert.equal(families[1]?.series[0]?.count, 1);
});

test('gauges merge as declared', () => {
  const registry = new Registry();
  for (const [thread, v] of [
    ['a', 2],
    ['b', 5],
  ] as const) {
    threaded(registry, thread).gauge({ name: 'sum', help: '' }).set(v);
    threaded(registry, thread).gauge({ name: 'max', help: '', merge: 'max' }).set(v);
  }
  assert.deepEqual(
    registry.collect().map((f) => [f.name, f.series[0]?.value]),
    [
      ['max', 5],
      ['sum', 7],
    ],
  );
});

test('histogram buckets are cumulative and end with +Inf', () => {
  const registry = new Registry();
  const histogram = registry.meter().histogram({ name: 'h', help: '', bounds: [1, 10] });
  for (const v of [0.5, 1, 5, 11]) histogram.observe(v);
  assert.deepEqual(registry.collect()[0]?.series[0], {
    labels: {},
    value: 0,
    count: 4,
    sum: 17.5,
    buckets: [
      { le: 1, count: 2 },
      { le: 10, count: 3 },
      { le: Infinity, count: 4 },
    ],
  });
});

test('more series than one chunk of slots holds', () => {
  const registry = new Registry();
  const meter = registry.meter();
  for (let i = 0; i < 2000; i++) meter.counter({ name: 'c_total', help: '' }, { i: String(i) }).add(i);
  const series = registry.collect()[0]?.series ?? [];
  assert.equal(series.length, 2000);
  assert.ok(series.every((s) => s.value === Number(s.labels['i'])));
});
