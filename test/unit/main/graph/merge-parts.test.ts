import assert from 'node:assert/strict';
import { test } from 'node:test';
import { body } from '#config/schema/schema.ts';
import { define, type MergePart } from '#components/kit/component.ts';
import type { GraphNode } from '#main/graph/graph.ts';
import { HealthBoard } from '#main/graph/health.ts';
import { MergeParts } from '#main/graph/merge-parts.ts';
import { TRACES } from '#shared/signal.ts';
import { FakeClock, settle } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { RecordingLog } from '#test/support/recording-log.ts';
import { FakeFleet } from './fakes.ts';

const part: MergePart<unknown> = {
  start() {},
  merge() {},
  due() {},
  flush: () => Promise.resolve(),
  update() {},
  stop() {},
  derived: { families: () => [] },
};
const NODE: GraphNode = {
  id: 'test.counter.a',
  label: 'a',
  component: define({
    name: 'test.counter',
    stability: 'experimental',
    summary: '',
    args: body({}),
    accepts: [TRACES],
    merge: () => Promise.resolve({ create: () => part }),
  }),
  span: { file: 'c.alloy', line: 1, col: 1, endLine: 1, endCol: 1 },
  args: {},
  references: [],
  referencedBy: [],
  exports: new Map(),
};

test('a scrape does not wait for ever for a worker that gives no answer', async () => {
  const clock = new FakeClock();
  const fleet = new FakeFleet();
  fleet.harvest = () => new Promise(() => {});
  const meter = new FakeMeter();
  const health = new HealthBoard(clock);
  const parts = new MergeParts({ log: new RecordingLog(), clock, meter, health, fleet, forget: () => {} });
  await parts.bringTo([NODE]);
  let harvested = false;
  void parts.harvest().then(() => (harvested = true));
  await settle();
  assert.equal(harvested, false);
  await clock.advance(5000);
  assert.equal(harvested, true);
  assert.equal(clock.pending, 0);
});
