/** Which bytes a queue hands to a sender, and when it gives their memory back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { queueBatchBlock, queueBlock, type QueueBatchArgs } from '#components/kit/blocks/queue.ts';
import { retryBlock } from '#components/kit/blocks/retry.ts';
import { Exporter } from '#components/kit/exporter/exporter.ts';
import type { SendRequest } from '#components/kit/exporter/request.ts';
import type { SendResult } from '#components/kit/exporter/sender.ts';
import { defaults } from '#config/schema/schema.ts';
import { GRPC, reasonName, type Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { settle } from '#test/support/fake-clock.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { workerContext } from '#test/support/worker-context.ts';

const SENT: SendResult = { kind: 'ok', bytesDone: true };
const DOWN: SendResult = {
  kind: 'retry',
  grpcCode: GRPC.UNAVAILABLE,
  message: 'down',
  retryAfterMs: 0,
  bytesDone: true,
};

/** An exporter that batches in its queue, whose destination answers when the test says so. */
function setUp(batch: Partial<QueueBatchArgs>, waitForResult = false) {
  const attempts: { readonly request: SendRequest; readonly answer: (result: SendResult) => void }[] = [];
  const sender = {
    send: (request: SendRequest) => new Promise<SendResult>((answer) => attempts.push({ request, answer })),
  };
  const settings = {
    queue: {
      ...defaults(queueBlock),
      batch: { ...defaults(queueBatchBlock), ...batch },
      wait_for_result: waitForResult,
    },
    retry: { ...defaults(retryBlock), enabled: false },
    sender,
  };
  const exporter = new Exporter(settings, workerContext('otelcol.exporter.test.default'), 'test/default');
  return {
    attempts,
    sizes: () => attempts.map((a) => a.request.items),
    answer: (index: number, result: SendResult) => (attempts[index].answer(result), settle()),
    offer: (b: Batch): Outcome | Promise<Outcome> => exporter.input.consume(b),
  };
}

test('hands the parts of a merged batch to the sender as they are, without a copy', async () => {
  const { attempts, offer } = setUp({ min_size: 6, max_size: 0 });
  const batches = [numbered(TRACES, 0, 3), numbered(TRACES, 3, 3)];
  for (const batch of batches) void offer(batch);
  await settle();
  const parts = attempts[0]?.request.parts ?? [];
  assert.equal(parts.length, 2);
  for (const [i, part] of parts.entries()) assert.equal(part, batches[i].bytes);
});

test('gives the memory of what was merged back with its send, of what was cut when its last part is done', async () => {
  const { sizes, answer, offer } = setUp({ min_size: 8, max_size: 8 });
  const released: string[] = [];
  const give = (name: string) => (): void => void released.push(name);
  void offer({ ...numbered(TRACES, 0, 3), release: give('whole') });
  void offer({ ...numbered(TRACES, 3, 10), release: give('cut') });
  void offer({ ...numbered(TRACES, 13, 3), release: give('last') });
  await settle();
  assert.deepEqual(sizes(), [8, 8]);
  await answer(1, SENT);
  assert.deepEqual(released, ['last']);
  await answer(0, SENT);
  assert.deepEqual(released, ['last', 'whole', 'cut']);
});

test('keeps the memory of a batch that its sender may offer again', async () => {
  const { answer, offer } = setUp({ min_size: 1, max_size: 5 }, true);
  let released = 0;
  const batch = (from: number, count: number): Batch => ({
    ...numbered(TRACES, from, count),
    release: () => void released++,
  });
  const outcomes = Promise.all([offer(batch(0, 10)), offer(batch(10, 5))]);
  await settle();
  await answer(0, SENT);
  await answer(1, DOWN);
  await answer(2, DOWN);
  assert.deepEqual((await outcomes).map(reasonName), ['downstream', 'downstream']);
  assert.equal(released, 0);
  void offer(batch(0, 10));
  await answer(3, SENT);
  await answer(4, SENT);
  assert.equal(released, 1);
});
