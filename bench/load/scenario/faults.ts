/** What happens when there is too much, when the destination is slow or away, and in the long run. */
import { OPEN_LOOP_IN_FLIGHT, REFUSING_QUEUE, scenario, type Scenario } from './scenario.ts';

const ONE_ROUND = { rounds: 1, systems: ['millrace'], inFlight: OPEN_LOOP_IN_FLIGHT, queue: REFUSING_QUEUE } as const;

/** Enough under way that waiting for answers does not hold the offered load down. */
const MANY_SENDERS = { inFlight: 1024, connections: 16 } as const;

export const FAULTS: readonly Scenario[] = [
  scenario('overload-fast', 'three times the capacity, which is measured first; then half of it', {
    ...ONE_ROUND,
    ...MANY_SENDERS,
    plan: 'overload',
    durationSeconds: 60,
  }),
  scenario('overload-slow', 'the same with a sink that takes 50,000 spans/s: queue and rings fill', {
    ...ONE_ROUND,
    ...MANY_SENDERS,
    plan: 'overload',
    durationSeconds: 60,
    sinkRate: 50_000,
  }),
  scenario('outage', 'the sink is away for a while and comes back: nothing accepted is lost', {
    ...ONE_ROUND,
    plan: 'outage',
    durationSeconds: 60,
    rate: 20_000,
  }),
  scenario(
    'reload',
    'the configuration changes every 2 s under 20,000 spans/s: none lost, none twice, and how long it takes',
    {
      ...ONE_ROUND,
      plan: 'reload',
      durationSeconds: 60,
      rate: 20_000,
      spans: 20,
    },
  ),
  scenario('soak', '50,000 spans/s for long: growth of memory, and the ledger at its end', {
    ...ONE_ROUND,
    plan: 'soak',
    durationSeconds: 600,
    rate: 50_000,
  }),
];
