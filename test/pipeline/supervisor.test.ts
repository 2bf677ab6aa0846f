/**
 * Scenario: real worker threads under the supervisor, with a component that crashes, holds or waits on demand.
 * Guarantees: every request is answered exactly once whatever happens to its worker, a dead worker comes back, what it held
 * is counted, counters never go down, and stop drains.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Entry } from '#components/kit/component.ts';
import { Supervisor } from '#main/supervisor/supervisor.ts';
import { systemClock, type Clock } from '#shared/clock.ts';
import { createLogger } from '#shared/log-writer.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Plan } from '#shared/plan.ts';
import { Registry } from '#shared/registry.ts';
import { TRACES } from '#shared/signal.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { makeTraces } from '#test/support/payloads.ts';

const plan = (args: object = {}): Plan => ({
  nodes: [{ id: 'test.sink.a', component: 'test.sink', args, next: { traces: [], metrics: [], logs: [] } }],
  entries: [{ index: 0, id: 'receiver', next: { traces: ['test.sink.a'], metrics: [], logs: [] } }],
});

function fleet(
  t: TestContext,
  workers: number,
  clock: Clock = systemClock,
): { supervisor: Supervisor; registry: Registry; lines: string[]; health: string[] } {
  const registry = new Registry();
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'logfmt',
    clock,
    write: (line) => void lines.push(line),
  });
  const threadUrl = new URL('../support/scripted-thread.ts', import.meta.url);
  const supervisor = new Supervisor({ workers, ringBytes: 1 << 20, log, clock, registry, threadUrl });
  const health: string[] = [];
  supervisor.onHealth((h) => health.push(`${h.place} ${h.state}`));
  t.after(() => supervisor.stop(1000));
  return { supervisor, registry, lines, health };
}

const send = (entry: Entry, order?: string): Promise<[Outcome, number]> =>
  new Promise((resolve) =>
    entry.offer(TRACES, request, order === undefined ? null : new Map([['x-do', [order]]]), (outcome, items) =>
      resolve([outcome, items]),
    ),
  );
const request = makeTraces({ spans: 40, resources: 2, seed: 3 });

/** Sends until the answer is `accepted`: a restarting worker refuses meanwhile. */
async function sendUntilAccepted(entry: Entry): Promise<void> {
  while ((await send(entry))[0] !== Outcome.accepted) await new Promise((resolve) => setImmediate(resolve));
}

const total = (registry: Registry, name: string): number =>
  registry
    .collect()
    .find((f) => f.name === name)
    ?.series.reduce((n, s) => n + s.value, 0) ?? 0;

test('requests are answered by 1 and by 3 workers, and stop drains what waits', async (t) => {
  for (const workers of [1, 3]) {
    const { supervisor, registry } = fleet(t, workers);
    await supervisor.start(plan());
    const entry = supervisor.entry('receiver');
    assert.ok(entry.has(TRACES));
    for (let i = 0; i < 50; i++) assert.deepEqual(await send(entry), [Outcome.accepted, 40]);
    await supervisor.stop(5000);
    assert.equal(total(registry, 'test_items_total'), 50 * 40);
    assert.deepEqual(await send(entry), [Outcome.stopping, 40]);
  }
});

test('a worker that dies: its requests are answered retryable, its loss is counted, its successor works', async (t) => {
  const { supervisor, registry, lines, health } = fleet(t, 2);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  assert.deepEqual(await send(entry, 'hold'), [Outcome.accepted, 40]);
  const before = total(registry, 'test_items_total');
  // The request is shared by both workers, so both die.
  assert.deepEqual(await send(entry, 'crash'), [Outcome.workerLost, 40]);
  await sendUntilAccepted(entry);
  assert.equal(total(registry, 'millrace_worker_restarts_total'), 2);
  assert.equal(total(registry, 'millrace_worker_lost_items_total'), 40);
  // Counters go on from where the dead workers left them. A new worker's declarations come over another way than its answer.
  while (total(registry, 'test_items_total') < before + 80) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(lines.some((l) => l.includes('a worker died') && l.includes('error="a bug"')));
  assert.ok(health.includes('worker 0 unhealthy') && health.includes('worker 1 unhealthy'));
});

test('a component that cannot start makes start reject with its error', async (t) => {
  const { supervisor } = fleet(t, 2);
  await assert.rejects(supervisor.start(plan({ broken: true })), { message: 'test.sink.a: cannot start' });
});

test('apply: a good plan goes to every worker, an entry that is gone refuses', async (t) => {
  const { supervisor } = fleet(t, 2);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  await supervisor.apply({ ...plan({ x: 1 }), entries: [] });
  assert.deepEqual(await send(entry), [Outcome.notReady, 0]);
  await supervisor.apply(plan());
  assert.deepEqual(await send(entry), [Outcome.accepted, 40]);
});

