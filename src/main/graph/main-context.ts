/** What every part of a component that runs on the main thread is given, whichever of its parts that is. */
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { HealthBoard, HealthState } from './health.ts';

/** Where such a part runs, for its health. */
export const PLACE = 'main';

export interface MainThread {
  readonly log: Logger;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly health: HealthBoard;
}

/** Log lines and metrics of the part carry the labels of its node. */
export function mainContext(id: string, { log, clock, meter, health }: MainThread) {
  const labels = nodeLabels(id);
  return {
    id,
    log: log.with(labels),
    clock,
    meter: meter.with(labels),
    health: (state: HealthState, message: string): void => health.report(id, PLACE, state, message),
  };
}
