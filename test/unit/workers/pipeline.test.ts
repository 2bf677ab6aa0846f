import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import type { CreateWorkerPart } from '#components/kit/component.ts';
import { systemClock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { loggerOver } from '#shared/log-writer.ts';
import { Outcome } from '#shared/outcome.ts';
import type { Plan, PlanNode, Wires } from '#shared/plan.ts';
import { Registry } from '#shared/registry.ts';
import { TRACES } from '#shared/signal.ts';
import { Pipeline } from '#workers/pipeline/pipeline.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const nowhere: Wires = { traces: [], metrics: [], logs: [] };
const to = (...ids: string[]): Wires => ({ ...nowhere, traces: ids });
const batch: Batch = { signal: TRACES, bytes: Buffer.alloc(0), items: 1, metadata: null, owned: true };

/** Parts that write down what happens to them; `broken` cannot start, `holds` keeps back its flush until let go. */
function world(): { pipeline: Pipeline; events: string[]; letGo: () => void } {
  const events: string[] = [];
  const held = Promise.withResolvers<void>();
  const create: CreateWorkerPart<{ name: string; broken?: boolean; holds?: boolean }> = (args, ctx) => {
    let name = args.name;
    events.push(`create ${name}`);
    return {
      input: {
        consume(b) {
          events.push(`${name} got`);
          return ctx.next.traces.consume(b as Batch);
        },
      },
      start() {
        if (args.broken === true) throw new MillraceError('broken', 'cannot start');
        events.push(`start ${name}`);
      },
      update(next) {
        events.push(`update ${name} ${next.name}`);
        name = next.name;
      },
      async stop() {
        if (args.holds === true) await held.promise;
        await ctx.next.traces.consume(batch);
        events.push(`stop ${name}`);
      },
    };
  };
  const pipeline = new Pipeline({
    workerIndex: 0,
    workerCount: 1,
    log: loggerOver(() => {}),
    clock: systemClock,
    meter: new Registry().meter(),
    load: () => Promise.resolve({ create }),
    health: () => {},
    harvestDue: () => {},
    handOver: () => Promise.resolve(),
    gone: (id) => void events.push(`gone ${id}`),
  });
  return { pipeline, events, letGo: held.resolve };
}

const node = (id: string, next: Wires, args: object = {}): PlanNode => ({
  id,
  component: 'test',
  args: { name: id, ...args },
  next,
});
const plan = (nodes: PlanNode[], first: Wires): Plan => ({
  nodes,
  entries: [{ index: 3, id: 'receiver', next: first }],
});

test('parts start sinks first, data follows the wires, stop goes upstream first', async () => {
  const { pipeline, events } = world();
  await pipeline.apply(plan([node('out', nowhere), node('in', to('out'))], to('in')), 1000);
  assert.deepEqual(events.splice(0), ['create out', 'start out', 'create in', 'start in']);
  assert.equal(pipeline.entry(3, TRACES)?.consume(batch), Outcome.accepted);
  assert.deepEqual(events.splice(0), ['in got', 'out got']);
  assert.equal(pipeline.entry(4, TRACES), undefined);
  await pipeline.stop(1000);
  assert.deepEqual(
    events,
    ['out got', 'stop in', 'stop out'],
    'the flush of the first part reaches the second before that stops',
  );
});

test('a new plan keeps equal nodes, updates changed ones, adds new and flushes removed ones through what they led to', async () => {
  const { pipeline, events } = world();
  await pipeline.apply(plan([node('out', nowhere), node('old', to('out')), node('kept', to('old'))], to('kept')), 1000);
  events.length = 0;
  await pipeline.apply(
    plan([node('out', nowhere, { name: 'out2' }), node('new', to('out')), node('kept', to('new'))], to('kept')),
    1000,
  );
  await settled();
  assert.deepEqual(events.splice(0), [
    'create new',
    'start new',
    'update out out2',
    'out2 got',
    'stop old',
    'gone old',
  ]);
  await pipeline.entry(3, TRACES)?.consume(batch);
  assert.deepEqual(events, ['kept got', 'new got', 'out2 got']);
});

test('a plan that cannot start leaves the present one running', async () => {
  const { pipeline, events } = world();
  await pipeline.apply(plan([node('out', nowhere)], to('out')), 1000);
  events.length = 0;
  await assert.rejects(
    pipeline.apply(
      plan([node('out', nowhere), node('fine', to('out')), node('bad', to('fine'), { broken: true })], to('bad')),
      1000,
    ),
    { code: 'broken', message: 'bad: cannot start' },
  );
  await settled();
  assert.ok(events.includes('stop fine'));
  events.length = 0;
  assert.equal(await pipeline.entry(3, TRACES)?.consume(batch), Outcome.accepted);
  assert.deepEqual(events, ['out got']);
});

test('what a removed part still holds reaches a part that a later plan removes', async () => {
  const { pipeline, events, letGo } = world();
  const holds = node('holds', to('out'), { holds: true });
  await pipeline.apply(plan([node('out', nowhere), holds], to('holds')), 1000);
  await pipeline.apply(plan([node('out', nowhere)], to('out')), 1000);
  await pipeline.apply(plan([node('out2', nowhere)], to('out2')), 1000);
  await settled();
  events.length = 0;
  letGo();
  await settled();
  assert.deepEqual(events, ['out got', 'stop holds', 'gone holds', 'stop out', 'gone out']);
});

test('the end of the pipeline waits for removed parts before it stops what they lead to', async () => {
  const { pipeline, events, letGo } = world();
  await pipeline.apply(plan([node('out', nowhere), node('holds', to('out'), { holds: true })], to('holds')), 1000);
  await pipeline.apply(plan([node('out', nowhere)], to('out')), 1000);
  const stopped = pipeline.stop(1000);
  await settled();
  assert.ok(!events.includes('stop out'));
  letGo();
  await stopped;
  // Once because of the plan, and once more to tell it that it has insisted for long enough.
  assert.deepEqual(events.slice(-6), ['out got', 'out got', 'stop holds', 'stop holds', 'gone holds', 'stop out']);
});

test('an id that comes back while its former part still flushes is not forgotten', async () => {
  const { pipeline, events, letGo } = world();
  const first = plan([node('out', nowhere), node('holds', to('out'), { holds: true })], to('holds'));
  await pipeline.apply(first, 1000);
  await pipeline.apply(plan([node('out', nowhere)], to('out')), 1000);
  await pipeline.apply(first, 1000);
  letGo();
  await settled();
  assert.ok(events.includes('stop holds'));
  assert.ok(!events.includes('gone holds'));
});
