import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { figuresOf, ProcessMemory } from '#main/cli/process-memory.ts';
import { Registry } from '#shared/registry.ts';
import { FakeClock } from '#test/support/fake-clock.ts';

/** `[RSS, heaps] -> in use`, one reading after the other. */
const CASES: Readonly<Record<string, readonly (readonly [rss: number, heaps: number, inUse: number])[]>> = {
  'growth counts as a whole, whoever causes it': [
    [120, 40, 120],
    [320, 240, 320],
    [400, 240, 400],
  ],
  'what heaps have freed does not count, though the allocator keeps it': [
    [120, 40, 120],
    [520, 440, 520],
    [520, 340, 420],
    [520, 60, 140],
    [520, 300, 380],
    [560, 440, 560],
  ],
  'what the system has got back is not taken off twice': [
    [120, 40, 120],
    [520, 440, 520],
    [200, 60, 140],
    [140, 60, 140],
  ],
  'growth beside the heaps shows as far as they have not shrunk': [
    [120, 40, 120],
    [520, 440, 520],
    [620, 440, 620],
    [620, 400, 580],
  ],
  'heaps may be reserved and not resident': [
    [50, 80, 50],
    [60, 200, 60],
  ],
  'figures of heaps that come late do no harm': [
    [120, 0, 120],
    [120, 40, 120],
  ],
};

describe('memory in use', () => {
  for (const [what, readings] of Object.entries(CASES))
    test(what, () => {
      let [residentBytes, heapBytes] = [0, 0];
      const memory = new ProcessMemory(() => ({ residentBytes, heapBytes, capacityBytes: 1000 }), new FakeClock());
      const used = readings.map((reading) => {
        [residentBytes, heapBytes] = reading;
        return memory.read().usedBytes;
      });
      assert.deepEqual(
        used,
        readings.map(([, , inUse]) => inUse),
      );
    });

  test('is kept track of while nobody reads it', async () => {
    const clock = new FakeClock();
    let heapBytes = 40;
    const memory = new ProcessMemory(() => ({ residentBytes: 80 + heapBytes, heapBytes, capacityBytes: 1000 }), clock);
    memory.watch();
    heapBytes = 440;
    await clock.advance(500);
    heapBytes = 60;
    assert.equal(memory.read().usedBytes, 140);
    memory.stop();
    assert.equal(clock.pending, 0);
  });
});

test('the figures are those of the system, and of the threads that have told of their heaps', () => {
  const registry = new Registry();
  registry.meter().gauge({ name: 'nodejs_heap_size_total_bytes', help: '' }, { thread: 'a' }).set(30);
  registry.meter().gauge({ name: 'nodejs_external_memory_bytes', help: '' }, { thread: 'b' }).set(12);
  const { residentBytes, heapBytes, capacityBytes } = figuresOf(registry);
  assert.equal(heapBytes, 42);
  assert.ok(residentBytes > 10 << 20 && residentBytes < capacityBytes);
});
