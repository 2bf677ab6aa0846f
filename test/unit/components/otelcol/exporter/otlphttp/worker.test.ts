import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { protoToJson } from '#codec/otlp/json/write.ts';
import { args } from '#components/otelcol/exporter/otlphttp/schema.ts';
import { create } from '#components/otelcol/exporter/otlphttp/worker.ts';
import { GRPC, isAccepted, Outcome, statusOf } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES, SIGNAL_NAMES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { settle } from '#test/support/fake-clock.ts';
import { numbered, numbersIn, range } from '#test/support/numbered-items.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';

async function startSink(t: TestContext): Promise<OtlpSink> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  return sink;
}
const config = (endpoint: string, rest = '', client = '') =>
  argsOf(args, `client {\nendpoint = "${endpoint}"\n${client}\n}\n${rest}`);

function start(t: TestContext, endpoint: string, rest = '', client = '') {
  const ctx = workerContext('otelcol.exporter.otlphttp.default');
  const part = create(config(endpoint, rest, client), ctx);
  const input = part.input;
  assert.ok(input);
  t.after(() => part.stop(0));
  return { ctx, part, input };
}
const until = async (ctx: TestWorkerContext, name: string, value: number): Promise<void> => {
  while (ctx.meter.value(name) < value) await settle();
};
const DIRECT = 'sending_queue { enabled = false }\nretry_on_failure { enabled = false }';

test('three signals go to their paths and are counted under otlphttp/LABEL', async (t) => {
  const sink = await startSink(t);
  const { ctx, part, input } = start(t, sink.httpUrl);
  for (const signal of [TRACES, METRICS, LOGS]) assert.equal(input.consume(numbered(signal, 0, 3)), Outcome.accepted);
  await part.stop(10_000);
  for (const signal of [TRACES, METRICS, LOGS]) {
    const request = sink.accepted.find((r) => r.path === `/v1/${SIGNAL_NAMES[signal]}`);
    assert.ok(request);
    assert.equal(request.contentType, 'application/x-protobuf');
    assert.equal(request.encoding, 'gzip');
    assert.match(request.headers['user-agent'] ?? '', /^millrace\/\d/);
    assert.deepEqual(numbersIn({ signal, bytes: request.bytes }), [0, 1, 2]);
  }
  assert.equal(
    ctx.meter.value('otelcol_exporter_sent_spans_total', { exporter: 'otlphttp/otelcol.exporter.otlphttp.default' }),
    3,
  );
});

for (const compression of ['gzip', 'zlib', 'deflate', 'snappy', 'zstd', 'none', '']) {
  test(`compression "${compression}" is named and understood`, async (t) => {
    const sink = await startSink(t);
    const { input } = start(t, sink.httpUrl, DIRECT, `compression = "${compression}"`);
    const batch = numbered(TRACES, 0, 100);
    assert.ok(isAccepted(await input.consume(batch)));
    const [request] = sink.accepted;
    assert.equal(request?.encoding, compression === 'none' ? '' : compression);
    assert.deepEqual(request?.bytes, batch.bytes);
    if (request?.encoding !== '') assert.ok((request?.wireBytes ?? 0) < batch.bytes.length);
  });
}

test('compression_params.level reaches the compressor', async (t) => {
  const sink = await startSink(t);
  for (const level of [0, 9]) {
    const { input } = start(t, sink.httpUrl, DIRECT, `compression_params { level = ${level} }`);
    assert.ok(isAccepted(await input.consume(numbered(TRACES, 0, 100))));
  }
  assert.ok((sink.accepted[0]?.wireBytes ?? 0) > (sink.accepted[1]?.wireBytes ?? 0));
});

test('encoding = "json" sends the codec\'s JSON', async (t) => {
  const sink = await startSink(t);
  const { input } = start(t, sink.httpUrl, `encoding = "json"\n${DIRECT}`);
  for (const signal of [TRACES, METRICS, LOGS]) {
    const batch = numbered(signal, 0, 3);
    assert.ok(isAccepted(await input.consume(batch)));
    assert.equal(sink.accepted.at(-1)?.contentType, 'application/json');
    assert.equal(sink.accepted.at(-1)?.bytes.toString(), protoToJson(signal, batch.bytes));
  }
});

test("a signal's own endpoint is used verbatim; a signal without any is rejected with the reason", async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, '', `traces_endpoint = "${sink.httpUrl}/tempo/push"\n${DIRECT}`);
  assert.ok(isAccepted(await input.consume(numbered(TRACES, 0, 1))));
  assert.equal(sink.accepted[0]?.path, '/tempo/push');
  assert.equal(statusOf(await input.consume(numbered(LOGS, 0, 1))).grpc, GRPC.UNIMPLEMENTED);
  assert.ok(ctx.log.lines.some((l) => l.fields['error'] === 'neither client.endpoint nor logs_endpoint is set'));
});

test('configured headers are sent', async (t) => {
  const sink = await startSink(t);
  const { input } = start(t, sink.httpUrl, DIRECT, 'headers = { "X-Scope-OrgID" = "team 1" }');
  await input.consume(numbered(TRACES, 0, 1));
  assert.equal(sink.accepted[0]?.headers['x-scope-orgid'], 'team 1');
});

