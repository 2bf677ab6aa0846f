import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { queueBatchBlock, queueBlock, type QueueArgs, type QueueBatchArgs } from '#components/kit/blocks/queue.ts';
import { retryBlock, type RetryArgs } from '#components/kit/blocks/retry.ts';
import { Exporter } from '#components/kit/exporter/exporter.ts';
import { joined, type SendRequest } from '#components/kit/exporter/request.ts';
import type { SendResult } from '#components/kit/exporter/sender.ts';
import { defaults } from '#config/schema/schema.ts';
import { GRPC, Outcome, reasonName, statusOf } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { settle } from '#test/support/fake-clock.ts';
import { numbered, numbersIn, range } from '#test/support/numbered-items.ts';
import { workerContext } from '#test/support/worker-context.ts';

const SENT: SendResult = { kind: 'ok', bytesDone: true };
const DOWN = {
  kind: 'retry',
  grpcCode: GRPC.UNAVAILABLE,
  message: 'down',
  retryAfterMs: 0,
  bytesDone: true,
} as const satisfies SendResult;
const BAD: SendResult = { kind: 'permanent', grpcCode: GRPC.INVALID_ARGUMENT, message: 'bad' };
const SPANS = { data_type: 'traces' };

interface Attempt {
  readonly request: SendRequest;
  readonly answer: (result: SendResult) => void;
}

const numbersOf = ({ signal, parts }: SendRequest): number[] => numbersIn({ signal, bytes: joined(parts) });

/** A destination that answers each attempt when the test says so, or at once with `result`. */
class Destination {
  readonly attempts: Attempt[] = [];
  result: SendResult | null = null;

  send(request: SendRequest): Promise<SendResult> {
    return new Promise((answer) => {
      this.attempts.push({ request, answer });
      if (this.result !== null) answer(this.result);
    });
  }
  get sizes(): number[] {
    return this.attempts.map((a) => a.request.items);
  }
  get numbers(): number[] {
    return this.attempts.flatMap((a) => numbersOf(a.request));
  }
  async answer(index: number, result: SendResult): Promise<void> {
    this.attempts[index].answer(result);
    await settle();
  }
}

interface Options {
  readonly queue?: Partial<QueueArgs>;
  readonly batch?: Partial<QueueBatchArgs>;
  readonly retry?: Partial<RetryArgs>;
  readonly workers?: { readonly index: number; readonly count: number };
}

function setUp(options: Options = {}) {
  const ctx = workerContext('otelcol.exporter.test.default', options.workers);
  const destination = new Destination();
  const batch = options.batch === undefined ? undefined : { ...defaults(queueBatchBlock), ...options.batch };
  const settings = {
    queue: { ...defaults(queueBlock), batch, ...options.queue },
    retry: { ...defaults(retryBlock), ...options.retry },
    sender: destination,
  };
  const exporter = new Exporter(settings, ctx, 'test/default', () => 0.5);
  const offer = (batchIn: Batch): Outcome | Promise<Outcome> => exporter.input.consume(batchIn);
  return { ctx, destination, exporter, settings, offer };
}

/** The outcome of an offer, once there is one. */
function track(outcome: Outcome | Promise<Outcome>): { value: string | null } {
  const seen: { value: string | null } = { value: null };
  void Promise.resolve(outcome).then((o) => (seen.value = reasonName(o)));
  return seen;
}

