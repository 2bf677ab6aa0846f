import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '#components/otelcol/processor/memory_limiter/worker.ts';
import { Outcome, withRetryAfter } from '#shared/outcome.ts';
import { LOGS, METRICS, SIGNALS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { numbered } from '#test/support/numbered-items.ts';
import { workerContext } from '#test/support/worker-context.ts';

const world = () => {
  const ctx = workerContext('otelcol.processor.memory_limiter.m');
  const part = create(null as never, ctx);
  void part.start();
  const offer = (signal: Signal): Outcome | Promise<Outcome> => part.input!.consume(numbered(signal, 0, 10));
  return { ctx, part, offer };
};

test('passes on the batch itself while the gate is open', () => {
  const { ctx, part } = world();
  for (const signal of SIGNALS) {
    const batch = numbered(signal, 0, 10);
    assert.equal(part.input!.consume(batch), Outcome.accepted);
    assert.equal(ctx.next[SIGNAL_NAMES[signal]].taken.length, 1);
  }
});

test('refuses as the gate says while it is closed, and passes nothing on', () => {
  const { ctx, offer } = world();
  const refusal = withRetryAfter(Outcome.memoryLimit, 2);
  ctx.gate.close(refusal);
  for (const signal of SIGNALS) assert.equal(offer(signal), refusal);
  ctx.gate.open();
  for (const signal of SIGNALS) assert.equal(offer(signal), Outcome.accepted);
  for (const name of SIGNAL_NAMES) assert.equal(ctx.next[name].taken.length, 1);
});

test('counts by signal what it has taken, what was refused here, and what the next component has taken', async () => {
  const { ctx, offer } = world();
  await offer(TRACES);
  ctx.gate.close(Outcome.memoryLimit);
  await offer(TRACES);
  await offer(LOGS);
  ctx.gate.open();
  ctx.next.metrics.answer = () => Outcome.queueFull;
  await offer(METRICS);
  ctx.next.metrics.answer = () => Promise.resolve(Outcome.accepted);
  await offer(METRICS);
  const labels = { processor: 'memory_limiter/m' };
  const counted = Object.fromEntries(
    ctx.meter.names.flatMap((name) =>
      name.includes('_items_')
        ? SIGNAL_NAMES.map((s) => [`${name} ${s}`, ctx.meter.value(name, { ...labels, otel_signal: s })])
        : [[name, ctx.meter.value(name, labels)]],
    ),
  );
  assert.deepEqual(counted, {
    'otelcol_processor_incoming_items_total traces': 10,
    'otelcol_processor_incoming_items_total metrics': 10,
    'otelcol_processor_incoming_items_total logs': 0,
    'otelcol_processor_outgoing_items_total traces': 10,
    'otelcol_processor_outgoing_items_total metrics': 10,
    'otelcol_processor_outgoing_items_total logs': 0,
    otelcol_processor_memory_limiter_accepted_spans_total: 10,
    otelcol_processor_memory_limiter_accepted_metric_points_total: 10,
    otelcol_processor_memory_limiter_accepted_log_records_total: 0,
    otelcol_processor_memory_limiter_refused_spans_total: 10,
    otelcol_processor_memory_limiter_refused_metric_points_total: 0,
    otelcol_processor_memory_limiter_refused_log_records_total: 10,
  });
});
