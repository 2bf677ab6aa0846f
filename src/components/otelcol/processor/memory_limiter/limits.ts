/** From arguments to bytes. */
import type { Args } from './schema.ts';

export interface Limits {
  /** What the process should not reach. */
  readonly hardBytes: number;
  /** From here on data is refused. */
  readonly softBytes: number;
}

type LimitArgs = Pick<Args, 'limit' | 'spike_limit' | 'limit_percentage' | 'spike_limit_percentage'>;

/** `capacityBytes`: the memory that there is. */
export function limitsOf(args: LimitArgs, capacityBytes: number): Limits {
  const share = (percentage: number): number => Math.floor((capacityBytes * percentage) / 100);
  const hardBytes = args.limit > 0 ? args.limit : share(args.limit_percentage);
  const spike = args.limit > 0 ? args.spike_limit : share(args.spike_limit_percentage);
  return { hardBytes, softBytes: hardBytes - (spike > 0 ? spike : Math.floor(hardBytes / 5)) };
}