describe('sending queue', () => {
  it('answers "accepted" as soon as the data is stored, and sends it', async () => {
    const { ctx, destination, offer } = setUp();
    assert.equal(offer(numbered(TRACES, 0, 5)), Outcome.accepted);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 1);
    assert.equal(ctx.meter.value('millrace_component_held_items', { signal: 'traces' }), 5);
    await destination.answer(0, SENT);
    assert.deepEqual(destination.numbers, range(0, 5));
    assert.equal(ctx.meter.value('otelcol_exporter_sent_spans_total', { exporter: 'test/default' }), 5);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 0);
    assert.equal(ctx.meter.value('millrace_component_held_items', { signal: 'traces' }), 0);
  });

  it('keeps borrowed bytes before it answers', async () => {
    const { destination, offer } = setUp({ queue: { num_consumers: 1 } });
    const whole = numbered(TRACES, 0, 3);
    const borrowed = { ...whole, bytes: Buffer.from(whole.bytes), owned: false };
    void offer(borrowed);
    borrowed.bytes.fill(0xff);
    await settle();
    assert.deepEqual(destination.numbers, [0, 1, 2]);
  });

  it('sends num_consumers batches at a time, in order of arrival', async () => {
    const { ctx, destination, offer } = setUp({ queue: { num_consumers: 2 } });
    for (let i = 0; i < 4; i++) void offer(numbered(TRACES, i, 1));
    await settle();
    assert.deepEqual(destination.numbers, [0, 1]);
    assert.equal(ctx.meter.value('otelcol_exporter_in_flight_requests', SPANS), 2);
    await destination.answer(1, SENT);
    assert.deepEqual(destination.numbers, [0, 1, 2]);
    await destination.answer(0, SENT);
    assert.deepEqual(destination.numbers, [0, 1, 2, 3]);
  });

  it('counts what is being sent as in the queue, refuses when full, and takes again when a send has ended', async () => {
    const { ctx, destination, offer } = setUp({ queue: { num_consumers: 1, queue_size: 2 } });
    assert.equal(offer(numbered(TRACES, 0, 1)), Outcome.accepted);
    assert.equal(offer(numbered(TRACES, 1, 1)), Outcome.accepted);
    assert.equal(offer(numbered(TRACES, 2, 7)), Outcome.queueFull);
    assert.equal(ctx.meter.value('otelcol_exporter_enqueue_failed_spans_total'), 7);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 2);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_capacity', SPANS), 2);
    await destination.answer(0, SENT);
    assert.equal(offer(numbered(TRACES, 3, 1)), Outcome.accepted);
  });

  it('has a queue of its own for each signal', () => {
    const { offer } = setUp({ queue: { queue_size: 1 } });
    assert.equal(offer(numbered(TRACES, 0, 1)), Outcome.accepted);
    assert.equal(offer(numbered(METRICS, 0, 1)), Outcome.accepted);
    assert.equal(offer(numbered(LOGS, 0, 1)), Outcome.accepted);
    assert.equal(offer(numbered(TRACES, 1, 1)), Outcome.queueFull);
  });

  it('measures in items', () => {
    const { ctx, offer } = setUp({ queue: { queue_size: 10, sizer: 'items' } });
    assert.equal(offer(numbered(TRACES, 0, 6)), Outcome.accepted);
    assert.equal(offer(numbered(TRACES, 6, 5)), Outcome.queueFull);
    assert.equal(offer(numbered(TRACES, 6, 4)), Outcome.accepted);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 10);
  });

  it('measures in bytes', () => {
    const one = numbered(TRACES, 0, 6);
    const { ctx, offer } = setUp({ queue: { queue_size: one.bytes.length * 2, sizer: 'bytes' } });
    assert.equal(offer(one), Outcome.accepted);
    assert.equal(offer(one), Outcome.accepted);
    assert.equal(offer(numbered(TRACES, 0, 1)), Outcome.queueFull);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), one.bytes.length * 2);
  });

  it('takes a request that is larger than the whole queue when it is empty, else nothing could ever move it', () => {
    const { offer } = setUp({ queue: { queue_size: 10, sizer: 'items' } });
    assert.equal(offer(numbered(TRACES, 0, 11)), Outcome.accepted);
    assert.equal(offer(numbered(TRACES, 11, 1)), Outcome.queueFull);
  });

  it('shares queue_size and num_consumers among the workers', () => {
    const capacity = [0, 1, 2].map((index) => {
      const { ctx } = setUp({ queue: { queue_size: 1000 }, workers: { index, count: 3 } });
      return ctx.meter.value('otelcol_exporter_queue_capacity', SPANS);
    });
    assert.deepEqual(capacity, [334, 333, 333]);
  });

  it('makes senders wait for space in order with block_on_overflow', async () => {
    const { destination, offer } = setUp({ queue: { num_consumers: 1, queue_size: 1, block_on_overflow: true } });
    assert.equal(offer(numbered(TRACES, 0, 1)), Outcome.accepted);
    const second = track(offer(numbered(TRACES, 1, 1)));
    const third = track(offer(numbered(TRACES, 2, 1)));
    await destination.answer(0, SENT);
    assert.deepEqual([second.value, third.value], ['accepted', null]);
    await destination.answer(1, SENT);
    assert.equal(third.value, 'accepted');
    assert.deepEqual(destination.numbers, [0, 1, 2]);
  });

  it('does not let a small request overtake a large one that waits for space', async () => {
    const { destination, offer } = setUp({
      queue: { num_consumers: 1, queue_size: 10, sizer: 'items', block_on_overflow: true },
    });
    void offer(numbered(TRACES, 0, 8));
    const large = track(offer(numbered(TRACES, 8, 5)));
    const small = track(offer(numbered(TRACES, 13, 1)));
    await settle();
    assert.deepEqual([large.value, small.value], [null, null]);
    await destination.answer(0, SENT);
    assert.deepEqual([large.value, small.value], ['accepted', 'accepted']);
  });

  it('answers with the final result with wait_for_result', async () => {
    const { ctx, destination, offer } = setUp({ queue: { wait_for_result: true }, retry: { enabled: false } });
    const good = track(offer(numbered(TRACES, 0, 1)));
    const down = offer(numbered(TRACES, 1, 1));
    const bad = offer(numbered(TRACES, 2, 1));
    await settle();
    assert.equal(good.value, null);
    assert.equal(
      ctx.meter.value('millrace_component_held_items', { signal: 'traces' }),
      0,
      'nobody was told "accepted" yet',
    );
    await destination.answer(0, SENT);
    await destination.answer(1, { ...DOWN, retryAfterMs: 1500 });
    await destination.answer(2, BAD);
    assert.equal(good.value, 'accepted');
    assert.equal(reasonName(await down), 'downstream');
    assert.deepEqual([statusOf(await down).grpc, statusOf(await down).retryAfterS], [GRPC.UNAVAILABLE, 1]);
    assert.equal(reasonName(await bad), 'downstream_rejected');
    assert.equal(statusOf(await bad).grpc, GRPC.INVALID_ARGUMENT);
    assert.equal(ctx.meter.value('otelcol_exporter_send_failed_spans_total'), 2);
    assert.equal(
      ctx.meter.value('millrace_component_dropped_items_total'),
      0,
      'the sender knows: nothing is lost silently',
    );
  });

  it('waits for space and then for the result with both', async () => {
    const { destination, offer } = setUp({
      queue: { num_consumers: 1, queue_size: 1, block_on_overflow: true, wait_for_result: true },
    });
    const first = track(offer(numbered(TRACES, 0, 1)));
    const second = track(offer(numbered(TRACES, 1, 1)));
    await destination.answer(0, SENT);
    assert.deepEqual([first.value, second.value], ['accepted', null]);
    await destination.answer(1, BAD);
    assert.equal(second.value, 'downstream_rejected');
  });

  it('drops accepted data on a permanent failure: counted with its reason and logged', async () => {
    const { ctx, destination, offer } = setUp();
    void offer(numbered(TRACES, 0, 4));
    await destination.answer(0, BAD);
    assert.equal(ctx.meter.value('otelcol_exporter_send_failed_spans_total'), 4);
    assert.equal(
      ctx.meter.value('millrace_component_dropped_items_total', { signal: 'traces', reason: 'rejected' }),
      4,
    );
    assert.equal(ctx.log.lines.at(-1)?.level, 'error');
    assert.deepEqual(ctx.log.lines.at(-1)?.fields, {
      signal: 'traces',
      reason: 'rejected',
      error: 'bad',
      grpc_code: 3,
      items: 4,
    });
  });

  it('drops accepted data when retries are exhausted', async () => {
    const { ctx, destination, offer } = setUp();
    destination.result = DOWN;
    void offer(numbered(TRACES, 0, 4));
    await ctx.clock.advance(300_000);
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'retries_exhausted' }), 4);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 0);
  });

  it('writes one line per period however many batches fail', async () => {
    const { ctx, destination, offer } = setUp({ queue: { queue_size: 100 } });
    destination.result = BAD;
    for (let i = 0; i < 50; i++) void offer(numbered(TRACES, i, 2));
    await ctx.clock.advance(60_000);
    const lines = ctx.log.lines.filter((line) => line.level === 'error');
    assert.deepEqual(
      lines.map((line) => [line.fields['items'], line.fields['more_since_last_line']]),
      [
        [2, undefined],
        [98, 49],
      ],
    );
    assert.equal(ctx.clock.pending, 0);
  });

  it('without a queue sends at once, retries, and passes the error up', async () => {
    const { ctx, destination, offer } = setUp({ queue: { enabled: false } });
    const outcome = track(offer(numbered(TRACES, 0, 2)));
    await destination.answer(0, DOWN);
    assert.equal(outcome.value, null, 'a retry follows');
    await ctx.clock.advance(5_000);
    await destination.answer(1, BAD);
    assert.equal(outcome.value, 'downstream_rejected');
    assert.equal(ctx.meter.value('otelcol_exporter_queue_capacity', SPANS), 0);
  });
});

