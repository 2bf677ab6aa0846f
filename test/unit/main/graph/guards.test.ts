/** What guards do to a controller: their gates in the plan, their life, the end. */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { define, type Component, type Guard, type GuardContext } from '#components/kit/component.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { attr, body, type Infer } from '#config/schema/schema.ts';
import { string } from '#config/schema/types.ts';
import { Controller } from '#main/graph/controller.ts';
import { systemClock } from '#shared/clock.ts';
import { MillraceError } from '#shared/errors.ts';
import { Gate } from '#shared/gate.ts';
import { createLogger } from '#shared/log-writer.ts';
import { Outcome } from '#shared/outcome.ts';
import type { PlanEntry } from '#shared/plan.ts';
import { Registry } from '#shared/registry.ts';
import { SIGNAL_NAMES, TRACES, METRICS, LOGS } from '#shared/signal.ts';
import { FakeFleet, loadOptions, source, world, type World } from './fakes.ts';

const guardArgs = body({ limit: attr(string, { required: true, doc: 'Any.' }), output: outputBlock });
type Args = Infer<typeof guardArgs>;

let made: World;
let fleet: FakeFleet;
let controller: Controller;
let config: string;
let events: string[];
let contexts: Map<string, GuardContext>;

const guarded: Component = define({
  name: 'otelcol.processor.guarded',
  stability: 'generally-available',
  summary: '',
  args: guardArgs,
  accepts: [TRACES, METRICS, LOGS],
  worker: () => Promise.reject(new Error('runs nowhere')),
  guard: () =>
    Promise.resolve({
      create: (args: Args, ctx: GuardContext): Guard<Args> => {
        contexts.set(ctx.id, ctx);
        const say = (what: string): void => void events.push(`${what} ${ctx.id.slice(-1)}`);
        return {
          start: () => say(`start ${args.limit}`),
          update: ({ limit }) => say(`update ${limit}`),
          stop: () => say('stop'),
        };
      },
    }),
});

beforeEach(() => {
  made = world();
  fleet = new FakeFleet();
  events = [];
  contexts = new Map();
  controller = new Controller({
    ...loadOptions(new Map([...made.components, [guarded.name, guarded]])),
    read: () => Promise.resolve([source(config)]),
    fleet,
    apply: () => {},
    registry: new Registry(),
    log: createLogger({ level: 'error', format: 'logfmt', write: () => {}, clock: systemClock }),
    clock: systemClock,
    flags: { httpDriver: 'node', receiveBytes: 1 << 20 },
    memory: () => ({ usedBytes: 3, capacityBytes: 5 }),
  });
});

async function start(text: string): Promise<void> {
  config = text;
  const { graph, diagnostics } = await controller.load();
  assert.deepEqual(diagnostics, []);
  assert.ok(graph !== null);
  await controller.start(graph);
}
async function reload(text: string): Promise<boolean> {
  config = text;
  return (await controller.reload()).applied;
}

const OUT = 'otelcol.exporter.fake "out" { endpoint = "x" }\n';
const to = (...ids: string[]): string =>
  `[${ids.map((id) => (id === 'out' ? 'otelcol.exporter.fake.out.input' : `otelcol.processor.guarded.${id}.input`)).join(', ')}]`;
const guard = (label: string, limit = 'low'): string =>
  `otelcol.processor.guarded "${label}" { limit = "${limit}"\n output { traces = ${to('out')} } }\n`;
const receiver = (output: string, address = ':1'): string =>
  `otelcol.receiver.fake "in" { address = "${address}"\n output { ${output} } }\n`;
const contextOf = (label: string): GuardContext => contexts.get(`otelcol.processor.guarded.${label}`) as GuardContext;
/** Of the plan in force: the receiver's gates, as the labels of those that are closed by closing one guard after the other. */
function gatesOf(signal: (typeof SIGNAL_NAMES)[number]): string[] {
  const entry = fleet.plans.at(-1)?.entries[0] as PlanEntry;
  const gates = (entry.gates?.[signal] ?? []).map((memory) => new Gate(memory));
  return gates.map((gate) => {
    const owner = [...contexts.values()].find((ctx) => {
      ctx.gate.close(Outcome.memoryLimit);
      const same = gate.refusal !== Outcome.accepted;
      ctx.gate.open();
      return same;
    });
    return owner?.id.slice(-1) ?? '(nobody)';
  });
}

describe('a receiver is told of the gates', () => {
  test('that all of a signal goes through, by signal', async () => {
    const output = `traces = ${to('a', 'b')}\n metrics = ${to('a', 'out')}\n logs = ${to('out')}`;
    await start(receiver(output) + guard('a') + guard('b') + OUT);
    assert.deepEqual(SIGNAL_NAMES.map(gatesOf), [['a', 'b'], [], []]);
  });

  test('and workers of the same ones, over reloads', async () => {
    const text = receiver(`traces = ${to('a')}`) + guard('a');
    await start(text + OUT);
    const first = fleet.plans[0]?.nodes.find(({ id }) => id.endsWith('.a'))?.gate;
    assert.ok(await reload(text.replace('low', 'high') + OUT));
    assert.equal(fleet.plans[1]?.nodes.find(({ id }) => id.endsWith('.a'))?.gate, first);
    assert.deepEqual(gatesOf('traces'), ['a']);
  });

  test('not where there are none', async () => {
    await start(receiver(`traces = ${to('out')}`) + OUT);
    assert.equal(fleet.plans[0]?.entries[0]?.gates, undefined);
  });
});

describe('a guard', () => {
  test('starts, is updated when its arguments change, ends when it has left; its gate is open then', async () => {
    const text = receiver(`traces = ${to('a')}`);
    await start(text + guard('a') + guard('b') + OUT);
    contextOf('b').gate.close(Outcome.memoryLimit);
    await reload(text + guard('a', 'high') + OUT);
    assert.deepEqual(events, ['start low a', 'start low b', 'stop b', 'update high a']);
    assert.equal(contextOf('b').gate.refusal, Outcome.accepted);
  });

  test('ends between receivers and workers, and lets through what these still hold', async () => {
    await start(receiver(`traces = ${to('a')}`) + guard('a') + OUT);
    contextOf('a').gate.close(Outcome.memoryLimit);
    await controller.stop(1000);
    assert.deepEqual(events, ['start low a', 'stop a']);
    assert.equal(contextOf('a').gate.refusal, Outcome.accepted);
  });

  test('of a reload that fails is as it was', async () => {
    const before = receiver(`traces = ${to('a')}`) + guard('a');
    await start(before + OUT);
    made.taken.add(':2');
    assert.equal(await reload(receiver(`traces = ${to('b')}`, ':2') + guard('b') + OUT), false);
    assert.deepEqual(events, ['start low a', 'stop a', 'start low b', 'stop b', 'start low a']);
    assert.deepEqual(gatesOf('traces'), ['a']);
    fleet.failNext = new MillraceError('no', 'no');
    assert.equal(await reload(before.replace('low', 'high') + OUT), false);
    assert.deepEqual(events.slice(5), [], 'workers did not follow');
  });

  test('gets the memory of the process, and may collect garbage in all threads', async () => {
    await start(guard('a') + OUT);
    assert.deepEqual(contextOf('a').memory(), { usedBytes: 3, capacityBytes: 5 });
    contextOf('a').collectGarbage();
    assert.deepEqual(fleet.calls, ['start', 'collect garbage']);
  });
});
