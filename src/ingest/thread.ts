/**
 * An ingest thread: accepts on the same addresses as its siblings, checks and shards requests, and writes them into rings of
 * its own to every worker. Started by `main/supervisor` as one endless task, which ends when main says so.
 *
 * A bug that throws ends the thread (the supervisor starts another), after it has closed its listeners: uWebSockets.js takes
 * the whole process down when a thread ends with open sockets, and a socket's path would stay.
 */
import { loadMainPart } from '#components/ingest-list.ts';
import { systemClock } from '#shared/clock.ts';
import { collectGarbage } from '#shared/collect-garbage.ts';
import type { FromIngest, IngestTask, ToIngest } from '#shared/control.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import { nodeLabels } from '#shared/node-id.ts';
import { ThreadMeter } from '#shared/registry.ts';
import { startThreadProbe } from '#shared/thread-probe.ts';
import { Producer } from '#shard/producer.ts';
import { Parts, type PartsOptions } from './parts.ts';

/** How old the gauges of this thread may be at a scrape. */
const PUBLISH_INTERVAL_MS = 500;
/** For closing listeners after a bug. */
const LAST_WORDS_MS = 1000;

export default function thread(task: IngestTask): Promise<void> {
  return runIngest(task, loadMainPart);
}

/** The thread's life over any set of components: `load` finds a component's main part by name. */
export async function runIngest(task: IngestTask, load: PartsOptions['load']): Promise<void> {
  const { port, ingestIndex, workerCount, rings, entries } = task;
  const send = (message: FromIngest): void => port.postMessage(message);
  const meter = new ThreadMeter(
    (declaration) => send({ type: 'metric', declaration }),
    (labels) => send({ type: 'forgotten', labels }),
  );
  const name = `ingest-${ingestIndex}`;
  const stopProbe = startThreadProbe(meter, systemClock, name);
  const offered = meter.counter(
    { name: 'millrace_ingest_requests_total', help: 'Requests that each ingest thread has received.' },
    { thread: name },
  );
  const producer = new Producer({ workers: workerCount, clock: systemClock, meter, thread: name, offered });
  rings.forEach((pair, worker) => pair !== null && producer.attach(worker, pair));
  producer.setEntries(entries);
  const gone = (nodeId: string): void => meter.forget(nodeLabels(nodeId));
  const parts = new Parts({ task, producer, meter, clock: systemClock, load, send, gone });
  const stopPublishing = repeat(() => {
    producer.publish();
    parts.publish();
  });

  const end = Promise.withResolvers<void>();
  process.on('uncaughtException', end.reject);
  port.on('message', (message: ToIngest) => {
    switch (message.type) {
      case 'attach':
        return producer.attach(message.worker, message.rings);
      case 'detach':
        return void producer.detach(message.worker);
      case 'entries':
        producer.setEntries(message.entries);
        return send({ type: 'done', call: message.call, error: null, bound: [] });
      case 'close':
        producer.close();
        return send({ type: 'done', call: message.call, error: null, bound: [] });
      case 'part':
        return void carryOut(message);
      case 'collect':
        return collectGarbage();
      case 'end':
        return end.resolve();
    }
  });

  async function carryOut({ call, nodeId, order }: Extract<ToIngest, { type: 'part' }>): Promise<void> {
    try {
      send({ type: 'done', call, error: null, bound: await parts.carryOut(nodeId, order) });
    } catch (thrown) {
      const code = thrown instanceof MillraceError ? thrown.code : 'start_failed';
      send({ type: 'done', call, error: { code, message: errorText(thrown) }, bound: [] });
    }
  }

  send({ type: 'ready' });
  try {
    await end.promise;
  } finally {
    producer.close();
    await inTime(parts.stopAll(0), LAST_WORDS_MS);
    stopPublishing();
    stopProbe();
    port.close();
  }
}

function repeat(run: () => void): () => void {
  let cancel = (): void => {};
  const again = (): void => {
    run();
    cancel = systemClock.after(PUBLISH_INTERVAL_MS, again);
  };
  again();
  return () => cancel();
}

/** Waits for `work`, whatever becomes of it, at most `ms`. */
async function inTime(work: Promise<void>, ms: number): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<void>((resolve) => (cancel = systemClock.after(ms, resolve)));
  await Promise.race([work.catch(() => {}), late]);
  cancel();
}