describe('batch in the queue', () => {
  it('merges requests until min_size is reached', async () => {
    const { ctx, destination, offer } = setUp({ batch: { min_size: 10, max_size: 20 } });
    for (let i = 0; i < 4; i++) void offer(numbered(TRACES, i * 3, 3));
    await settle();
    assert.deepEqual(destination.sizes, [12]);
    assert.deepEqual(destination.numbers, range(0, 12));
    assert.deepEqual(ctx.meter.observed('otelcol_exporter_queue_batch_send_size'), [12]);
    assert.deepEqual(ctx.meter.observed('otelcol_exporter_queue_batch_send_size_bytes'), [
      destination.attempts[0]?.request.bytes,
    ]);
  });

  it('sends what there is flush_timeout after the first item', async () => {
    const { ctx, destination, offer } = setUp({ batch: { min_size: 10, max_size: 20, flush_timeout: 200 } });
    await ctx.clock.advance(1_000);
    void offer(numbered(TRACES, 0, 3));
    await ctx.clock.advance(150);
    void offer(numbered(TRACES, 3, 3));
    await ctx.clock.advance(49);
    assert.deepEqual(destination.sizes, []);
    await ctx.clock.advance(1);
    assert.deepEqual(destination.sizes, [6]);
  });

  it('cuts at max_size and keeps the rest for the next batch', async () => {
    const { ctx, destination, offer } = setUp({ batch: { min_size: 2000, max_size: 3000 } });
    void offer(numbered(TRACES, 0, 7500));
    await settle();
    assert.deepEqual(destination.sizes, [3000, 3000]);
    await ctx.clock.advance(200);
    assert.deepEqual(destination.sizes, [3000, 3000, 1500]);
    assert.deepEqual(destination.numbers, range(0, 7500));
  });

  it('fills a batch from the front of a request that does not fit whole', async () => {
    const { ctx, destination, offer } = setUp({ batch: { min_size: 8, max_size: 10 } });
    void offer(numbered(METRICS, 0, 7));
    void offer(numbered(METRICS, 7, 7));
    await ctx.clock.advance(200);
    assert.deepEqual(destination.sizes, [10, 4]);
    assert.deepEqual(destination.numbers, range(0, 14));
  });

  it('has no upper limit with max_size 0', async () => {
    const { destination, offer } = setUp({ batch: { min_size: 2, max_size: 0 } });
    void offer(numbered(LOGS, 0, 5000));
    await settle();
    assert.deepEqual(destination.sizes, [5000]);
  });

  it('measures in bytes, cutting so that no batch is larger than max_size', async () => {
    const whole = numbered(TRACES, 1000, 100);
    const { ctx, destination, offer } = setUp({ batch: { sizer: 'bytes', min_size: 200, max_size: 400 } });
    void offer(whole);
    void offer(numbered(TRACES, 1100, 20));
    await ctx.clock.advance(200);
    assert.deepEqual(destination.numbers, range(1000, 120));
    for (const { request } of destination.attempts) {
      assert.ok(request.bytes <= 400, `${request.bytes} bytes`);
      assert.equal(joined(request.parts).length, request.bytes);
    }
    assert.ok(destination.attempts.length > 2);
  });

  it('drops one item that is larger than max_size bytes, counts it, tells its sender, and sends the others', async () => {
    const { ctx, destination, offer } = setUp({
      batch: { sizer: 'bytes', min_size: 0, max_size: 30 },
      queue: { wait_for_result: true },
    });
    destination.result = SENT;
    const outcome = track(offer(numbered(TRACES, 0, 3)));
    await ctx.clock.advance(200);
    assert.deepEqual(destination.numbers, []);
    assert.equal(outcome.value, 'item_too_large');
    assert.equal(ctx.meter.value('otelcol_exporter_send_failed_spans_total'), 3);
  });

  it('answers every waiting sender whose data was in a merged batch', async () => {
    const { destination, offer } = setUp({
      batch: { min_size: 4, max_size: 6 },
      queue: { wait_for_result: true },
      retry: { enabled: false },
    });
    const a = track(offer(numbered(TRACES, 0, 3)));
    const b = track(offer(numbered(TRACES, 3, 3)));
    await destination.answer(0, BAD);
    assert.deepEqual([a.value, b.value], ['downstream_rejected', 'downstream_rejected']);
  });

  it('answers a sender whose data was cut when the last part is done, with the worst result', async () => {
    const { destination, offer } = setUp({
      batch: { min_size: 1, max_size: 5 },
      queue: { wait_for_result: true },
      retry: { enabled: false },
    });
    const outcome = track(offer(numbered(TRACES, 0, 12)));
    await settle();
    assert.deepEqual(destination.sizes, [5, 5, 2]);
    await destination.answer(2, SENT);
    await destination.answer(0, BAD);
    assert.equal(outcome.value, null);
    await destination.answer(1, SENT);
    assert.equal(outcome.value, 'downstream_rejected');
  });

  it('releases the size of a request when its last part is done', async () => {
    const { ctx, destination, offer } = setUp({
      batch: { min_size: 1, max_size: 5 },
      queue: { queue_size: 10, sizer: 'items' },
    });
    void offer(numbered(TRACES, 0, 10));
    await destination.answer(0, SENT);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 10);
    await destination.answer(1, SENT);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 0);
  });

  it('does not let data that waits for more data keep the queue full', async () => {
    const { destination, offer } = setUp({ batch: { min_size: 100, max_size: 200 }, queue: { queue_size: 2 } });
    void offer(numbered(TRACES, 0, 1));
    void offer(numbered(TRACES, 1, 1));
    assert.equal(offer(numbered(TRACES, 2, 1)), Outcome.queueFull);
    await settle();
    assert.deepEqual(destination.sizes, [2]);
  });

  it('passes the metadata of a batch on when it is the same for all of it', async () => {
    const { destination, offer } = setUp({ batch: { min_size: 2, max_size: 0 } });
    const metadata = new Map([['tenant', ['a']]]);
    void offer(numbered(TRACES, 0, 1, metadata));
    void offer(numbered(TRACES, 1, 1, metadata));
    void offer(numbered(TRACES, 2, 1, metadata));
    void offer(numbered(TRACES, 3, 1));
    await settle();
    assert.deepEqual(
      destination.attempts.map((a) => a.request.metadata),
      [metadata, null],
    );
  });
});

