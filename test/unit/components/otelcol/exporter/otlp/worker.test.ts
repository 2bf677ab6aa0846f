import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { args } from '#components/otelcol/exporter/otlp/schema.ts';
import { create } from '#components/otelcol/exporter/otlp/worker.ts';
import { GRPC, isAccepted, Outcome, statusOf } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
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
const config = (endpoint: string, rest = '') =>
  argsOf(args, `client {\nendpoint = "${endpoint}"\ntls { insecure = true }\n}\n${rest}`);

function start(t: TestContext, endpoint: string, rest = '') {
  const ctx = workerContext('otelcol.exporter.otlp.default');
  const part = create(config(endpoint, rest), ctx);
  const input = part.input;
  assert.ok(input);
  t.after(() => part.stop(0));
  return { ctx, part, input };
}

const until = async (ctx: TestWorkerContext, name: string, value: number): Promise<void> => {
  while (ctx.meter.value(name) < value) await settle();
};

test('three signals go to their services, compressed by gzip, and are counted under otlp/LABEL', async (t) => {
  const sink = await startSink(t);
  const { ctx, part, input } = start(t, sink.grpcEndpoint);
  for (const signal of [TRACES, METRICS, LOGS]) assert.equal(input.consume(numbered(signal, 0, 3)), Outcome.accepted);
  await sink.waitForAccepted(3);
  await part.stop(10_000);
  assert.deepEqual(new Set(sink.accepted.map((r) => r.signal)), new Set(['logs', 'metrics', 'traces']));
  for (const [signal, name, word] of [
    [TRACES, 'traces', 'spans'],
    [METRICS, 'metrics', 'metric_points'],
    [LOGS, 'logs', 'log_records'],
  ] as const) {
    const request = sink.accepted.find((r) => r.signal === name);
    assert.ok(request);
    assert.deepEqual(numbersIn({ signal, bytes: request.bytes }), [0, 1, 2]);
    assert.equal(
      ctx.meter.value(`otelcol_exporter_sent_${word}_total`, { exporter: 'otlp/otelcol.exporter.otlp.default' }),
      3,
    );
  }
  assert.equal(sink.grpcConnections, 1);
  assert.match(sink.requests[0]?.headers['user-agent'] ?? '', /^millrace\/\d/);
});

test('a destination that is busy, then resets, then works gets each batch once; RetryInfo is waited for', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, sink.grpcEndpoint);
  sink.script(
    { kind: 'grpc', code: GRPC.RESOURCE_EXHAUSTED, message: 'slow down', retryDelayMs: 60_000 },
    { kind: 'reset' },
  );
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

test('a permanent answer drops the batch at once, counted and logged with what the server said', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, sink.grpcEndpoint);
  sink.script({ kind: 'grpc', code: GRPC.INVALID_ARGUMENT, message: 'bad spans' });
  void input.consume(numbered(TRACES, 0, 5));
  await until(ctx, 'otelcol_exporter_send_failed_spans_total', 5);
  assert.equal(sink.requests.length, 1);
  assert.ok(ctx.log.lines.some((l) => l.level === 'error' && l.fields['error'] === 'bad spans'));
});

test('partial success is success with one warning, however many there are', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(t, sink.grpcEndpoint);
  sink.answerer = () => ({ kind: 'partial', rejected: 2, message: 'two were too old' });
  for (let i = 0; i < 5; i++) void input.consume(numbered(TRACES, i * 10, 10));
  await until(ctx, 'otelcol_exporter_sent_spans_total', 50);
  const warnings = ctx.log.lines.filter((l) => l.level === 'warn');
  assert.deepEqual(
    warnings.map((l) => [l.fields['dropped'], l.fields['message']]),
    [[2, 'two were too old']],
  );
  assert.equal(sink.requests.length, 5);
});

