import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import type { WorkerPart } from '#components/kit/component.ts';
import { args as schema, type Args } from '#components/loki/write/schema.ts';
import { create } from '#components/loki/write/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import type { LOKI } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { settle } from '#test/support/fake-clock.ts';
import { linesBatch, oraclePushed, parseLabels, type TestLine } from '#test/support/loki.ts';
import { startPushSink, until, type PushSink } from '#test/support/push-sink.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

interface Writing {
  readonly ctx: TestWorkerContext;
  readonly part: WorkerPart<Args>;
  readonly offer: (...lines: readonly TestLine[]) => unknown;
  readonly held: () => number;
  readonly update: (text: string) => void;
}

function write(text: string, workers: { readonly index?: number; readonly count?: number } = {}): Writing {
  const ctx = workerContext('loki.write.test', workers);
  const part = create(argsOf(schema, text), ctx, () => 0.5);
  void part.start();
  return {
    ctx,
    part,
    offer: (...lines) => part.input?.consume(linesBatch(lines)),
    held: () => ctx.meter.value('millrace_component_held_items', { signal: 'loki' }),
    update: (changed) => void part.update(argsOf(schema, changed)),
  };
}
const endpoint = (sink: PushSink, more = ''): string =>
  `endpoint {\n url = "${sink.url}/loki/api/v1/push"\n${more}\n}\n`;
const lines = (from: number, to: number, labels: TestLine['labels'] = { app: 'a' }): TestLine[] =>
  Array.from({ length: to - from }, (_, i) => ({ labels, at: BigInt(from + i), line: `line ${from + i}` }));

/** Lines of all requests in order, with their labels before them. */
const arrived = (sink: PushSink): string[] =>
  sink.requests.flatMap(({ body }) =>
    oraclePushed(body).streams.flatMap(({ labels, entries }) => entries.map(({ line }) => `${labels} ${line}`)),
  );

/** Stops a part that may have nothing left to wait for. */
async function stop({ part, ctx }: Writing): Promise<void> {
  await part.stop(1000);
  assert.equal(ctx.clock.pending, 0, 'no timer is left');
}

test('lines of several batches leave as one request, when they have waited', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(
    `external_labels = { cluster = "c", app = "other" }\n${endpoint(sink, 'headers = { "X-A" = "1", "Content-Type" = "text/plain" }')}`,
  );
  const { ctx, offer, held } = writing;
  assert.equal(
    offer(
      { labels: { app: 'a', __internal: 'x' }, at: 1_700_000_000_000_000_001n, line: 'one', meta: { k: 'v' } },
      { labels: { app: 'b' }, at: 2n, line: 'two' },
    ),
    Outcome.accepted,
  );
  assert.equal(offer({ labels: { app: 'a' }, at: 3n, line: 'three' }), Outcome.accepted);
  assert.equal(held(), 3);
  await ctx.clock.advance(999);
  assert.equal(sink.requests.length, 0);
  await ctx.clock.advance(1);
  await until(() => held() === 0);
  assert.equal(sink.requests.length, 1);
  const [{ path, headers, body }] = sink.requests;
  assert.equal(path, '/loki/api/v1/push');
  assert.equal(headers['content-type'], 'application/x-protobuf');
  assert.equal(headers['content-encoding'], 'snappy');
  assert.equal(headers['x-a'], '1');
  assert.equal(headers['x-scope-orgid'], undefined);
  assert.match(headers['user-agent'] ?? '', /./);
  assert.deepEqual(oraclePushed(body), {
    streams: [
      {
        labels: '{app="a", cluster="c"}',
        entries: [
          {
            timestamp: { seconds: '1700000000', nanos: 1 },
            line: 'one',
            structuredMetadata: [{ name: 'k', value: 'v' }],
          },
          { timestamp: { nanos: 3 }, line: 'three' },
        ],
      },
      { labels: '{app="b", cluster="c"}', entries: [{ timestamp: { nanos: 2 }, line: 'two' }] },
    ],
  });
  const tenant = { tenant: '', host: new URL(sink.url).host };
  assert.equal(ctx.meter.value('loki_write_sent_entries_total', tenant), 3);
  assert.equal(ctx.meter.value('loki_write_sent_bytes_total', tenant), body.length);
  assert.deepEqual(ctx.meter.observed('loki_write_request_size_bytes', tenant), [body.length]);
  assert.equal(ctx.meter.observed('loki_write_request_duration_seconds', { status_code: '204' }).length, 1);
  await stop(writing);
});