test('503 with Retry-After, then a reset, then success: each batch arrives once, not before the time', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, sink.httpUrl);
  sink.script({ kind: 'http', status: 503, headers: { 'retry-after': '60' } }, { kind: 'reset' });
  void input.consume(numbered(TRACES, 0, 5));
  // The answer has come once the retry is announced; only then may time move, or the attempt would time out.
  while (!ctx.log.lines.some((l) => l.fields['retry_in_ms'] === 60_000)) await settle();
  await ctx.clock.advance(59_999);
  assert.equal(sink.requests.length, 1);
  await ctx.clock.advance(1);
  await sink.waitForRequests(2);
  while (sink.accepted.length < 1) await ctx.clock.advance(10);
  await until(ctx, 'otelcol_exporter_sent_spans_total', 5);
  assert.deepEqual(numbersIn({ signal: TRACES, bytes: sink.accepted[0]?.bytes ?? Buffer.alloc(0) }), range(0, 5));
  assert.equal(sink.accepted.length, 1);
});

test('a destination that is down for a while gets everything once it is up', async (t) => {
  const sink = await startSink(t);
  await sink.down();
  const { ctx, input } = start(t, sink.httpUrl);
  for (let i = 0; i < 20; i++) assert.equal(input.consume(numbered(TRACES, i, 1)), Outcome.accepted);
  await ctx.clock.advance(20_000);
  await sink.up();
  while (sink.accepted.length < 20) await ctx.clock.advance(100);
  await until(ctx, 'otelcol_exporter_sent_spans_total', 20);
  assert.deepEqual(
    sink.accepted.flatMap((r) => numbersIn({ signal: TRACES, bytes: r.bytes })).sort((a, b) => a - b),
    range(0, 20),
  );
});

test('a body that cannot be read after a success is a success with a warning', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, sink.httpUrl, DIRECT);
  sink.script({
    kind: 'http',
    status: 200,
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from('ffffff', 'hex'),
  });
  assert.ok(isAccepted(await input.consume(numbered(TRACES, 0, 1))));
  assert.equal(ctx.meter.value('otelcol_exporter_sent_spans_total'), 1);
  assert.deepEqual(
    ctx.log.lines.map((l) => l.level),
    ['warn'],
  );
});

test('partial success is success with one warning, in protobuf and JSON', async (t) => {
  for (const encoding of ['proto', 'json']) {
    const sink = await startSink(t);
    const { ctx, input } = start(t, sink.httpUrl, `encoding = "${encoding}"\n${DIRECT}`);
    sink.answerer = () => ({ kind: 'partial', rejected: 2, message: 'two were too old' });
    for (let i = 0; i < 3; i++) assert.ok(isAccepted(await input.consume(numbered(TRACES, 0, 5))));
    assert.deepEqual(
      ctx.log.lines.map((l) => [l.level, l.fields['dropped'], l.fields['message']]),
      [['warn', 2, 'two were too old']],
    );
  }
});

test('data that cannot be encoded is dropped for good, not sent', async (t) => {
  const sink = await startSink(t);
  const { input } = start(t, sink.httpUrl, `encoding = "json"\n${DIRECT}`);
  const broken = { ...numbered(TRACES, 0, 1), bytes: Buffer.from('0affffff', 'hex') };
  assert.equal(statusOf(await input.consume(broken)).grpc, GRPC.INTERNAL);
  assert.equal(sink.requests.length, 0);
});

test('a destination that hangs costs the timeout of an attempt, not more', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, sink.httpUrl, DIRECT, 'timeout = "2s"');
  sink.script({ kind: 'hang' });
  const outcome = input.consume(numbered(TRACES, 0, 1));
  await sink.waitForRequests(1);
  await ctx.clock.advance(2_000);
  assert.equal(statusOf(await outcome).grpc, GRPC.DEADLINE_EXCEEDED);
});

test('update to another endpoint loses nothing', async (t) => {
  const [a, b] = [await startSink(t), await startSink(t)];
  const { ctx, part, input } = start(t, a.httpUrl, 'retry_on_failure { enabled = false }');
  void input.consume(numbered(TRACES, 0, 10));
  await part.update(config(b.httpUrl, 'retry_on_failure { enabled = false }', 'idle_conn_timeout = "5s"'));
  void input.consume(numbered(TRACES, 10, 10));
  await until(ctx, 'otelcol_exporter_sent_spans_total', 20);
  const numbers = (sink: OtlpSink) => sink.accepted.flatMap((r) => numbersIn({ signal: TRACES, bytes: r.bytes }));
  assert.deepEqual([numbers(a), numbers(b)], [range(0, 10), range(10, 10)]);
});

test('stop flushes what is queued, then leaves no timer', async (t) => {
  const sink = await startSink(t);
  const { ctx, part, input } = start(t, sink.httpUrl);
  for (let i = 0; i < 50; i++) void input.consume(numbered(TRACES, i, 1));
  await part.stop(10_000);
  assert.equal(sink.accepted.length, 50);
  assert.equal(ctx.clock.pending, 0);
});
