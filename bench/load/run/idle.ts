/** Memory of a collector that has started and does nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Options } from '../options.ts';
import { readUsage } from '../process/usage.ts';
import { SHORT_QUEUE } from '../scenario/scenario.ts';
import { startMillrace } from '../system/millrace.ts';

const SETTLE_MS = 3000;
/** Nobody listens there (port 9 is "discard"); nothing is exported while idle. */
const NO_SINK = 9;

export interface Idle {
  readonly workers: number;
  /** Of `dist/`; from source, with a cold compile cache, Node's type stripper takes some 40 MiB more. */
  readonly built: boolean;
  readonly secondsAfterReady: number;
  readonly rssMiB: number | null;
  /** Of one core, over those seconds. */
  readonly cpuPercent: number | null;
  /** What was wrong with its end; null if nothing. */
  readonly badEnd: string | null;
}

export async function measureIdle(options: Options): Promise<Idle> {
  await using system = await startMillrace({
    ...options,
    protocol: 'grpc',
    derive: false,
    edit: 'none',
    compressionOut: 'none',
    queue: SHORT_QUEUE,
    sinkPort: NO_SINK,
  });
  const before = readUsage(system.pid);
  await delay(SETTLE_MS);
  const after = readUsage(system.pid);
  return {
    workers: options.workers,
    built: options.built,
    secondsAfterReady: SETTLE_MS / 1000,
    rssMiB: after === null ? null : after.rssBytes / 2 ** 20,
    cpuPercent:
      before === null || after === null ? null : ((after.cpuSeconds - before.cpuSeconds) / (SETTLE_MS / 1000)) * 100,
    badEnd: await system.drain(),
  };
}
