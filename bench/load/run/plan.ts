/** The phases of a round. */
import type { Load, SinkBehaviour } from '../messages.ts';
import type { Scenario } from '../scenario/scenario.ts';

export type PhaseName =
  'warm-up' | 'window' | 'capacity' | 'calm' | 'overload' | 'outage' | 'recovery' | 'soak' | 'reloads';

export interface Phase {
  readonly name: PhaseName;
  readonly seconds: number;
  /** `capacity`: spans/s that reached the sink in the phase of that name, 0 before it. */
  readonly load: (capacity: number) => Load;
  readonly sink: SinkBehaviour;
  /** The configuration changes so often; absent: never. */
  readonly reloadEveryMs?: number;
}

/** Offered load of the overload phase, in capacities; and of the phases around it. */
export const OVERLOAD_FACTOR = 3;
export const CALM_FACTOR = 0.5;
const CAPACITY_SECONDS = 10;
const CALM_SECONDS = 10;
const RECOVERY_SECONDS = 30;
const RELOAD_EVERY_MS = 2000;
/** The closed loop that finds the capacity. */
const CAPACITY_IN_FLIGHT = 16;

export function phasesOf(s: Scenario): Phase[] {
  const sink: SinkBehaviour = { open: true, spansPerSecond: s.sinkRate, delayMs: s.sinkDelayMs };
  const closed = (): Load => ({ inFlight: Math.min(CAPACITY_IN_FLIGHT, s.inFlight), rate: 0 });
  const own = (): Load => ({ inFlight: s.inFlight, rate: s.rate });
  const times =
    (factor: number) =>
    (capacity: number): Load => ({ inFlight: s.inFlight, rate: Math.max(1, factor * capacity) });
  const warmUp = (load: () => Load): Phase => ({ name: 'warm-up', seconds: s.warmUpSeconds, load, sink });
  switch (s.plan) {
    case 'windows':
      return [warmUp(own), { name: 'window', seconds: s.durationSeconds, load: own, sink }];
    case 'overload':
      return [
        warmUp(closed),
        { name: 'capacity', seconds: CAPACITY_SECONDS, load: closed, sink },
        { name: 'calm', seconds: CALM_SECONDS, load: times(CALM_FACTOR), sink },
        { name: 'overload', seconds: s.durationSeconds, load: times(OVERLOAD_FACTOR), sink },
        { name: 'recovery', seconds: RECOVERY_SECONDS, load: times(CALM_FACTOR), sink },
      ];
    case 'outage':
      return [
        warmUp(own),
        { name: 'calm', seconds: CALM_SECONDS, load: own, sink },
        { name: 'outage', seconds: s.durationSeconds, load: own, sink: { ...sink, open: false } },
        { name: 'recovery', seconds: RECOVERY_SECONDS, load: own, sink },
      ];
    case 'reload':
      return [
        warmUp(own),
        { name: 'calm', seconds: CALM_SECONDS, load: own, sink },
        { name: 'reloads', seconds: s.durationSeconds, load: own, sink, reloadEveryMs: RELOAD_EVERY_MS },
      ];
    case 'soak':
      return [warmUp(own), { name: 'soak', seconds: s.durationSeconds, load: own, sink }];
  }
}

/** The phase that a round's figures are taken from. */
export const MAIN_PHASE = {
  windows: 'window',
  overload: 'overload',
  outage: 'outage',
  soak: 'soak',
  reload: 'reloads',
} as const;
