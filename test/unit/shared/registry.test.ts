import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry, ThreadMeter } from '#shared/registry.ts';

const threaded = (registry: Registry, name: string): ThreadMeter =>
  new ThreadMeter(
    (d) => registry.declare(name, d),
    (labels) => registry.forget(name, labels),
  );

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

test('a total is over all threads that run, and all their series of the name', () => {
  const registry = new Registry();
  for (const [thread, value] of [
    ['a', 2],
    ['b', 5],
  ] as const)
    for (const label of ['x', 'y']) threaded(registry, thread).gauge({ name: 'g', help: '' }, { label }).set(value);
  assert.equal(registry.total('g'), 14);
  registry.retire('b');
  assert.equal(registry.total('g'), 4);
  assert.equal(registry.total('other'), 0);
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

const GONE = { component_id: 'gone' };
const values = (registry: Registry): readonly (readonly [string, number])[] =>
  registry
    .collect()
    .flatMap((f) => f.series.map((s) => [`${f.name} ${s.labels['component_id']}`, s.value] as const))
    .sort(([a], [b]) => (a < b ? -1 : 1));

test('series of a component that is gone vanish when the last thread has forgotten it, and never shrink before', () => {
  const registry = new Registry();
  const [a, b] = ['a', 'b'].map((name) => threaded(registry, name));
  for (const meter of [a, b]) {
    for (const id of ['gone', 'kept']) {
      meter.with({ component_id: id }).counter({ name: 'c_total', help: '' }).add(2);
      meter.with({ component_id: id }).gauge({ name: 'g', help: '' }).set(3);
    }
  }
  a?.forget(GONE);
  assert.deepEqual(values(registry), [
    ['c_total gone', 4],
    ['c_total kept', 4],
    ['g gone', 3],
    ['g kept', 6],
  ]);
  b?.forget(GONE);
  assert.deepEqual(values(registry), [
    ['c_total kept', 4],
    ['g kept', 6],
  ]);
});

test('what was lost stays when its component is gone, unless it is nothing', () => {
  const registry = new Registry();
  const meter = threaded(registry, 'a');
  const lost = (reason: string): void =>
    meter
      .with(GONE)
      .counter({ name: 'lost_total', help: '', lasting: true }, { reason })
      .add(reason === 'none' ? 0 : 5);
  lost('some');
  lost('none');
  meter.forget(GONE);
  assert.deepEqual(values(registry), [['lost_total gone', 5]]);
  lost('some');
  assert.deepEqual(values(registry), [['lost_total gone', 10]], 'it goes on where it was');
  registry.retire('a');
  registry.forget('a', GONE);
  assert.deepEqual(values(registry), [['lost_total gone', 10]]);
});

test('forgotten slots are used again, from zero, and late counts of their former owner do not touch them', () => {
  const registry = new Registry();
  const meter = threaded(registry, 'a');
  const declare = (id: string): { add(n: number): void; observe(n: number): void } => {
    const of = meter.with({ component_id: id });
    const counter = of.counter({ name: 'c_total', help: '' });
    const histogram = of.histogram({ name: 'h', help: '', bounds: [1, 2] });
    return { add: (n) => counter.add(n), observe: (n) => histogram.observe(n) };
  };
  const memories = new Set<SharedArrayBuffer>();
  const declared = registry.declare.bind(registry);
  registry.declare = (thread, d) => {
    memories.add(d.memory);
    declared(thread, d);
  };
  for (let i = 0; i < 1000; i++) {
    const late = declare(String(i));
    late.add(7);
    late.observe(1);
    meter.forget({ component_id: String(i) });
    const next = declare('next');
    late.add(1);
    late.observe(1);
    next.add(1);
    meter.forget({ component_id: 'next' });
  }
  declare('last').add(1);
  const [counters, histograms] = registry.collect();
  assert.deepEqual(
    counters?.series.map((s) => s.value),
    [1],
  );
  assert.equal(histograms?.series[0]?.count, 0);
  assert.equal(memories.size, 1);
});
