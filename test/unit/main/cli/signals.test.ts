import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { StopSignals } from '#main/cli/signals.ts';
import { systemClock } from '#shared/clock.ts';

let nowMs = 1000;
let calls: string[] = [];
let signals: StopSignals;
beforeEach(() => {
  nowMs = 1000;
  calls = [];
  signals = new StopSignals({
    clock: { ...systemClock, monotonicMs: () => nowMs },
    onDrain: (why) => calls.push(`drain ${why}`),
    onForce: (why) => calls.push(`force ${why}`),
  });
});

test('the first signal drains, a later one forces, once', () => {
  signals.signal('SIGTERM');
  nowMs += 501;
  signals.signal('SIGINT');
  signals.signal('SIGINT');
  assert.deepEqual(calls, ['drain SIGTERM', 'force SIGINT']);
});

test('signals within half a second of the first are the same event', () => {
  signals.signal('SIGINT');
  signals.signal('SIGINT');
  nowMs += 500;
  signals.signal('SIGTERM');
  assert.deepEqual(calls, ['drain SIGINT']);
});

test('losing the launcher drains and never forces', () => {
  signals.launcherGone();
  nowMs += 60_000;
  signals.launcherGone();
  assert.deepEqual(calls, ['drain launcher gone']);
  signals.signal('SIGTERM');
  assert.deepEqual(calls, ['drain launcher gone', 'force SIGTERM']);
});
