/** Everything a provider gets, faked, for tests of components and imports. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ProviderContext } from '#components/kit/component.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { FakeMeter } from './fake-meter.ts';
import { RecordingLog } from './recording-log.ts';

export interface TestProviderContext<E> extends ProviderContext<E> {
  readonly clock: FakeClock;
  readonly meter: FakeMeter;
  readonly log: RecordingLog;
  /** In order. */
  readonly published: E[];
  /** In order. */
  readonly reported: { readonly state: 'healthy' | 'unhealthy'; readonly message: string }[];
  /** What the health is now. */
  readonly state: () => string;
}

export function providerContext<E>(id: string): TestProviderContext<E> {
  const published: E[] = [];
  const reported: TestProviderContext<E>['reported'] = [];
  return {
    id,
    clock: new FakeClock(),
    meter: new FakeMeter(),
    log: new RecordingLog(),
    published,
    reported,
    health: (state, message) => void reported.push({ state, message }),
    publish: (exports) => void published.push(exports),
    state: () => reported.at(-1)?.state ?? 'none',
  };
}

/** A wait that takes so long is one that never ends. */
const LIMIT_MS = 20_000;

/**
 * Waits for `condition` while files and sockets do their work in real time. The fake clock is moved only over waits of at most
 * `stepMs`: over what a provider waits for to settle, not over its polls.
 */
export async function until(clock: FakeClock, condition: () => boolean, stepMs = 30): Promise<void> {
  const startMs = performance.now();
  while (!condition()) {
    if (performance.now() - startMs > LIMIT_MS) throw new Error(`waited in vain for ${condition.toString()}`);
    const next = clock.nextDelayMs;
    if (next !== null && next <= stepMs) await clock.advance(next);
    await settle();
  }
}

/** A folder that is removed with the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
