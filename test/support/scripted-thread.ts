/**
 * A worker thread whose one component does what a request's metadata says, so that tests can see a worker die:
 *
 *     x-do: crash    throws outside of the call, as a bug would, while the request is unanswered
 *     x-do: hold     takes the request and keeps its items in memory for ever
 *     x-do: wait     answers only when the part is stopped
 *     x-do: stick    accepts, and the part never stops
 *     x-do: litter   accepts, and leaves an object to be collected, which is counted then
 *     (none)         accepts
 *
 * Arguments: `broken` cannot start; an update to `blockMs` stops the whole thread for so long, one to `bug` throws what is no
 * MillraceError.
 */
import type { CreateWorkerPart } from '#components/kit/component.ts';
import type { WorkerTask } from '#shared/control.ts';
import { MillraceError } from '#shared/errors.ts';
import { Outcome } from '#shared/outcome.ts';
import { runThread } from '#workers/thread.ts';

interface ScriptedArgs {
  readonly broken?: boolean;
  readonly blockMs?: number;
  readonly bug?: boolean;
}

const create: CreateWorkerPart<ScriptedArgs> = (args, ctx) => {
  const seen = ctx.meter.counter({ name: 'test_items_total', help: '' });
  const held = ctx.meter.gauge({ name: 'millrace_component_held_items', help: '' });
  const collected = ctx.meter.counter({ name: 'test_collected_total', help: '' });
  const litter = new FinalizationRegistry(() => collected.add(1));
  const waiting: ((o: Outcome) => void)[] = [];
  let sticks = false;
  return {
    input: {
      consume(batch) {
        const order = batch.metadata?.get('x-do')?.[0];
        seen.add(batch.items);
        if (order === 'hold') held.add(batch.items);
        if (order === 'stick') sticks = true;
        if (order === 'litter') litter.register({ nobody: 'holds it' }, null);
        if (order === 'wait') return new Promise((resolve) => waiting.push(resolve));
        if (order === 'crash') {
          setImmediate(() => {
            throw new Error('a bug');
          });
          return new Promise(() => {});
        }
        return Outcome.accepted;
      },
    },
    start() {
      if (args.broken === true) throw new MillraceError('broken', 'cannot start');
    },
    update({ blockMs = 0, bug = false }) {
      if (blockMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
      if (!bug) return Promise.resolve();
      setImmediate(() => {
        throw new Error('a bug');
      });
      return new Promise(() => {});
    },
    stop() {
      for (const resolve of waiting) resolve(Outcome.accepted);
      return sticks ? new Promise(() => {}) : Promise.resolve();
    },
  };
};

export default (task: WorkerTask): Promise<void> => runThread(task, () => Promise.resolve({ create }));
