import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create as createExporter } from '#components/otelcol/exporter/loki/worker.ts';
import { create } from '#components/otelcol/receiver/loki/worker.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS } from '#shared/signal.ts';
import { linesBatch, linesIn, type TestLine } from '#test/support/loki.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

const LINES: readonly TestLine[] = [
  { labels: { filename: '/var/log/a.log', job: 'x' }, at: 1_700_000_000_000_000_001n, line: 'one' },
  { labels: { filename: '/var/log/a.log', job: 'x' }, line: 'two', meta: { trace_id: 'abc', job: 'other' } },
  { labels: {}, at: 3n, line: 'three' },
];
const NOW = String(BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n);

test('lines become records of one request', () => {
  const ctx = workerContext('otelcol.receiver.loki.test');
  const part = create({ output: { logs: [], metrics: [], traces: [] } }, ctx);
  assert.equal(part.input?.consume(linesBatch(LINES)), Outcome.accepted);
  assert.deepEqual(ctx.next.logs.sizes, [3]);
  const attributes = (pairs: Record<string, string>): object[] =>
    Object.entries(pairs).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const labels = {
    'log.file.path': '/var/log/a.log',
    'log.file.name': 'a.log',
    'loki.attribute.labels': 'filename,job',
    filename: '/var/log/a.log',
    job: 'x',
  };
  assert.deepEqual(decodeRequest(LOGS, ctx.next.logs.taken[0].bytes), {
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: '1700000000000000001',
                observedTimeUnixNano: NOW,
                body: { stringValue: 'one' },
                attributes: attributes(labels),
              },
              {
                timeUnixNano: NOW,
                observedTimeUnixNano: NOW,
                body: { stringValue: 'two' },
                attributes: attributes({ ...labels, trace_id: 'abc' }),
              },
              { timeUnixNano: '3', observedTimeUnixNano: NOW, body: { stringValue: 'three' } },
            ],
          },
        ],
      },
    ],
  });
});

test('and lines again through otelcol.exporter.loki, with the same labels', () => {
  const ctx = workerContext('otelcol.receiver.loki.test');
  void create({ output: { logs: [], metrics: [], traces: [] } }, ctx).input?.consume(linesBatch(LINES.slice(0, 1)));
  const back = workerContext('otelcol.exporter.loki.test');
  void createExporter({ forward_to: [] }, back).input?.consume(ctx.next.logs.taken[0]);
  const [{ labels, at, line }] = linesIn(back.next.loki.taken[0].bytes);
  assert.deepEqual(labels, { ...LINES[0].labels, exporter: 'OTLP' });
  assert.equal(at, LINES[0].at);
  assert.equal(line, '{"body":"one","attributes":{"log.file.name":"a.log","log.file.path":"/var/log/a.log"}}');
});

test('refusals reach the sender, a batch that is offered again is the same one, a stopped part refuses', async () => {
  const ctx = workerContext('otelcol.receiver.loki.test');
  const part = create({ output: { logs: [], metrics: [], traces: [] } }, ctx);
  const batch = linesBatch(LINES);
  ctx.next.logs.answer = () => Outcome.queueFull;
  assert.equal(part.input?.consume(batch), Outcome.queueFull);
  ctx.next.logs.answer = () => Outcome.accepted;
  assert.equal(part.input?.consume(batch), Outcome.accepted);
  assert.equal(ctx.next.logs.offered[0].bytes, ctx.next.logs.offered[1].bytes);
  assert.equal(part.input?.consume({ ...batch, bytes: Buffer.of(0x0a, 0x7f) }), Outcome.malformed);
  await part.stop(1000);
  assert.equal(part.input?.consume(batch), Outcome.stopping);
  assert.equal(ctx.clock.pending, 0);
});
