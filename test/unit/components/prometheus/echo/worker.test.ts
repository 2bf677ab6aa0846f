import assert from 'node:assert/strict';
import { test } from 'node:test';
import { args as schema } from '#components/prometheus/echo/schema.ts';
import { create } from '#components/prometheus/echo/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS, PROMETHEUS } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { encodeWriteRequest } from '#test/support/prom-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

const BYTES = encodeWriteRequest({
  timeseries: [{ labels: [{ name: '__name__', value: 'x_total' }], samples: [{ value: 2, timestamp: 1500 }] }],
});
const batchOf = (bytes: Buffer): Batch<typeof PROMETHEUS> => {
  return { signal: PROMETHEUS, bytes, items: 1, metadata: null, owned: true };
};

function setUp(text = '') {
  const ctx = workerContext('prometheus.echo.default');
  const part = create(argsOf(schema, text), ctx);
  const offer = (bytes: Buffer) => part.input!.consume(batchOf(bytes));
  const printed = () => ctx.log.lines.filter(({ level }) => level === 'info');
  return { ctx, part, offer, printed };
}

test('prints each batch through the log', async () => {
  const { part, offer, printed } = setUp();
  await part.start();
  assert.equal(offer(BYTES), Outcome.accepted);
  assert.deepEqual(printed(), [
    {
      level: 'info',
      message: 'received metrics',
      fields: { metrics: '# TYPE x_total counter\nx_total 2 1500\n' },
    },
  ]);
});

test('the format can change; an unknown one is text', async () => {
  const { ctx, part, offer, printed } = setUp('format = "xml"');
  assert.deepEqual(
    ctx.log.lines.map(({ level }) => level),
    ['warn'],
  );
  void offer(BYTES);
  await part.update(argsOf(schema, 'format = "openmetrics"'));
  void offer(BYTES);
  assert.deepEqual(
    printed().map(({ fields }) => fields?.['metrics']),
    ['# TYPE x_total counter\nx_total 2 1500\n', '# TYPE x counter\nx_total 2 1.5\n# EOF\n'],
  );
});

test('takes nothing else, nothing malformed, and nothing after its end', async () => {
  const { part, offer, printed } = setUp();
  assert.equal(part.input!.consume(numbered(METRICS, 0, 1)), Outcome.noConsumer);
  assert.equal(offer(Buffer.from([0x0a, 0x05, 1])), Outcome.malformed);
  await part.stop(1000);
  assert.equal(offer(BYTES), Outcome.stopping);
  assert.deepEqual(printed(), []);
});
