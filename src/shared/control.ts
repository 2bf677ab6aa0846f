/**
 * Control messages between main and a worker or an ingest thread, over one MessagePort per thread. Rare and small: spans never
 * travel here.
 */
import type { Fields, Level } from './log.ts';
import type { Labels } from './meter.ts';
import type { Plan, PlanEntry } from './plan.ts';
import type { Declaration } from './registry.ts';

/** The two rings between one producer of frames (main, or an ingest thread) and one worker. */
export interface RingPair {
  /** Ring of request frames, the producer writes. */
  readonly frames: SharedArrayBuffer;
  /** Ring of answers, the worker writes. Large enough for every request that the producer can have in flight: it is never full. */
  readonly answers: SharedArrayBuffer;
}

/** What every thread tells main. */
export type FromThread =
  | { readonly type: 'log'; readonly level: Level; readonly message: string; readonly fields: Fields }
  | { readonly type: 'metric'; readonly declaration: Declaration }
  /** The thread has forgotten its series with these labels. */
  | { readonly type: 'forgotten'; readonly labels: Labels }
  | {
      readonly type: 'health';
      readonly nodeId: string;
      readonly state: 'healthy' | 'unhealthy';
      readonly message: string;
    };

/** Memory is short: collect garbage (`collect-garbage.ts`). A thread without work would keep it. */
export interface CollectGarbage {
  readonly type: 'collect';
}

/** A MillraceError on its way between threads; null = it went well. */
export type Failure = { readonly code: string; readonly message: string } | null;

/** What main gives a worker thread when it starts. */
export interface WorkerTask {
  readonly workerIndex: number;
  readonly workerCount: number;
  /** By producer; null while a producer is down. */
  readonly lanes: readonly (RingPair | null)[];
  readonly port: import('node:worker_threads').MessagePort;
  readonly plan: Plan;
}

export type ToWorker =
  /** Go from the present plan to this one. Answered by `applied`. */
  | { readonly type: 'apply'; readonly plan: Plan }
  /** A producer is there again, with fresh rings. */
  | { readonly type: 'attach'; readonly producer: number; readonly rings: RingPair }
  /** A producer has died: read what lies in its ring, answer nobody. */
  | { readonly type: 'abandon'; readonly producer: number }
  /** Hand over the next parcel of a part. Answered by `harvested` with the same `call`. */
  | { readonly type: 'harvest'; readonly call: number; readonly nodeId: string }
  /** The merge part has passed on all that it got; answers `finishing`. */
  | { readonly type: 'finished'; readonly nodeId: string }
  | CollectGarbage
  /** Empty the rings, stop every part, end the thread. */
  | { readonly type: 'stop'; readonly deadlineMs: number };

export type FromWorker =
  | FromThread
  /** A part has counted so much that it should be harvested. */
  | { readonly type: 'due'; readonly nodeId: string }
  /** What a part had to hand over: one parcel; null = no more, or there is no such part. */
  | { readonly type: 'harvested'; readonly call: number; readonly parcel: Uint8Array<ArrayBuffer> | null }
  /** A part with something to hand over has stopped: nothing is counted any more. What follows it stops after `finished`. */
  | { readonly type: 'finishing'; readonly nodeId: string }
  /** The plan that came with the task or with `apply` runs (`error` null), or could not be carried out. */
  | { readonly type: 'applied'; readonly error: Failure };

/** An address that a part listens on. */
export interface BoundAddress {
  /** The part's name for the listener, such as `grpc`. */
  readonly listener: string;
  /** As it was asked for; the port may be 0 there. */
  readonly where: string;
  readonly host: string;
  readonly port: number;
}

/** An address that the same part was bound to: `held` = some other thread listens on it now. */
export interface KnownAddress extends BoundAddress {
  readonly held: boolean;
}

/** What main gives an ingest thread when it starts. */
export interface IngestTask {
  readonly ingestIndex: number;
  readonly workerCount: number;
  /** By worker; null while a worker is down. */
  readonly rings: readonly (RingPair | null)[];
  readonly port: import('node:worker_threads').MessagePort;
  readonly entries: readonly PlanEntry[];
  /** `MainFlags` of the component kit. */
  readonly flags: { readonly httpDriver: 'auto' | 'node' | 'uws'; readonly receiveBytes: number };
}

/** What a part of an ingest thread is asked to do. */
export type PartOrder =
  | {
      readonly do: 'start' | 'update';
      readonly component: string;
      readonly args: unknown;
      readonly known: readonly KnownAddress[];
      /** Another thread has said already what there is to say: only warnings and errors of later on are wanted. */
      readonly quiet: boolean;
    }
  /** `MainPart.vacate`. */
  | { readonly do: 'vacate'; readonly args: unknown }
  /** `removed`: the collector goes on without the part, whose counts are forgotten. */
  | { readonly do: 'stop'; readonly deadlineMs: number; readonly removed: boolean };

export type ToIngest =
  | { readonly type: 'attach'; readonly worker: number; readonly rings: RingPair }
  | { readonly type: 'detach'; readonly worker: number }
  /** Answered by `done` with the same `call`. */
  | { readonly type: 'entries'; readonly call: number; readonly entries: readonly PlanEntry[] }
  /** Answered by `done` with the same `call`. Orders to different parts may be under way together. */
  | { readonly type: 'part'; readonly call: number; readonly nodeId: string; readonly order: PartOrder }
  /** Refuse all new requests. Answered by `done`: nothing is written into a ring after it. */
  | { readonly type: 'close'; readonly call: number }
  | CollectGarbage
  /** End the thread. */
  | { readonly type: 'end' };

export type FromIngest =
  | FromThread
  /** Runs and takes orders. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'done';
      readonly call: number;
      readonly error: Failure;
      /** What the part listens on after it. */
      readonly bound: readonly BoundAddress[];
    };