describe('update', () => {
  it('keeps what is queued and sends it with the new sender', async () => {
    const { exporter, destination, settings, offer } = setUp({ queue: { num_consumers: 1 } });
    void offer(numbered(TRACES, 0, 1));
    void offer(numbered(TRACES, 1, 1));
    const other = new Destination();
    exporter.update({ ...settings, sender: other });
    await destination.answer(0, SENT);
    assert.deepEqual(destination.numbers, [0]);
    assert.deepEqual(other.numbers, [1]);
  });

  it('retries with the new sender', async () => {
    const { ctx, exporter, destination, settings, offer } = setUp();
    void offer(numbered(TRACES, 0, 1));
    await destination.answer(0, DOWN);
    const other = new Destination();
    exporter.update({ ...settings, sender: other });
    await ctx.clock.advance(5_000);
    assert.deepEqual(other.numbers, [0]);
  });

  it('starts more sends when num_consumers grows, and keeps data above a smaller queue_size', async () => {
    const { ctx, exporter, destination, settings, offer } = setUp({ queue: { num_consumers: 1, queue_size: 5 } });
    for (let i = 0; i < 4; i++) void offer(numbered(TRACES, i, 1));
    exporter.update({ ...settings, queue: { ...settings.queue, num_consumers: 3, queue_size: 2 } });
    await settle();
    assert.deepEqual(destination.numbers, [0, 1, 2]);
    assert.equal(offer(numbered(TRACES, 9, 1)), Outcome.queueFull);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 4);
  });

  it('measures what is queued anew when the sizer changes', () => {
    const { ctx, exporter, settings, offer } = setUp();
    void offer(numbered(TRACES, 0, 7));
    exporter.update({ ...settings, queue: { ...settings.queue, sizer: 'items' } });
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 7);
  });
});