test('stop answers requests that only the end of their component can answer', async (t) => {
  const { supervisor } = fleet(t, 1);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  const waiting = send(entry, 'wait');
  await supervisor.stop(5000);
  assert.deepEqual(await waiting, [Outcome.accepted, 40]);
});

test('stop ends workers that do not drain in time', async (t) => {
  const { supervisor, lines } = fleet(t, 1);
  await supervisor.start(plan());
  assert.deepEqual(await send(supervisor.entry('receiver'), 'stick'), [Outcome.accepted, 40]);
  await supervisor.stop(700);
  assert.ok(lines.some((l) => l.includes('did not drain in time')));
});

test('a plan that takes away a component which cannot stop does not hold up the data', async (t) => {
  const { supervisor } = fleet(t, 1);
  const [node] = plan().nodes;
  await supervisor.start({ ...plan(), nodes: [node, { ...node, id: 'test.sink.b' }] });
  const entry = supervisor.entry('receiver');
  assert.deepEqual(await send(entry, 'stick'), [Outcome.accepted, 40]);
  const other = { ...node, id: 'test.sink.b' };
  await supervisor.apply({
    nodes: [other],
    entries: [{ index: 0, id: 'receiver', next: { traces: [other.id], metrics: [], logs: [] } }],
  });
  assert.deepEqual(await send(entry), [Outcome.accepted, 40]);
  await supervisor.stop(600);
});

test('plans that follow each other while a worker starts are carried out in order', async (t) => {
  const { supervisor, registry } = fleet(t, 1);
  const [node] = plan().nodes;
  const three = ['a', 'b', 'c'].map((name) => ({ ...node, id: `test.sink.${name}` }));
  const started = supervisor.start(plan());
  const applied = supervisor.apply({
    nodes: three,
    entries: [{ index: 0, id: 'receiver', next: { traces: three.map((n) => n.id), metrics: [], logs: [] } }],
  });
  await Promise.all([started, applied]);
  assert.deepEqual(await send(supervisor.entry('receiver')), [Outcome.accepted, 40]);
  while (total(registry, 'test_items_total') < 120) await new Promise((resolve) => setImmediate(resolve));
});

test('reloads go on after a worker has died in the middle of one', async (t) => {
  const { supervisor } = fleet(t, 1);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  void send(entry, 'crash');
  for (let i = 0; i < 50; i++) {
    // Refused while the worker is down is fine; not being answered is not.
    await supervisor.apply(plan({ i })).catch(() => null);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await sendUntilAccepted(entry);
});

test('a plan that kills workers is taken back, and those that come back run the former one', async (t) => {
  const { supervisor } = fleet(t, 2);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  await assert.rejects(supervisor.apply(plan({ bug: true })), {
    name: 'MillraceError',
    code: 'worker_lost',
    message: 'a worker died: a bug',
  });
  await sendUntilAccepted(entry);
  await supervisor.apply(plan({ fine: true }));
  assert.deepEqual(await send(entry), [Outcome.accepted, 40]);
});

test('while a plan fails, receivers offer what both plans take, and then what the former one takes', async (t) => {
  const { supervisor } = fleet(t, 1);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  const [node] = plan({ broken: true }).nodes;
  const next: Plan = { nodes: [{ ...node, id: 'test.sink.b' }], entries: [] };
  const applied = assert.rejects(supervisor.apply(next), { code: 'broken' });
  assert.deepEqual(await send(entry), [Outcome.notReady, 0], 'as a whole, before workers differ');
  await applied;
  assert.deepEqual(await send(entry), [Outcome.accepted, 40]);
});

test('a worker that is stuck fails a plan in bounded time; when it goes on it has both plans behind it', async (t) => {
  const clock = new FakeClock();
  const { supervisor } = fleet(t, 2, clock);
  await supervisor.start(plan());
  const entry = supervisor.entry('receiver');
  const stuck = { code: 'worker_stuck', message: /^worker \d has not taken on the configuration within 10 s$/ };
  const applied = assert.rejects(supervisor.apply(plan({ blockMs: 1500 })), stuck);
  await clock.advance(10_000);
  await clock.advance(1);
  await applied;
  const again = assert.rejects(supervisor.apply(plan({ x: 1 })), stuck);
  await clock.advance(1);
  await again;
  assert.deepEqual(await send(entry), [Outcome.accepted, 40]);
  await supervisor.apply(plan({ x: 2 }));
});

test('garbage is collected in every worker on demand, also in one without work', async (t) => {
  const { supervisor, registry } = fleet(t, 2);
  await supervisor.start(plan());
  assert.deepEqual(await send(supervisor.entry('receiver'), 'litter'), [Outcome.accepted, 40]);
  supervisor.collectGarbage();
  while (total(registry, 'test_collected_total') < 2) await new Promise((resolve) => setImmediate(resolve));
});
