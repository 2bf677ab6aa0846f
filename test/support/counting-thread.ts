/**
 * A worker thread with a component that counts what it gets and hands it over (`test.counter`: each parcel holds up to 100 items
 * as one number), and one that counts what main has made of it (`test.sink`). The counter asks to be harvested at 500 items.
 */
import type { CreateWorkerPart } from '#components/kit/component.ts';
import type { WorkerTask } from '#shared/control.ts';
import { Outcome } from '#shared/outcome.ts';
import { runThread } from '#workers/thread.ts';

const ITEMS_A_PARCEL = 100;
const DUE_ITEMS = 500;

const counter: CreateWorkerPart<unknown> = (_args, ctx) => {
  let items = 0;
  let failsToStop = false;
  return {
    input: {
      consume(batch) {
        items += batch.items;
        if (batch.metadata?.get('x-do')?.[0] === 'crash at the end' && ctx.workerIndex === 0) failsToStop = true;
        if (items >= DUE_ITEMS) ctx.harvestDue();
        if (batch.metadata?.get('x-do')?.[0] === 'crash')
          setImmediate(() => {
            throw new Error('a bug');
          });
        return Outcome.accepted;
      },
    },
    start() {},
    update() {},
    stop() {
      if (failsToStop) throw new Error('a bug at the end');
      return Promise.resolve();
    },
    harvest() {
      const handed = Math.min(items, ITEMS_A_PARCEL);
      items -= handed;
      return handed === 0 ? null : new Uint8Array(Uint32Array.of(handed).buffer);
    },
  };
};

const sink: CreateWorkerPart<unknown> = (_args, ctx) => {
  const seen = ctx.meter.counter({ name: 'test_points_total', help: '' });
  let stopped = false;
  return {
    input: {
      consume(batch) {
        if (stopped) return Outcome.stopping;
        seen.add(batch.items);
        return Outcome.accepted;
      },
    },
    start() {},
    update() {},
    stop() {
      stopped = true;
      return Promise.resolve();
    },
  };
};

const PARTS: Readonly<Record<string, CreateWorkerPart<unknown>>> = { 'test.counter': counter, 'test.sink': sink };

export default (task: WorkerTask): Promise<void> =>
  runThread(task, (component) => Promise.resolve({ create: PARTS[component] }));
