/** The bounds of one worker's sending queue, as the `sending_queue` block sets them. */
import type { QueueArgs, QueueBatchArgs } from '#components/kit/blocks/queue.ts';

export interface Limits {
  readonly sizer: QueueArgs['sizer'];
  /** Most that waits and is being sent together, in units of `sizer`. An empty queue takes one request of any size. */
  readonly capacity: number;
  /** Most sends at the same time. */
  readonly consumers: number;
  readonly blockOnOverflow: boolean;
  readonly waitForResult: boolean;
  readonly batch: QueueBatchArgs | undefined;
}

/**
 * This worker's part of the configured bounds. `queue_size` and `num_consumers` mean the process, whatever `--workers` is:
 * the parts of `queue_size` add up to it (each at least 1), those of `num_consumers` to it rounded up to a whole number each.
 */
export function limitsOf(args: QueueArgs, workerIndex: number, workerCount: number): Limits {
  // A disabled queue is one without bounds of its own whose callers wait for the result: their number is the bound.
  if (!args.enabled) {
    return {
      sizer: 'requests',
      capacity: Infinity,
      consumers: Infinity,
      blockOnOverflow: false,
      waitForResult: true,
      batch: undefined,
    };
  }
  const part = Math.floor(args.queue_size / workerCount) + (workerIndex < args.queue_size % workerCount ? 1 : 0);
  return {
    sizer: args.sizer,
    capacity: Math.max(1, part),
    consumers: Math.ceil(args.num_consumers / workerCount),
    blockOnOverflow: args.block_on_overflow,
    waitForResult: args.wait_for_result,
    batch: args.batch,
  };
}
