/**
 * A worker thread: one whole copy of the pipeline behind one ring from each producer. Started by `main/supervisor` as one endless task; the
 * task ends when main says stop, and a bug that throws ends the thread (the supervisor starts another).
 */
import { systemClock } from '#shared/clock.ts';
import { collectGarbage } from '#shared/collect-garbage.ts';
import type { FromWorker, ToWorker, WorkerTask } from '#shared/control.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import { loggerOver } from '#shared/log-writer.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { Plan } from '#shared/plan.ts';
import { ThreadMeter } from '#shared/registry.ts';
import { startThreadProbe } from '#shared/thread-probe.ts';
import { loadWorkerPart } from '#components/worker-list.ts';
import { LaneSet } from './lanes/lane-set.ts';
import { HandOvers } from './pipeline/hand-overs.ts';
import { Pipeline, type PipelineOptions } from './pipeline/pipeline.ts';

/** How long a part that a reload took away may flush. */
const REMOVED_PART_DEADLINE_MS = 30_000;

export default function thread(task: WorkerTask): Promise<void> {
  return runThread(task, loadWorkerPart);
}

/** The thread's life over any set of components: `load` finds a component's worker part by name. */
export async function runThread(task: WorkerTask, load: PipelineOptions['load']): Promise<void> {
  const send = (message: FromWorker): void => task.port.postMessage(message);
  const log = loggerOver((level, message, fields) => send({ type: 'log', level, message, fields }));
  const meter = new ThreadMeter(
    (declaration) => send({ type: 'metric', declaration }),
    (labels) => send({ type: 'forgotten', labels }),
  );
  const stopProbe = startThreadProbe(meter, systemClock, `worker-${task.workerIndex}`);
  const handOvers = new HandOvers((nodeId) => send({ type: 'finishing', nodeId }), systemClock);
  const pipeline = new Pipeline({
    workerIndex: task.workerIndex,
    workerCount: task.workerCount,
    log,
    clock: systemClock,
    meter,
    load,
    health: (nodeId, state, message) => send({ type: 'health', nodeId, state, message }),
    harvestDue: (nodeId) => send({ type: 'due', nodeId }),
    handOver: (nodeId, deadlineMs) => handOvers.begin(nodeId, deadlineMs),
    gone: (nodeId) => meter.forget(nodeLabels(nodeId)),
  });
  const lanes = new LaneSet(pipeline);
  task.lanes.forEach((rings, producer) => rings !== null && lanes.attach(producer, rings));

  const apply = async (plan: Plan): Promise<boolean> => {
    await pipeline.prepare(plan);
    lanes.pause();
    try {
      await pipeline.apply(plan, REMOVED_PART_DEADLINE_MS);
      send({ type: 'applied', error: null });
      return true;
    } catch (thrown) {
      if (!(thrown instanceof MillraceError)) throw thrown;
      send({ type: 'applied', error: { code: thrown.code, message: errorText(thrown) } });
      return false;
    } finally {
      lanes.resume();
    }
  };

  // The port's handle also keeps the thread alive: Atomics.waitAsync does not.
  let stopAt = 0;
  const stopOrdered = Promise.withResolvers<void>();
  const first = apply(task.plan);
  let changes: Promise<unknown> = first;
  task.port.on('message', (message: ToWorker) => {
    if (message.type === 'apply') changes = changes.then(() => apply(message.plan));
    else if (message.type === 'attach') lanes.attach(message.producer, message.rings);
    else if (message.type === 'abandon') lanes.abandon(message.producer);
    else if (message.type === 'finished') handOvers.end(message.nodeId);
    else if (message.type === 'collect') collectGarbage();
    else if (message.type === 'harvest') {
      const parcel = pipeline.harvest(message.nodeId);
      const answer: FromWorker = { type: 'harvested', call: message.call, parcel };
      task.port.postMessage(answer, parcel === null ? [] : [parcel.buffer]);
    } else {
      stopAt = systemClock.monotonicMs() + message.deadlineMs;
      stopOrdered.resolve();
    }
  });
  if (await first) {
    const read = lanes.run();
    // A bug in a lane ends the thread whatever it waits for.
    const unless = <T>(work: Promise<T>): Promise<T | void> => Promise.race([read, work]);
    await unless(stopOrdered.promise);
    await unless(lanes.drain());
    await unless(changes);
    // Lanes go on meanwhile: what parts have handed over to main comes back to the parts behind them.
    await unless(pipeline.stop(Math.max(0, stopAt - systemClock.monotonicMs())));
    lanes.stop();
    await read;
    await lanes.answered();
  }
  stopProbe();
  task.port.close();
}