test('an endpoint that asks for JSON gets it', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'headers = { "content-type" = "application/json; charset=utf-8" }'));
  writing.offer({
    labels: { app: 'a', __internal: 'x' },
    at: 1_700_000_000_000_000_001n,
    line: 'one "1"',
    meta: { k: 'v' },
  });
  await writing.ctx.clock.advance(1000);
  await until(() => writing.held() === 0);
  const [{ headers, body }] = sink.requests;
  assert.deepEqual([headers['content-type'], headers['content-encoding']], ['application/json', undefined]);
  assert.deepEqual(JSON.parse(body.toString()), {
    streams: [{ stream: { app: 'a' }, values: [['1700000000000000001', 'one "1"', { k: 'v' }]] }],
  });
  await stop(writing);
});

test('a batch is sent when it is full, one line is sent however long it is, and streams keep their order', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'batch_size = "30B"'));
  const long = 'x'.repeat(3_000_000);
  writing.offer(...lines(0, 7), { labels: { app: 'a' }, line: long }, ...lines(7, 9));
  await until(() => sink.requests.length === 3);
  await stop(writing);
  assert.deepEqual(
    sink.requests.map(({ body }) => oraclePushed(body).streams[0].entries.length),
    [5, 2, 1, 2],
  );
  assert.deepEqual(
    arrived(sink).map((text) => text.slice('{app="a"} '.length)),
    [...lines(0, 7).map(({ line }) => line), long, 'line 7', 'line 8'],
  );
});

test('each tenant has its own requests', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'tenant_id = "main"'));
  writing.offer(
    { labels: { a: '1', __tenant_id__: 'x' }, line: 'of x' },
    { labels: { a: '1' }, line: 'of main' },
    { labels: { a: '2', __tenant_id__: 'x' }, line: 'of x, too' },
  );
  await stop(writing);
  assert.deepEqual(
    sink.requests.map(({ headers, body }) => [
      headers['x-scope-orgid'],
      oraclePushed(body).streams.flatMap(({ entries }) => entries.map(({ line }) => line)),
    ]),
    [
      ['x', ['of x', 'of x, too']],
      ['main', ['of main']],
    ],
  );
  assert.equal(writing.ctx.meter.value('loki_write_sent_entries_total', { tenant: 'x' }), 2);
});

test('5xx, 429 and no answer are tried again, with waits that double; nothing is lost or doubled', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'remote_timeout = "5s"'));
  const { ctx, held } = writing;
  const answers = [
    { status: 500 },
    { status: 429 },
    null,
    { status: 503, headers: { 'retry-after': '60' } },
    { status: 204 },
  ];
  sink.answer = (_, i) => answers[i];
  writing.offer(...lines(0, 3));
  await ctx.clock.advance(1000);
  for (const [i, waitMs] of [750, 1500, 3000, 60_000].entries()) {
    await until(() => sink.requests.length === i + 1);
    if (answers[i] === null) await ctx.clock.advance(5000);
    await until(() => ctx.meter.value('loki_write_batch_retries_total') === i + 1);
    await ctx.clock.advance(waitMs - 1);
    assert.equal(sink.requests.length, i + 1, 'not before its time');
    await ctx.clock.advance(1);
  }
  await until(() => held() === 0);
  assert.equal(new Set(sink.requests.map(({ body }) => body.toString('hex'))).size, 1);
  assert.equal(ctx.meter.value('loki_write_sent_entries_total'), 3);
  assert.equal(ctx.meter.value('loki_write_dropped_entries_total'), 0);
  await stop(writing);
});

