/** What a provider gets, and what it did with it. */
import type { ProviderContext } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import { systemClock } from '#shared/clock.ts';
import { FakeMeter } from './fake-meter.ts';
import { RecordingLog } from './recording-log.ts';

export interface Watched<E> {
  readonly ctx: ProviderContext<E>;
  readonly published: E[];
  readonly health: string[];
  /** Resolves when `holds` does after a publication or a report of health. */
  until(holds: () => boolean): Promise<void>;
}

export function providerContext<E>(clock: Clock = systemClock): Watched<E> {
  const published: E[] = [];
  const health: string[] = [];
  let waiting: { readonly holds: () => boolean; readonly done: () => void }[] = [];
  const look = (): void => {
    for (const { holds, done } of waiting) if (holds()) done();
    waiting = waiting.filter(({ holds }) => !holds());
  };
  return {
    ctx: {
      id: 'x.y.z',
      log: new RecordingLog(),
      clock,
      meter: new FakeMeter(),
      health: (state, message) => {
        health.push(`${state}: ${message}`);
        look();
      },
      publish: (exports) => {
        published.push(exports);
        look();
      },
    },
    published,
    health,
    until: (holds) => (holds() ? Promise.resolve() : new Promise((done) => waiting.push({ holds, done }))),
  };
}
