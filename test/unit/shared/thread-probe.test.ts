import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXTERNAL, HEAP_TOTAL, startThreadProbe } from '#shared/thread-probe.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';

test('CPU time of the thread goes on from one look to the next', async () => {
  const [clock, meter] = [new FakeClock(), new FakeMeter()];
  let used = 250_000;
  const stop = startThreadProbe(meter, clock, 'worker-0', () => ({ user: used, system: 1_000_000 }));
  const cpu = (): number => meter.value('millrace_thread_cpu_seconds_total', { thread: 'worker-0' });
  assert.equal(cpu(), 1.25);
  used = 750_000;
  await clock.advance(500);
  assert.equal(cpu(), 1.75);
  await clock.advance(5000);
  assert.equal(cpu(), 1.75);
  stop();
  assert.equal(clock.pending, 0);
});

test('the real figure grows while the thread works', async () => {
  const [clock, meter] = [new FakeClock(), new FakeMeter()];
  const stop = startThreadProbe(meter, clock, 'main');
  const cpu = (): number => meter.value('millrace_thread_cpu_seconds_total');
  const before = cpu();
  assert.ok(before > 0);
  while (cpu() === before) await clock.advance(500);
  stop();
});

test('the heap is told, with what hangs on it', async () => {
  const [clock, meter] = [new FakeClock(), new FakeMeter()];
  const stop = startThreadProbe(meter, clock, 'main');
  const heap = meter.value(HEAP_TOTAL, { thread: 'main' });
  const before = meter.value(EXTERNAL, { thread: 'main' });
  assert.ok(
    heap > 0 && meter.value('nodejs_heap_size_used_bytes') > 0 && meter.value('nodejs_heap_size_limit_bytes') > heap,
  );
  const held = Buffer.allocUnsafeSlow(64 << 20);
  await clock.advance(500);
  assert.ok(meter.value(EXTERNAL, { thread: 'main' }) - before > held.length / 2);
  stop();
});
