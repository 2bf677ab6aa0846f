/** Orders to the parts of an ingest thread: their order, and what the end of the thread does with parts that still answer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CreateMainPart } from '#components/kit/component.ts';
import { Parts } from '#ingest/parts.ts';
import { Registry } from '#shared/registry.ts';
import type { PartOrder } from '#shared/control.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';

function world(): {
  parts: Parts;
  events: string[];
  drained: PromiseWithResolvers<void>;
  started: PromiseWithResolvers<void>;
} {
  const events: string[] = [];
  const drained = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const create: CreateMainPart<string> = (args) => ({
    start: async () => {
      if (args === 'slow') await started.promise;
      events.push(`start ${args}`);
    },
    update: async (next) => void events.push(`update ${next}`),
    vacate: async (next) => void events.push(`vacate ${next}`),
    stop: async (deadlineMs) => {
      events.push(`stop ${args} ${deadlineMs}`);
      if (deadlineMs > 0) await drained.promise;
    },
  });
  const parts = new Parts({
    task: { ingestIndex: 0, flags: { httpDriver: 'node', receiveBytes: 1 << 20 } },
    producer: { entry: () => ({ has: () => true, admit: () => 0, offer: (_s, _b, _m, done) => done(0, 0) }) },
    meter: new Registry().meter(),
    clock: new FakeClock(),
    load: () => Promise.resolve({ create }),
    send: () => {},
    gone: (id) => void events.push(`gone ${id}`),
  });
  return { parts, events, drained, started };
}

const order = (what: 'start' | 'update', args: string): PartOrder => ({
  do: what,
  component: 'x',
  args,
  known: [],
  quiet: false,
});

test('orders to one part come one after the other; one that is stopped while it starts is stopped then', async () => {
  const { parts, events, started } = world();
  void parts.carryOut('a', order('start', 'slow'));
  void parts.carryOut('a', { do: 'vacate', args: null });
  const stopped = parts.carryOut('a', { do: 'stop', deadlineMs: 0, removed: true });
  await settle();
  assert.deepEqual(events, []);
  started.resolve();
  assert.deepEqual(await stopped, []);
  assert.deepEqual(events, ['start slow', 'vacate null', 'stop slow 0', 'gone a']);
});

test('a part that still answers holds up neither its successor nor, at its end, the thread', async () => {
  const { parts, events, drained } = world();
  await parts.carryOut('a', order('start', '1'));
  const removed = parts.carryOut('a', { do: 'stop', deadlineMs: 30_000, removed: true });
  await parts.carryOut('a', order('start', '2'));
  assert.deepEqual(events, ['start 1', 'stop 1 30000', 'start 2']);
  await parts.stopAll(0);
  assert.deepEqual(events.slice(3), ['stop 2 0', 'stop 1 0']);
  drained.resolve();
  await removed;
  assert.deepEqual(events.slice(5), ['gone a']);
});

test('what counted for a part is kept while another of its id runs', async () => {
  const { parts, events, drained } = world();
  await parts.carryOut('a', order('start', '1'));
  const removed = parts.carryOut('a', { do: 'stop', deadlineMs: 30_000, removed: true });
  await parts.carryOut('a', order('start', '2'));
  drained.resolve();
  await removed;
  assert.ok(!events.includes('gone a'));
});