describe('stop', () => {
  it('takes nothing more, sends all that is queued, and then rests', async () => {
    const { ctx, exporter, destination, offer } = setUp({
      queue: { num_consumers: 1 },
      batch: { min_size: 100, max_size: 0 },
    });
    for (let i = 0; i < 3; i++) void offer(numbered(TRACES, i, 1));
    destination.result = SENT;
    await exporter.stop(1_000);
    assert.deepEqual(destination.numbers, [0, 1, 2]);
    assert.equal(offer(numbered(TRACES, 9, 1)), Outcome.stopping);
    assert.equal(ctx.clock.pending, 0);
  });

  it('ends waits between retries at once; each batch gets one more attempt', async () => {
    const { ctx, exporter, destination, offer } = setUp({ queue: { num_consumers: 2 } });
    destination.result = DOWN;
    for (let i = 0; i < 4; i++) void offer(numbered(TRACES, i, 1));
    await settle();
    assert.deepEqual(destination.numbers, [0, 1]);
    await exporter.stop(60_000);
    assert.deepEqual(
      destination.numbers.toSorted((a, b) => a - b),
      [0, 0, 1, 1, 2, 3],
    );
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 4);
    assert.equal(ctx.clock.pending, 0);
  });

  it('drops, counts and logs what a hanging destination leaves at the deadline, and ignores what it says later', async () => {
    const { ctx, exporter, destination, offer } = setUp({ queue: { num_consumers: 1 } });
    void offer(numbered(TRACES, 0, 3));
    void offer(numbered(TRACES, 3, 4));
    const stopped = exporter.stop(2_000);
    await ctx.clock.advance(2_000);
    await stopped;
    await destination.answer(0, SENT);
    assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 7);
    assert.equal(ctx.meter.value('otelcol_exporter_sent_spans_total'), 0);
    assert.equal(ctx.meter.value('millrace_component_held_items', { signal: 'traces' }), 0);
    assert.equal(ctx.meter.value('otelcol_exporter_in_flight_requests'), 0);
    assert.equal(
      ctx.log.lines
        .filter((line) => line.level === 'error')
        .reduce((sum, line) => sum + Number(line.fields['items']), 0),
      7,
    );
    assert.equal(ctx.clock.pending, 0);
    assert.equal(destination.attempts.length, 1);
  });

  it('tells senders that wait for space or for a result that it is stopping', async () => {
    const { ctx, exporter, offer } = setUp({
      queue: { num_consumers: 1, queue_size: 1, block_on_overflow: true, wait_for_result: true },
    });
    const sending = track(offer(numbered(TRACES, 0, 1)));
    const blocked = track(offer(numbered(TRACES, 1, 1)));
    const stopped = exporter.stop(1_000);
    await settle();
    assert.deepEqual([sending.value, blocked.value], [null, 'stopping']);
    await ctx.clock.advance(1_000);
    await stopped;
    assert.equal(sending.value, 'stopping');
  });
});

