import assert from 'node:assert/strict';
import { it } from 'node:test';
import { args as schema } from '#components/otelcol/processor/groupbyattrs/schema.ts';
import { create } from '#components/otelcol/processor/groupbyattrs/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, LOKI, METRICS, TRACES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { decodeRequest, encodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

function setUp(text: string) {
  const ctx = workerContext('otelcol.processor.groupbyattrs.default');
  const part = create(argsOf(schema, `${text}\noutput { }`), ctx);
  void part.start();
  return { ctx, part, next: ctx.next };
}

const attributes = (key: string, value: string) => [{ key, value: { stringValue: value } }];
const batch = (metadata: Batch['metadata'] = null): Batch => ({
  signal: TRACES,
  bytes: encodeRequest(TRACES, {
    resourceSpans: [
      { scopeSpans: [{ spans: [{ name: '1', attributes: attributes('k', 'a') }, { name: '2' }] }] },
      { scopeSpans: [{ spans: [{ name: '3' }] }] },
    ],
  }),
  items: 3,
  metadata,
  owned: false,
});

it('hands on what it makes, with the metadata, and counts as the Collector does', () => {
  const { ctx, part, next } = setUp('keys = ["k"]');
  const metadata = new Map([['tenant', ['t']]]);
  assert.equal(part.input!.consume(batch(metadata as never)), Outcome.accepted);
  const [made] = next.traces.taken;
  assert.equal(made.items, 3);
  assert.equal(made.metadata, metadata);
  assert.equal((decodeRequest(TRACES, made.bytes)['resourceSpans'] as unknown[]).length, 2);
  const value = (name: string): number =>
    ctx.meter.value(`otelcol_processor_groupbyattrs_${name}`, { processor: 'groupbyattrs/default' });
  assert.equal(value('num_grouped_spans_total'), 1);
  assert.equal(value('num_non_grouped_spans_total'), 2);
  assert.deepEqual(ctx.meter.observed('otelcol_processor_groupbyattrs_span_groups'), [2]);
  assert.equal(ctx.meter.value('otelcol_processor_incoming_items_total', { otel_signal: 'traces' }), 3);
  assert.equal(ctx.meter.value('otelcol_processor_outgoing_items_total', { otel_signal: 'traces' }), 3);
  for (const [signal, name] of [
    [METRICS, 'num_non_grouped_metrics_total'],
    [LOGS, 'num_non_grouped_logs_total'],
  ] as const) {
    void part.input!.consume(numbered(signal, 0, 5));
    assert.equal(value(name), 5);
  }
});

it('a batch that is offered again is the batch that was refused, and is counted once', () => {
  const { ctx, part, next } = setUp('keys = ["k"]');
  next.traces.answer = () => Outcome.queueFull;
  const offered = batch();
  assert.equal(part.input!.consume(offered), Outcome.queueFull);
  next.traces.answer = () => Outcome.accepted;
  assert.equal(part.input!.consume(offered), Outcome.accepted);
  assert.equal(next.traces.offered[0], next.traces.offered[1]);
  assert.equal(ctx.meter.value('otelcol_processor_groupbyattrs_num_grouped_spans_total'), 1);
  assert.equal(ctx.meter.value('otelcol_processor_incoming_items_total', { otel_signal: 'traces' }), 3);
});

it('a batch in which nothing moves is handed on as it is', () => {
  const { part, next } = setUp('');
  const same = numbered(TRACES, 0, 4);
  void part.input!.consume(same);
  assert.equal(next.traces.taken[0], same);
});

it('takes other keys from an update on, and nothing but the three signals', async () => {
  const { ctx, part } = setUp('keys = ["k"]');
  await part.update(argsOf(schema, 'keys = ["other"]\noutput { }'));
  void part.input!.consume(batch());
  assert.equal(ctx.meter.value('otelcol_processor_groupbyattrs_num_grouped_spans_total'), 0);
  assert.equal(part.input!.consume(numbered(LOKI, 0, 1)), Outcome.noConsumer);
});
