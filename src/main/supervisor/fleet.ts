/**
 * What the rest of main sees of the threads. Implemented by `supervisor.ts`; tests of the graph and of the admin server use a
 * fake.
 */
import type { Entry, MainPart, ReceiverEntry } from '#components/kit/component.ts';
import type { Plan } from '#shared/plan.ts';

export interface NodeHealth {
  readonly nodeId: string;
  /** `worker 0`, `ingest 0` */
  readonly place: string;
  readonly state: 'healthy' | 'unhealthy';
  readonly message: string;
}

export interface HandOverListener {
  /** A worker part asks to be harvested. */
  due(nodeId: string): void;
  /**
   * At the end: the part has stopped in every worker. What follows it there stops when the promise has settled, or after half of
   * the time that is left.
   */
  finishing(nodeId: string): Promise<void>;
}

/** Where receivers run that do not run on main. */
export interface PartHost {
  /** Stands for a part of which every ingest thread runs a copy. */
  part(nodeId: string, component: string, args: unknown): MainPart<unknown>;
}

export interface Fleet {
  /** Starts the threads and builds the plan in each worker. Rejects with a MillraceError when a part cannot start. */
  start(plan: Plan): Promise<void>;
  /** Brings every worker from its present plan to this one, losing nothing. */
  apply(plan: Plan): Promise<void>;
  /**
   * The entry of a receiver that the present plan names. It stays valid over `apply` as long as the id is in the plan. Only where
   * receivers run on main.
   */
  entry(receiverId: string): ReceiverEntry;
  /** null: receivers run on main. */
  readonly ingest: PartHost | null;
  /** The entry of a merge part: on main, also with ingest threads, and open until the workers have ended. */
  mergeEntry(nodeId: string): Entry;
  /** `MergeContext.requestBytes` */
  readonly mergeRequestBytes: number;
  /** `MergeContext.harvest`, of one component. */
  harvest(nodeId: string, take: (parcel: Uint8Array<ArrayBuffer>) => void): Promise<void>;
  /** Whom worker parts with something to hand over concern. */
  onHandOver(listener: HandOverListener): void;
  /** Collects garbage in every thread, in this one before it returns. */
  collectGarbage(): void;
  /** Refuses new data, empties the rings, stops every part (flush), ends the threads. At most `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
  /** Called for each change of health that a part in a thread reports, and for threads that die and come back. */
  onHealth(listener: (health: NodeHealth) => void): void;
}