test('without a queue the sender hears what the destination said', async (t) => {
  const sink = await startSink(t);
  const { input } = start(
    t,
    sink.grpcEndpoint,
    'sending_queue { enabled = false }\nretry_on_failure { enabled = false }',
  );
  assert.ok(isAccepted(await input.consume(numbered(TRACES, 0, 1))));
  sink.script(
    { kind: 'grpc', code: GRPC.RESOURCE_EXHAUSTED, message: 'later', retryDelayMs: 7_000 },
    { kind: 'grpc', code: GRPC.PERMISSION_DENIED, message: 'no' },
  );
  const later = statusOf(await input.consume(numbered(TRACES, 1, 1)));
  assert.deepEqual([later.grpc, later.retryAfterS], [GRPC.RESOURCE_EXHAUSTED, 7]);
  assert.equal(statusOf(await input.consume(numbered(TRACES, 2, 1))).grpc, GRPC.PERMISSION_DENIED);
});

test('a destination that hangs costs the timeout of an attempt, not more', async (t) => {
  const sink = await startSink(t);
  const { ctx, input } = start(
    t,
    sink.grpcEndpoint,
    'timeout = "2s"\nsending_queue { enabled = false }\nretry_on_failure { enabled = false }',
  );
  sink.script({ kind: 'hang' });
  const outcome = input.consume(numbered(TRACES, 0, 1));
  await sink.waitForRequests(1);
  await ctx.clock.advance(2_000);
  assert.equal(statusOf(await outcome).grpc, GRPC.DEADLINE_EXCEEDED);
});

test('update to another endpoint loses nothing: what is under way finishes, what waits goes to the new one', async (t) => {
  const [a, b] = [await startSink(t), await startSink(t)];
  const { ctx, part, input } = start(t, a.grpcEndpoint, 'retry_on_failure { enabled = false }');
  void input.consume(numbered(TRACES, 0, 10));
  await part.update(config(b.grpcEndpoint, 'retry_on_failure { enabled = false }'));
  void input.consume(numbered(TRACES, 10, 10));
  await until(ctx, 'otelcol_exporter_sent_spans_total', 20);
  const numbers = (sink: OtlpSink) => sink.accepted.flatMap((r) => numbersIn({ signal: TRACES, bytes: r.bytes }));
  assert.deepEqual(numbers(a), range(0, 10));
  assert.deepEqual(numbers(b), range(10, 10));
});

test('update of timeout and retry alone keeps the connection', async (t) => {
  const sink = await startSink(t);
  const { ctx, part, input } = start(t, sink.grpcEndpoint);
  void input.consume(numbered(TRACES, 0, 1));
  await until(ctx, 'otelcol_exporter_sent_spans_total', 1);
  await part.update(config(sink.grpcEndpoint, 'timeout = "9s"'));
  void input.consume(numbered(TRACES, 1, 1));
  await until(ctx, 'otelcol_exporter_sent_spans_total', 2);
  assert.equal(sink.grpcConnections, 1);
});

test('update with settings that cannot be used throws and leaves the old ones at work', async (t) => {
  const sink = await startSink(t);
  const { ctx, part, input } = start(t, sink.grpcEndpoint);
  const bad = argsOf(args, `client {\nendpoint = "${sink.grpcEndpoint}"\ntls { ca_file = "/nowhere/ca.pem" }\n}`);
  await assert.rejects(async () => part.update(bad), /\/nowhere\/ca\.pem/);
  void input.consume(numbered(TRACES, 0, 1));
  await until(ctx, 'otelcol_exporter_sent_spans_total', 1);
});

test('stop flushes what is queued, then leaves no timer and no connection', async (t) => {
  const sink = await startSink(t);
  const { ctx, part, input } = start(t, sink.grpcEndpoint);
  for (let i = 0; i < 50; i++) void input.consume(numbered(TRACES, i, 1));
  await part.stop(10_000);
  assert.equal(sink.accepted.length, 50);
  assert.equal(ctx.clock.pending, 0);
});
