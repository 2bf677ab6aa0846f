/** What happens when there is too much, when the destination is slow or away, and in the long run. */
import { OPEN_LOOP_IN_FLIGHT, REFUSING_QUEUE, scenario, type Scenario } from './scenario.ts';

const ONE_ROUND = { rounds: 1, systems: ['millrace'], inFlight: OPEN_LOOP_IN_FLIGHT, queue: REFUSING_QUEUE } as const;

export const FAULTS: readonly Scenario[] = [
  scenario('overload-fast', 'three times the capacity, measured before, for 60 s; then half of it', {
    ...ONE_ROUND,
    plan: 'overload',
    durationSeconds: 60,
  }),
  scenario('overload-slow', 'the same with a sink that takes 50,000 spans/s: queue and rings fill', {
    ...ONE_ROUND,
    plan: 'overload',
    durationSeconds: 60,
    sinkRate: 50_000,
  }),
  scenario('outage', 'the sink is away for 60 s and comes back: nothing accepted is lost', {
    ...ONE_ROUND,
    plan: 'outage',
    durationSeconds: 60,
    rate: 20_000,
  }),
  scenario('soak', '50,000 spans/s for 10 minutes: growth of memory, and the ledger at its end', {
    ...ONE_ROUND,
    plan: 'soak',
    durationSeconds: 600,
    rate: 50_000,
  }),
];
