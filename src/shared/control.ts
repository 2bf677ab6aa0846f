/**
 * Control messages between main and a worker, over one MessagePort per worker. Rare and small: spans never travel here.
 */
import type { Fields, Level } from './log.ts';
import type { Plan } from './plan.ts';
import type { Declaration } from './registry.ts';

/** What main gives a worker thread when it starts. */
export interface WorkerTask {
  readonly workerIndex: number;
  readonly workerCount: number;
  /** Ring of request frames, main writes. */
  readonly frames: SharedArrayBuffer;
  /** Ring of answers, the worker writes. Large enough for every request that can be in flight: it is never full. */
  readonly answers: SharedArrayBuffer;
  readonly port: import('node:worker_threads').MessagePort;
  readonly plan: Plan;
}

export type ToWorker =
  /** Go from the present plan to this one. Answered by `applied`. */
  | { readonly type: 'apply'; readonly plan: Plan }
  /** Empty the ring, stop every part, end the thread. */
  | { readonly type: 'stop'; readonly deadlineMs: number };

export type FromWorker =
  /** The plan that came with the task or with `apply` runs (`error` null), or could not be carried out. */
  | { readonly type: 'applied'; readonly error: { readonly code: string; readonly message: string } | null }
  | { readonly type: 'log'; readonly level: Level; readonly message: string; readonly fields: Fields }
  | { readonly type: 'metric'; readonly declaration: Declaration }
  | {
      readonly type: 'health';
      readonly nodeId: string;
      readonly state: 'healthy' | 'unhealthy';
      readonly message: string;
    };