test('any other answer drops the batch, counted, and the next one is sent', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink));
  const { ctx, held } = writing;
  sink.answer = (_, i) => (i < 2 ? { status: 400, body: 'entry too far behind\nmore' } : { status: 204 });
  for (const from of [0, 3, 6]) {
    writing.offer(...lines(from, from + 3));
    await ctx.clock.advance(1000);
    await until(() => held() === 0);
  }
  assert.equal(ctx.meter.value('loki_write_dropped_entries_total', { reason: 'ingester_error' }), 6);
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { signal: 'loki', reason: 'rejected' }), 6);
  assert.equal(ctx.meter.value('loki_write_sent_entries_total'), 3);
  const errors = ctx.log.lines.filter(({ level }) => level === 'error');
  assert.equal(errors.length, 1, 'the second one is told later');
  assert.equal(errors[0].fields['error'], 'HTTP status 400: entry too far behind');
  await stop(writing);
});

test('attempts end after max_backoff_retries; 429 without retry_on_http_429 at once', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => ({ status: 429 });
  for (const [more, attempts] of [
    ['max_backoff_retries = 2', 2],
    ['retry_on_http_429 = false', 1],
  ] as const) {
    const writing = write(endpoint(sink, more));
    const { ctx, held } = writing;
    sink.requests.length = 0;
    writing.offer(...lines(0, 3));
    await ctx.clock.advance(1000);
    if (attempts === 2) {
      await until(() => ctx.meter.value('loki_write_batch_retries_total') === 1);
      await settle();
      await ctx.clock.advance(1000);
    }
    await until(() => held() === 0);
    assert.equal(sink.requests.length, attempts);
    assert.equal(ctx.meter.value('loki_write_dropped_entries_total', { reason: 'rate_limited' }), 3);
    await stop(writing);
  }
});

test('what is held is bounded while nothing is taken, and all that was accepted arrives once', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => ({ status: 503 });
  const writing = write(endpoint(sink, 'max_backoff_retries = 0\nqueue_config {\n capacity = "2KiB"\n}'));
  const { ctx, held } = writing;
  let accepted = 0;
  let refused = 0;
  for (let i = 0; i < 100; i++) {
    const outcome = writing.offer(...lines(i, i + 1));
    if (outcome === Outcome.accepted) accepted++;
    else {
      assert.equal(outcome, Outcome.queueFull);
      refused++;
    }
  }
  assert.ok(accepted > 10 && refused > 10, `${accepted} accepted, ${refused} refused`);
  assert.equal(held(), accepted);
  await until(() => ctx.meter.value('loki_write_batch_retries_total') === 1);
  sink.answer = () => ({ status: 204 });
  await stop(writing);
  assert.equal(held(), 0);
  const answered = new Set(arrived(sink));
  assert.equal(answered.size, accepted);
  assert.equal(ctx.meter.value('loki_write_sent_entries_total'), accepted);
});

test('without block_on_overflow lines that find no room are dropped, counted', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'queue_config {\n capacity = "1KiB"\n block_on_overflow = false\n}'));
  const { ctx, held } = writing;
  for (let i = 0; i < 100; i++) assert.equal(writing.offer(...lines(i, i + 1)), Outcome.accepted);
  const dropped = ctx.meter.value('loki_write_dropped_entries_total', { reason: 'queue_is_full' });
  assert.equal(held() + dropped, 100);
  assert.ok(dropped > 10);
  await stop(writing);
  assert.equal(arrived(sink).length, 100 - dropped);
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'queue_is_full' }), dropped);
});