describe('conservation', () => {
  it('ends each item exactly once as sent, dropped with a count, or refused to its sender, whatever the destination says', async () => {
    const { ctx, exporter, destination, offer } = setUp({
      queue: { num_consumers: 3, queue_size: 60, sizer: 'items' },
      batch: { min_size: 7, max_size: 11 },
      retry: { max_elapsed_time: 30_000 },
    });
    const results: readonly SendResult[] = [SENT, DOWN, SENT, BAD, { ...DOWN, retryAfterMs: 7_000 }, SENT];
    const sent: number[] = [];
    const bad: number[] = [];
    let attempts = 0;
    destination.send = (request) => {
      const result = results[attempts++ % results.length];
      if (result.kind === 'ok') sent.push(...numbersOf(request));
      if (result.kind === 'permanent') bad.push(...numbersOf(request));
      return Promise.resolve(result);
    };
    const accepted: number[] = [];
    for (let i = 0, next = 0; i < 200; i++) {
      const count = 1 + ((i * 7) % 13);
      if (offer(numbered(TRACES, next, count)) === Outcome.accepted) accepted.push(...range(next, count));
      next += count;
      await ctx.clock.advance(i % 3 === 0 ? 900 : 10);
    }
    await exporter.stop(10_000);
    const dropped = ctx.meter.value('millrace_component_dropped_items_total');
    assert.equal(new Set(sent).size, sent.length, 'nothing is sent twice after a success');
    assert.deepEqual(
      [...sent, ...bad].filter((n) => !accepted.includes(n)),
      [],
    );
    assert.equal(sent.length + dropped, accepted.length);
    assert.equal(ctx.meter.value('otelcol_exporter_sent_spans_total'), sent.length);
    assert.ok(bad.length > 0 && dropped >= bad.length);
    assert.equal(ctx.meter.value('millrace_component_held_items', { signal: 'traces' }), 0);
    assert.equal(ctx.meter.value('otelcol_exporter_queue_size', SPANS), 0);
  });
});
