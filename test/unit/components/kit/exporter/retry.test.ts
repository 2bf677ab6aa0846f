import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retryBlock, type RetryArgs } from '#components/kit/blocks/retry.ts';
import { Retrier } from '#components/kit/exporter/retry.ts';
import { requestOf, type SendRequest } from '#components/kit/exporter/request.ts';
import type { SendResult } from '#components/kit/exporter/sender.ts';
import { defaults } from '#config/schema/schema.ts';
import { GRPC } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { numbered } from '#test/support/numbered-items.ts';

const REQUEST = requestOf([numbered(TRACES, 0, 3)]);
const FAILS = {
  kind: 'retry',
  grpcCode: GRPC.UNAVAILABLE,
  message: 'down',
  retryAfterMs: 0,
  bytesDone: true,
} as const satisfies SendResult;
/** Its bytes may still be on their way. */
const CANCELLED: SendResult = { ...FAILS, bytesDone: false };
const SENT: SendResult = { kind: 'ok', bytesDone: true };
const EARLY: SendResult = { kind: 'ok', bytesDone: false };
const NEVER: SendResult = { kind: 'permanent', grpcCode: GRPC.INVALID_ARGUMENT, message: 'bad' };

function setUp(
  results: readonly SendResult[],
  retry: Partial<RetryArgs> = {},
  random = 0.5,
  request: SendRequest = REQUEST,
) {
  const clock = new FakeClock();
  const attemptsAtMs: number[] = [];
  const waits: number[] = [];
  const sender = {
    send: () => {
      attemptsAtMs.push(clock.monotonicMs());
      return Promise.resolve(results[Math.min(attemptsAtMs.length, results.length) - 1]);
    },
  };
  const retrier = new Retrier(
    clock,
    () => random,
    (_request, _result, waitMs) => waits.push(waitMs),
  );
  const route = { sender, retry: { ...defaults(retryBlock), ...retry } };
  const state: { result: SendResult | null } = { result: null };
  void retrier.send(request, () => route).then((result) => (state.result = result));
  return { clock, attemptsAtMs, waits, retrier, state };
}

describe('retry', () => {
  it('sends once when the first attempt succeeds', async () => {
    const { clock, attemptsAtMs, state } = setUp([SENT]);
    await clock.advance(0);
    assert.equal(state.result, SENT);
    assert.deepEqual(attemptsAtMs, [0]);
    assert.equal(clock.pending, 0);
  });

  it('gives the memory back after a success if no attempt can still be reading, never after a failure', async () => {
    for (const [results, released] of [
      [[SENT], 1],
      [[EARLY], 0],
      [[FAILS, SENT], 1],
      [[CANCELLED, SENT], 0],
      [[FAILS, NEVER], 0],
    ] as const) {
      let count = 0;
      const { clock } = setUp(results, {}, 0.5, { ...REQUEST, release: () => void count++ });
      await clock.advance(60_000);
      assert.equal(count, released);
    }
  });

  it('waits 5 s and then 1.5 times longer each time, up to 30 s, with the middle of the jitter', async () => {
    const { clock, waits } = setUp([FAILS], { max_elapsed_time: 0 });
    await clock.advance(120_000);
    assert.deepEqual(waits, [5_000, 7_500, 11_250, 16_875, 25_312.5, 30_000, 30_000]);
  });

  it('draws the wait evenly from interval x (1 - factor) to interval x (1 + factor)', async () => {
    const low = setUp([FAILS], {}, 0);
    const high = setUp([FAILS], {}, 0.9999999);
    await low.clock.advance(0);
    await high.clock.advance(0);
    assert.equal(low.waits[0], 2_500);
    assert.ok(Math.abs(high.waits[0] - 7_500) < 0.01);
  });

  it('caps the interval before the jitter, so that the longest wait is max_interval x (1 + factor)', async () => {
    const { clock, waits } = setUp([FAILS], { max_elapsed_time: 0 }, 1);
    await clock.advance(400_000);
    assert.equal(Math.max(...waits), 45_000);
  });

  it('waits at least as long as the server asks', async () => {
    const { clock, attemptsAtMs } = setUp([{ ...FAILS, retryAfterMs: 20_000 }, { ...FAILS, retryAfterMs: 1 }, SENT]);
    await clock.advance(60_000);
    assert.deepEqual(attemptsAtMs, [0, 20_000, 27_500]);
  });

  it('gives up before a wait that would end after max_elapsed_time, with the last failure as the result', async () => {
    const { clock, attemptsAtMs, state } = setUp([FAILS], { max_elapsed_time: 12_500 });
    await clock.advance(12_500);
    assert.deepEqual(attemptsAtMs, [0, 5_000, 12_500]);
    assert.equal(state.result, FAILS);
    assert.equal(clock.pending, 0);
  });

  it('retries for ever with max_elapsed_time 0', async () => {
    const { clock, attemptsAtMs, state } = setUp([FAILS], { max_elapsed_time: 0 });
    await clock.advance(3_600_000);
    assert.equal(state.result, null);
    assert.ok(attemptsAtMs.length > 100);
  });

  it('ends at once on a permanent failure', async () => {
    const { clock, attemptsAtMs, state } = setUp([FAILS, NEVER]);
    await clock.advance(60_000);
    assert.deepEqual(attemptsAtMs, [0, 5_000]);
    assert.equal(state.result, NEVER);
  });

  it('makes one attempt when disabled', async () => {
    const { clock, attemptsAtMs, state } = setUp([FAILS], { enabled: false });
    await clock.advance(60_000);
    assert.deepEqual(attemptsAtMs, [0]);
    assert.equal(state.result, FAILS);
  });

  it('ends the wait at once on stop and makes one last attempt', async () => {
    const { clock, attemptsAtMs, retrier, state } = setUp([FAILS]);
    await clock.advance(1_000);
    retrier.stop();
    await clock.advance(0);
    assert.deepEqual(attemptsAtMs, [0, 1_000]);
    assert.equal(state.result, FAILS);
    assert.equal(clock.pending, 0);
  });

  it('gives a batch that comes after stop one attempt', async () => {
    const clock = new FakeClock();
    let attempts = 0;
    const retrier = new Retrier(
      clock,
      () => 0.5,
      () => assert.fail('no retry may follow'),
    );
    retrier.stop();
    const sender = { send: () => Promise.resolve((attempts++, FAILS)) };
    assert.equal(await retrier.send(REQUEST, () => ({ sender, retry: defaults(retryBlock) })), FAILS);
    assert.equal(attempts, 1);
  });
});
