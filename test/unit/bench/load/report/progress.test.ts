import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '#bench/load/report/progress.ts';
import { FAST } from '#bench/load/sink/pace.ts';
import type { Phase } from '#bench/load/run/plan.ts';
import { sample } from '#test/support/bench-rounds.ts';

const phase = (name: Phase['name']): Phase => ({
  name,
  seconds: 5,
  load: () => ({ inFlight: 1, rate: 0 }),
  sink: FAST,
});

test('on a terminal one line changes, once a second at most', () => {
  const written: string[] = [];
  let now = 0;
  const progress = new Progress({ isTTY: true, columns: 60, write: (text) => written.push(text) }, () => now);
  progress.begin('default  round 1/5  millrace');
  for (; now < 3000; now += 250) progress.watch(phase('window'), sample(1, 'window', { refusedPerS: 7 }), 4);
  assert.equal(written.length, 3);
  assert.ok(written.every((text) => text.startsWith('\r\x1b[K') && !text.includes('\n') && text.length < 65));
  progress.say('done');
  assert.equal(written.at(-1), '\r\x1b[Kdone\n');
});

test('elsewhere a line per phase', () => {
  const written: string[] = [];
  const progress = new Progress({ write: (text) => written.push(text) });
  progress.begin('soak  round 1/1  millrace');
  for (const name of ['warm-up', 'warm-up', 'soak', 'soak', 'soak'] as const)
    progress.watch(phase(name), sample(1, name), 1);
  assert.deepEqual(written, ['soak  round 1/1  millrace  warm-up, 5 s\n', 'soak  round 1/1  millrace  soak, 5 s\n']);
});
