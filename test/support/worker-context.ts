/** Everything a worker part gets, faked, for tests of components. */
import type { WorkerContext } from '#components/kit/component.ts';
import { Gate } from '#shared/gate.ts';
import type { LOKI, PROMETHEUS } from '#shared/signal.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeMeter } from './fake-meter.ts';
import { RecordingConsumer } from './recording-consumer.ts';
import { RecordingLog } from './recording-log.ts';

export interface TestWorkerContext extends WorkerContext {
  readonly clock: FakeClock;
  readonly meter: FakeMeter;
  readonly log: RecordingLog;
  readonly next: Readonly<Record<'traces' | 'metrics' | 'logs', RecordingConsumer>> & {
    readonly prometheus: RecordingConsumer<typeof PROMETHEUS>;
    readonly loki: RecordingConsumer<typeof LOKI>;
  };
  /** Calls of `harvestDue`. */
  readonly due: { count: number };
  /** What the part reported, in order. */
  readonly reported: { readonly state: 'healthy' | 'unhealthy'; readonly message: string }[];
}

export function workerContext(
  id: string,
  workers: { readonly index?: number; readonly count?: number } = {},
): TestWorkerContext {
  const reported: TestWorkerContext['reported'] = [];
  const due = { count: 0 };
  return {
    id,
    clock: new FakeClock(),
    meter: new FakeMeter(),
    log: new RecordingLog(),
    next: {
      traces: new RecordingConsumer(),
      metrics: new RecordingConsumer(),
      logs: new RecordingConsumer(),
      prometheus: new RecordingConsumer(),
      loki: new RecordingConsumer(),
    },
    due,
    harvestDue: () => void due.count++,
    gate: new Gate(),
    reported,
    health: (state, message) => void reported.push({ state, message }),
    workerIndex: workers.index ?? 0,
    workerCount: workers.count ?? 1,
  };
}
