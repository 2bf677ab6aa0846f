/**
 * Scenario: workers count what they get, a merge part on main makes metrics of it, which go back to the workers.
 * Guarantees: whatever the number of workers, all that was counted comes out behind the merge part, once, also what is counted last
 * before the end; a worker that dies keeps nobody waiting.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { body } from '#config/schema/schema.ts';
import { define, type CreateMergePart, type Entry } from '#components/kit/component.ts';
import type { GraphNode } from '#main/graph/graph.ts';
import { HealthBoard } from '#main/graph/health.ts';
import { MergeParts } from '#main/graph/merge-parts.ts';
import { Supervisor } from '#main/supervisor/supervisor.ts';
import { systemClock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';
import { isAccepted, Outcome } from '#shared/outcome.ts';
import type { Plan } from '#shared/plan.ts';
import { Registry } from '#shared/registry.ts';
import { METRICS, TRACES } from '#shared/signal.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { makeTraces } from '#test/support/payloads.ts';

const COUNTER = 'test.counter.a';
const PLAN: Plan = {
  nodes: [
    { id: 'test.sink.a', component: 'test.sink', args: {}, next: { traces: [], metrics: [], logs: [] } },
    { id: COUNTER, component: 'test.counter', args: {}, next: { traces: [], metrics: ['test.sink.a'], logs: [] } },
  ],
  entries: [
    { index: 0, id: 'receiver', next: { traces: [COUNTER], metrics: [], logs: [] } },
    { index: 1, id: COUNTER, next: { traces: [], metrics: ['test.sink.a'], logs: [] }, merged: true },
  ],
};

/** What became of the points that a test has emitted. */
const answers: Outcome[] = [];

/** Emits as many points as were counted, when it is asked to flush. */
const create: CreateMergePart<unknown> = (_args, ctx) => {
  let items = 0;
  return {
    start() {},
    merge: (parcel) => void (items += new Uint32Array(parcel.buffer)[0]),
    due: () => void ctx.harvest(),
    async flush() {
      await ctx.harvest();
      const points = numbered(METRICS, 0, items);
      items = 0;
      answers.push(await new Promise<Outcome>((resolve) => ctx.entry.offer(METRICS, points.bytes, null, resolve)));
    },
    update() {},
    stop() {},
  };
};

const NODE: GraphNode = {
  id: COUNTER,
  label: 'a',
  component: define({
    name: 'test.counter',
    stability: 'experimental',
    summary: '',
    args: body({}),
    accepts: [TRACES],
    merge: () => Promise.resolve({ create }),
  }),
  span: { file: 'c.alloy', line: 1, col: 1, endLine: 1, endCol: 1 },
  args: {},
  references: [],
  referencedBy: [],
  exports: new Map(),
};

async function world(t: TestContext, workers: number, ingestThreads = 0) {
  answers.length = 0;
  const registry = new Registry();
  const log = createLogger({ level: 'error', format: 'logfmt', clock: systemClock, write: () => {} });
  const supervisor = new Supervisor({
    workers,
    ringBytes: 1 << 20,
    log,
    clock: systemClock,
    registry,
    threadUrl: new URL('../support/counting-thread.ts', import.meta.url),
    ingest: { threads: ingestThreads, flags: { httpDriver: 'node', receiveBytes: 1 << 24 } },
  });
  const health = new HealthBoard(systemClock);
  const parts = new MergeParts({
    log,
    clock: systemClock,
    meter: registry.meter(),
    health,
    fleet: supervisor,
    forget: () => {},
  });
  t.after(() => supervisor.stop(1000));
  await supervisor.start(PLAN);
  await parts.bringTo([NODE]);
  const points = (): number =>
    registry
      .collect()
      .find((family) => family.name === 'test_points_total')
      ?.series.reduce((n, s) => n + s.value, 0) ?? 0;
  const end = async (deadlineMs = 5000): Promise<void> => {
    parts.ending(deadlineMs);
    await supervisor.stop(deadlineMs);
    parts.stop();
  };
  return { entry: supervisor.entry('receiver'), points, end, parts };
}

const request = makeTraces({ spans: 40, resources: 2, seed: 3 });
const send = (entry: Entry, order?: string): Promise<Outcome> =>
  new Promise((resolve) =>
    entry.offer(TRACES, request, order === undefined ? null : new Map([['x-do', [order]]]), resolve),
  );

for (const workers of [1, 2, 4])
  test(`with ${workers} workers all that was counted comes out, at the latest at the end`, async (t) => {
    const { entry, points, end } = await world(t, workers);
    for (let i = 0; i < 50; i++) assert.equal(await send(entry), Outcome.accepted);
    await end();
    assert.equal(points(), 50 * 40);
    assert.equal(await send(entry), Outcome.stopping);
  });

test('main brings in what it merges beside ingest threads, too', async (t) => {
  const { entry, points, end } = await world(t, 2, 1);
  for (let i = 0; i < 5; i++) assert.equal(await send(entry), Outcome.accepted);
  await end();
  assert.equal(points(), 5 * 40);
});

test('what a changed configuration leaves behind is passed on before it', async (t) => {
  const { entry, points, parts } = await world(t, 2);
  await send(entry);
  await parts.flushAllBut([{ ...NODE, args: { other: true } }]);
  assert.equal(points(), 40);
  await send(entry);
  await parts.flushAllBut([NODE]);
  assert.equal(points(), 40, 'what stays as it is goes on counting');
});

test('a worker that dies loses what it had not handed over, and keeps nobody waiting', async (t) => {
  const { entry, points, end } = await world(t, 2);
  while (!isAccepted(await send(entry))) await new Promise((resolve) => setImmediate(resolve));
  await send(entry, 'crash');
  await end();
  assert.ok(points() <= 80);
});

test('a worker that dies at the end keeps nobody waiting: the others go on, and what is brought in hears that it is over', async (t) => {
  const { entry, end } = await world(t, 2);
  await send(entry, 'crash at the end');
  // Whoever waited for half of the deadline would not come to its end in time.
  await end(600_000);
  assert.deepEqual(answers, [Outcome.stopping]);
});
