/** The one timer of a connection. Most of it is tested on connections; here is what needs chance or exact times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionTimer, type TimedConnection } from '#net/server/grpc/connection-timer.ts';
import type { GrpcServerKeepalive } from '#net/server/grpc.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { KEEPALIVE } from '#test/support/grpc-connection.ts';

class Timed implements TimedConnection {
  established = true;
  openCalls = 0;
  readonly events: string[] = [];
  readonly clock = new FakeClock();
  readonly timer: ConnectionTimer;
  constructor(keepalive: Partial<GrpcServerKeepalive>, random = 0.5) {
    this.timer = new ConnectionTimer({ ...KEEPALIVE, ...keepalive }, this.clock, this, () => random);
  }
  ping(): void {
    this.events.push(`ping ${this.clock.monotonicMs()}`);
  }
  drain(): void {
    this.events.push(`drain ${this.clock.monotonicMs()}`);
  }
  destroy(): void {
    this.events.push(`destroy ${this.clock.monotonicMs()}`);
    this.timer.stop();
  }
}

test('the age varies by a tenth up and down', async () => {
  for (const [random, at] of [
    [0, 900],
    [0.5, 1000],
    [0.75, 1050],
  ] as const) {
    const timed = new Timed({ maxConnectionAgeMs: 1000 }, random);
    await timed.clock.advance(2000);
    assert.equal(timed.events.length, 1);
    assert.ok(Math.abs(Number(timed.events[0]?.split(' ')[1]) - at) < 1e-6, timed.events[0]);
  }
});

test('drains once, whichever time comes first, and cuts after the grace', async () => {
  const timed = new Timed({ maxConnectionAgeMs: 5000, maxConnectionIdleMs: 1000, maxConnectionAgeGraceMs: 300 });
  await timed.clock.advance(10_000);
  assert.deepEqual(timed.events, ['drain 1000', 'destroy 1300']);
  assert.equal(timed.clock.pending, 0);
});

test('a call that ended lately puts idleness off; the timer is not armed for each call', async () => {
  const timed = new Timed({ maxConnectionIdleMs: 1000 });
  for (let at = 0; at < 5000; at += 100) {
    timed.openCalls = 1;
    timed.openCalls = 0;
    timed.timer.idle();
    await timed.clock.advance(100);
    assert.equal(timed.clock.pending, 1);
  }
  assert.deepEqual(timed.events, []);
  await timed.clock.advance(1000);
  assert.deepEqual(timed.events, ['drain 5900']);
});

test('what comes puts the ping off, also while one is under way', async () => {
  const timed = new Timed({ timeMs: 100, timeoutMs: 50 });
  await timed.clock.advance(60);
  timed.timer.read(timed.clock.monotonicMs());
  await timed.clock.advance(100);
  assert.deepEqual(timed.events, ['ping 160']);
  await timed.clock.advance(49);
  timed.timer.read(timed.clock.monotonicMs());
  await timed.clock.advance(99);
  assert.deepEqual(timed.events, ['ping 160']);
  await timed.clock.advance(1);
  await timed.clock.advance(50);
  assert.deepEqual(timed.events, ['ping 160', 'ping 309', 'destroy 359']);
});

test('a drained connection is still pinged', async () => {
  const timed = new Timed({ maxConnectionAgeMs: 100, timeMs: 500, timeoutMs: 10 });
  await timed.clock.advance(600);
  assert.deepEqual(timed.events, ['drain 100', 'ping 500', 'destroy 510']);
});

test('stop leaves no timer', async () => {
  const timed = new Timed({ maxConnectionAgeMs: 100 });
  timed.timer.stop();
  timed.timer.stop();
  assert.equal(timed.clock.pending, 0);
});
