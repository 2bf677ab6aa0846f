/** Providers that are started, asked once, and stopped: how a configuration is looked at without running it. */
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import type { Provide } from './providers.ts';

const noop = (): void => {};
const quiet: Logger = { debug: noop, info: noop, warn: noop, error: noop, with: () => quiet };
const instrument = { add: noop, set: noop, observe: noop, value: 0 };
const unmetered: Meter = {
  counter: () => instrument,
  gauge: () => instrument,
  histogram: () => instrument,
  with: () => unmetered,
};

export function lookWith(clock: Clock): Provide {
  return async ({ id, create }) => {
    const provider = await create({ id, log: quiet, clock, meter: unmetered, health: noop, publish: noop });
    try {
      return await provider.start();
    } finally {
      await provider.stop();
    }
  };
}