test('streams beyond max_streams are dropped, counted', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(`max_streams = 2\n${endpoint(sink)}`);
  writing.offer(...['a', 'b', 'c', 'a', 'd'].map((app) => ({ labels: { app }, line: app })));
  await stop(writing);
  assert.deepEqual(arrived(sink), ['{app="a"} a', '{app="a"} a', '{app="b"} b']);
  assert.equal(writing.ctx.meter.value('loki_write_dropped_entries_total', { reason: 'stream_limited' }), 2);
});

test('stop sends what is held, and then nothing is taken', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'batch_wait = "1h"'));
  writing.offer(...lines(0, 3));
  await stop(writing);
  assert.equal(arrived(sink).length, 3);
  assert.equal(writing.held(), 0);
  assert.equal(writing.offer(...lines(3, 4)), Outcome.stopping);
  await stop(writing);
  await stop(write(endpoint(sink)));
});

test('a waiting retry gets one more attempt at stop; what fails then is dropped, counted', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => ({ status: 503 });
  const writing = write(endpoint(sink));
  writing.offer(...lines(0, 3));
  await writing.ctx.clock.advance(1000);
  await until(() => writing.ctx.meter.value('loki_write_batch_retries_total') === 1);
  await settle();
  writing.offer(...lines(3, 5));
  await stop(writing);
  assert.equal(sink.requests.length, 3);
  assert.equal(writing.held(), 0);
  assert.equal(writing.ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 5);
});

test('at the deadline the rest is dropped, counted, also where a server never answers', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => null;
  const writing = write(endpoint(sink));
  const { ctx, part } = writing;
  writing.offer(...lines(0, 3));
  await ctx.clock.advance(1000);
  await until(() => sink.requests.length === 1);
  writing.offer(...lines(3, 5));
  const stopped = part.stop(2000);
  await ctx.clock.advance(2000);
  await stopped;
  assert.equal(writing.held(), 0);
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' }), 5);
  assert.equal(ctx.clock.pending, 0);
});

test('a removed part goes on retrying for most of its deadline', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = (_, i) => ({ status: i < 3 ? 503 : 204 });
  const writing = write(endpoint(sink));
  const { ctx, part } = writing;
  writing.offer(...lines(0, 3));
  const stopped = part.stop(60_000, true);
  for (const [i, waitMs] of [750, 1500, 3000].entries()) {
    await until(() => ctx.meter.value('loki_write_batch_retries_total') === i + 1);
    await ctx.clock.advance(waitMs);
  }
  await stopped;
  assert.equal(ctx.meter.value('loki_write_sent_entries_total'), 3);
  assert.equal(ctx.clock.pending, 0);
});

test('every endpoint gets every line; when one is full and refuses, nobody does', async (t) => {
  const [good, bad] = [await startPushSink(t), await startPushSink(t)];
  bad.answer = () => ({ status: 503 });
  const writing = write(
    endpoint(good) + endpoint(bad, 'max_backoff_retries = 0\nqueue_config {\n capacity = "1KiB"\n}'),
  );
  let accepted = 0;
  while (writing.offer(...lines(accepted, accepted + 1)) === Outcome.accepted) accepted++;
  for (let i = 0; i < 5; i++) assert.equal(writing.offer(...lines(0, 1)), Outcome.queueFull);
  bad.answer = () => ({ status: 204 });
  await stop(writing);
  assert.equal(arrived(good).length, accepted);
  assert.equal(new Set(arrived(bad)).size, accepted);
});

test('a removed endpoint that hangs does not keep the collector beyond the deadline of its end', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = () => null;
  const { ctx, part, offer, update } = write(endpoint(sink, 'batch_wait = "10ms"\nremote_timeout = "10m"'));
  offer(...lines(0, 3));
  await ctx.clock.advance(10);
  await until(() => sink.requests.length === 1);
  update('');
  let ended = false;
  const stopped = part.stop(1000).then(() => (ended = true));
  await ctx.clock.advance(999);
  assert.equal(ended, false);
  await ctx.clock.advance(1);
  await stopped;
  assert.equal(ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown', signal: 'loki' }), 3);
  await part.stop(1000);
  assert.equal(ctx.clock.pending, 0);
});

