import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Guard, GuardContext } from '#components/kit/component.ts';
import { create } from '#components/otelcol/processor/memory_limiter/guard.ts';
import { args, type Args } from '#components/otelcol/processor/memory_limiter/schema.ts';
import { Gate } from '#shared/gate.ts';
import { httpStatusOf, Outcome, reasonName, statusOf } from '#shared/outcome.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const MIB = 1 << 20;
const argsFor = (text: string): Args => argsOf(args, `${text}\noutput { }`);

class World {
  readonly clock = new FakeClock();
  readonly meter = new FakeMeter();
  readonly log = new RecordingLog();
  readonly gate = new Gate();
  readonly reported: string[] = [];
  readonly guard: Guard<Args>;
  /** Memory in use. */
  mib = 150;
  capacityMib = 1000;
  collections = 0;
  /** What a garbage collection frees. */
  garbageMib = 0;

  constructor(text: string) {
    const ctx: GuardContext = {
      id: 'otelcol.processor.memory_limiter.m',
      log: this.log,
      clock: this.clock,
      meter: this.meter,
      health: (state, message) => void this.reported.push(`${state}: ${message}`),
      gate: this.gate,
      memory: () => ({
        usedBytes: this.mib * MIB,
        capacityBytes: this.capacityMib * MIB,
      }),
      collectGarbage: () => {
        this.collections++;
        this.mib -= this.garbageMib;
        this.garbageMib = 0;
      },
    };
    this.guard = create(argsFor(text), ctx);
    this.guard.start();
  }

  get refuses(): boolean {
    return this.gate.refusal !== Outcome.accepted;
  }
  gauge(name: string): number {
    return this.meter.value(`millrace_memory_limiter_${name}`);
  }
  /** Memory from now on, as of the next check. */
  async use(mib: number, checkMs = 1000): Promise<boolean> {
    this.mib = mib;
    await this.clock.advance(checkMs);
    return this.refuses;
  }
}

const FIXED = 'check_interval = "1s"\nlimit = "500MiB"\nspike_limit = "100MiB"';

describe('the gate', () => {
  it('is closed from the soft limit on, and opens by itself', async () => {
    const w = new World(FIXED);
    assert.equal(w.refuses, false);
    assert.equal(await w.use(399), false);
    assert.equal(await w.use(400), true);
    assert.equal(await w.use(700), true);
    assert.equal(await w.use(400), true);
    assert.equal(await w.use(399), false);
  });

  it('is moved at the first check, not one interval later', () => {
    const w = new World('check_interval = "1h"\nlimit = "100MiB"');
    assert.equal(w.refuses, true);
  });

  it('refuses retryably, with the words of the Collector, and not before the next check', () => {
    for (const [interval, seconds] of [
      ['1s', 1],
      ['100ms', 1],
      ['2500ms', 3],
    ] as const) {
      const { gate } = new World(`check_interval = "${interval}"\nlimit = "1MiB"`);
      const { grpc, message, retryAfterS } = statusOf(gate.refusal);
      assert.deepEqual(
        [reasonName(gate.refusal), grpc, httpStatusOf(grpc), message, retryAfterS],
        ['memory_limit', 14, 503, 'data refused due to high memory usage', seconds],
      );
    }
  });

  it('follows the memory that there is, with percentages', async () => {
    const w = new World('check_interval = "1s"\nlimit_percentage = 50\nspike_limit_percentage = 10');
    assert.equal(await w.use(399), false);
    assert.equal(await w.use(400), true);
    w.capacityMib = 2000;
    assert.equal(await w.use(400), false);
    assert.deepEqual([w.gauge('limit_bytes'), w.gauge('soft_limit_bytes')], [1000 * MIB, 800 * MIB]);
  });

  it('opens at once with arguments that allow more, and closes with those that allow less', async () => {
    const w = new World(FIXED);
    await w.use(450);
    w.guard.update(argsFor('check_interval = "1s"\nlimit = "1GiB"'));
    assert.equal(w.refuses, false);
    w.guard.update(argsFor(FIXED));
    assert.equal(w.refuses, true);
    assert.equal(w.clock.pending, 1);
  });

  it('is not looked at any more after a stop', async () => {
    const w = new World(FIXED);
    w.guard.stop();
    assert.equal(w.clock.pending, 0);
    assert.equal(await w.use(900), false);
  });

  it('is checked at most every 10 ms', async () => {
    const w = new World('check_interval = "1us"\nlimit = "500MiB"');
    assert.equal(w.clock.nextDelayMs, 10);
  });
});

