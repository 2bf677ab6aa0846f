/**
 * What the rest of main sees of the workers. Implemented by `supervisor.ts`; tests of the graph and of the admin server
 * use a fake.
 */
import type { Entry } from '#components/kit/component.ts';
import type { Plan } from '#shared/plan.ts';

export interface NodeHealth {
  readonly nodeId: string;
  readonly workerIndex: number;
  readonly state: 'healthy' | 'unhealthy';
  readonly message: string;
}

export interface Fleet {
  /** Starts the workers and builds the plan in each. Rejects with a MillraceError when a part cannot start. */
  start(plan: Plan): Promise<void>;
  /** Brings every worker from its present plan to this one, losing nothing. */
  apply(plan: Plan): Promise<void>;
  /** The entry of a receiver that the present plan names. It stays valid over `apply` as long as the id is in the plan. */
  entry(receiverId: string): Entry;
  /** Refuses new data, empties the rings, stops every part (flush), ends the threads. At most `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
  /** Called for each change of health that a worker part reports, and for workers that die and come back. */
  onHealth(listener: (health: NodeHealth) => void): void;
}