test('an update loses nothing: what waits goes where the endpoint leads now, removed ones send what they hold', async (t) => {
  const [first, second, third] = [await startPushSink(t), await startPushSink(t), await startPushSink(t)];
  const writing = write(endpoint(first, 'name = "n"') + endpoint(third));
  const { ctx } = writing;
  writing.offer(...lines(0, 3));
  writing.update(endpoint(second, 'name = "n"\nqueue_config {\n min_shards = 3\n}'));
  writing.offer(...lines(3, 5, { app: 'a' }), ...lines(5, 6, { app: 'b' }));
  await ctx.clock.advance(1000);
  await stop(writing);
  assert.equal(arrived(first).length, 0);
  assert.deepEqual(arrived(second).sort(), [...lines(0, 5).map(({ line }) => `{app="a"} ${line}`), '{app="b"} line 5']);
  assert.equal(arrived(third).length, 3);
  assert.equal(writing.held(), 0);
});

test('an update that cannot be carried out changes nothing', async (t) => {
  const [first, second] = [await startPushSink(t), await startPushSink(t)];
  const writing = write(endpoint(first, 'name = "n"'));
  writing.offer(...lines(0, 3));
  const broken = `${endpoint(second, 'name = "n"')}${endpoint(second, 'tls_config {\n ca_file = "/no/such/file"\n}')}`;
  assert.throws(() => writing.update(broken));
  await writing.ctx.clock.advance(1000);
  await stop(writing);
  assert.deepEqual([arrived(first).length, arrived(second).length], [3, 0]);
});

test('an update while a batch waits for its retry reaches that batch', async (t) => {
  const [bad, good] = [await startPushSink(t), await startPushSink(t)];
  bad.answer = () => ({ status: 503 });
  const writing = write(endpoint(bad, 'name = "n"'));
  const { ctx } = writing;
  writing.offer(...lines(0, 3));
  await ctx.clock.advance(1000);
  await until(() => ctx.meter.value('loki_write_batch_retries_total') === 1);
  await settle();
  writing.update(endpoint(good, 'name = "n"\ntenant_id = "x"'));
  await ctx.clock.advance(750);
  await until(() => writing.held() === 0);
  assert.deepEqual([bad.requests.length, arrived(good).length], [1, 3]);
  await stop(writing);
});

test('bounds and shards are divided among the workers', async (t) => {
  const sink = await startPushSink(t);
  const text = endpoint(sink, 'batch_wait = "1h"\nqueue_config {\n capacity = "4KiB"\n}');
  const count = async (workers: number): Promise<number> => {
    const writing = write(text, { index: 0, count: workers });
    sink.answer = () => null;
    let accepted = 0;
    while (writing.offer(...lines(accepted, accepted + 1)) === Outcome.accepted) accepted++;
    const stopped = writing.part.stop(0);
    await writing.ctx.clock.advance(0);
    await stopped;
    return accepted;
  };
  const [alone, ofFour] = [await count(1), await count(4)];
  assert.ok(ofFour < alone / 2, `${alone} and ${ofFour}`);
});

test('who the client is: user and password, secret headers; redirects keep the body', async (t) => {
  const [sink, other] = [await startPushSink(t), await startPushSink(t)];
  sink.answer = ({ path }) =>
    path === '/moved'
      ? { status: 204 }
      : { status: 307, headers: { location: path === '/a' ? `${other.url}/far` : '/moved' } };
  const text = (path: string): string =>
    `endpoint {\n url = "${sink.url}${path}"\n basic_auth {\n username = "u"\n password = "p"\n }\n http_headers = { "X-Key" = ["k"] }\n}`;
  const near = write(text('/b'));
  near.offer(...lines(0, 3));
  await stop(near);
  assert.deepEqual(
    sink.requests.map(({ path, headers }) => [path, headers.authorization, headers['x-key']]),
    [
      ['/b', `Basic ${Buffer.from('u:p').toString('base64')}`, 'k'],
      ['/moved', `Basic ${Buffer.from('u:p').toString('base64')}`, 'k'],
    ],
  );
  assert.deepEqual(sink.requests[0].body, sink.requests[1].body);
});