describe('garbage collections', () => {
  it('come when data is first refused; the next check sees what they have freed', async () => {
    const w = new World(FIXED);
    w.garbageMib = 300;
    assert.equal(await w.use(450), true);
    assert.equal(w.collections, 1);
    await w.clock.advance(1000);
    assert.equal(w.refuses, false);
    assert.equal(w.meter.value('millrace_memory_limiter_forced_gc_total'), 1);
  });

  it('that do not help come less and less often, at most a minute apart', async () => {
    const w = new World('check_interval = "1s"\nlimit = "500MiB"');
    const at: number[] = [];
    for (let s = 1; s <= 250; s++) {
      const before = w.collections;
      await w.use(450);
      if (w.collections > before) at.push(s);
    }
    assert.deepEqual(at, [1, 2, 4, 8, 16, 32, 64, 124, 184, 244]);
  });

  it('come sooner when the hard limit is crossed, though not at each check', async () => {
    const w = new World(FIXED);
    for (let s = 1; s <= 10; s++) await w.use(450);
    assert.equal(w.collections, 4);
    await w.use(500);
    assert.equal(w.collections, 5);
    for (let s = 1; s <= 10; s++) await w.use(500);
    assert.equal(w.collections, 5);
  });

  it('are as eager as at first after a quiet minute, and not before', async () => {
    const w = new World(FIXED);
    for (let s = 1; s <= 8; s++) await w.use(450);
    assert.equal(w.collections, 4);
    await w.use(200);
    await w.use(450);
    assert.equal(w.collections, 4);
    for (let s = 1; s <= 61; s++) await w.use(200);
    await w.use(450);
    await w.use(450);
    assert.equal(w.collections, 6);
  });
});

describe('what operators learn', () => {
  it('is one line when the refusing begins and one when it is over, however often memory swings', async () => {
    const w = new World(FIXED);
    for (let i = 0; i < 20; i++) await w.use(i % 2 === 0 ? 450 : 200);
    for (let i = 0; i < 30; i++) await w.use(200);
    assert.deepEqual(w.log.lines, [
      {
        level: 'warn',
        message: 'memory usage is above the soft limit, data is refused',
        fields: { used_mib: 450, soft_limit_mib: 400, limit_mib: 500 },
      },
      {
        level: 'info',
        message: 'memory usage is back within limits, data is taken',
        fields: { used_mib: 200, soft_limit_mib: 400, limit_mib: 500, refused_times: 10 },
      },
    ]);
    assert.deepEqual(w.reported, [
      'healthy: memory usage is above the soft limit, data is refused',
      'healthy: memory usage is back within limits',
    ]);
    await w.use(450);
    assert.equal(w.log.lines.length, 3, 'a new time is told again');
  });

  it('is in the gauges', async () => {
    const w = new World(FIXED);
    await w.use(450);
    assert.deepEqual(
      ['used_bytes', 'soft_limit_bytes', 'limit_bytes', 'refusing'].map((name) => w.gauge(name)),
      [450 * MIB, 400 * MIB, 500 * MIB, 1],
    );
    await w.use(300);
    assert.deepEqual([w.gauge('used_bytes'), w.gauge('refusing')], [300 * MIB, 0]);
  });
});