test('a redirect that is not followed, or loses the body, drops the batch', async (t) => {
  const sink = await startPushSink(t);
  sink.answer = (_, i) => ({ status: i === 0 ? 302 : 307, headers: { location: '/x' } });
  for (const more of ['', 'follow_redirects = false']) {
    const writing = write(endpoint(sink, more));
    writing.offer(...lines(0, 1));
    await stop(writing);
    assert.equal(writing.ctx.meter.value('millrace_component_dropped_items_total', { reason: 'rejected' }), 1);
  }
  assert.equal(sink.requests.length, 2);
});

test('hostile labels and tenants: quoted, or dropped and counted', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink));
  const label = 'quote " back \\ line\n nul \u0000 \u{1f600} \u2028';
  writing.offer(
    { labels: { a: label }, line: 'good' },
    { labels: { a: '1', __tenant_id__: 'x\r\nX-Evil: 1' }, line: 'bad' },
    { labels: { a: '1', __tenant_id__: 'tenant-\u{1f600}' }, line: 'bad' },
  );
  await stop(writing);
  assert.equal(sink.requests.length, 1);
  assert.deepEqual(parseLabels(oraclePushed(sink.requests[0].body).streams[0].labels), { a: label });
  assert.equal(writing.ctx.meter.value('millrace_component_dropped_items_total', { reason: 'tenant' }), 2);
});

test('thousands of tenants: metrics are bounded', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink, 'queue_config {\n capacity = "100MiB"\n}'));
  writing.offer(...Array.from({ length: 700 }, (_, i) => ({ labels: { a: '1', __tenant_id__: `t${i}` }, line: 'x' })));
  await stop(writing);
  assert.equal(sink.requests.length, 700);
  assert.equal(writing.ctx.meter.value('loki_write_sent_entries_total', { tenant: '(other tenants)' }), 200);
  assert.equal(writing.ctx.meter.value('loki_write_sent_entries_total'), 700);
});

test('malformed bytes take nothing; borrowed bytes may change afterwards', async (t) => {
  const sink = await startPushSink(t);
  const writing = write(endpoint(sink));
  const batch = linesBatch(lines(0, 3));
  const consume = (one: Batch<typeof LOKI>): unknown => writing.part.input?.consume(one);
  assert.equal(consume({ ...batch, bytes: batch.bytes.subarray(0, -1) }), Outcome.malformed);
  assert.equal(writing.held(), 0);
  const borrowed = Buffer.from(batch.bytes);
  assert.equal(consume({ ...batch, bytes: borrowed, owned: false }), Outcome.accepted);
  borrowed.fill(0xff);
  await stop(writing);
  assert.equal(arrived(sink)[2], '{app="a"} line 2');
});

test('without endpoints lines are taken and counted as dropped', async () => {
  const writing = write('');
  assert.equal(writing.offer(...lines(0, 3)), Outcome.accepted);
  assert.equal(writing.ctx.meter.value('millrace_component_dropped_items_total', { reason: 'no_endpoint' }), 3);
  await stop(writing);
});

test('a wal that is enabled has no effect, which is said', (t) =>
  startPushSink(t).then((sink) => {
    const { ctx } = write(`${endpoint(sink)}wal {\n enabled = true\n}`);
    assert.match(ctx.log.lines[0]?.message ?? '', /no write-ahead log/);
  }));
