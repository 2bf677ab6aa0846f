/**
 * Scenario: the destination is down, slow, hanging or refusing. Guarantees: what was accepted arrives once the destination is
 * back; a destination that hangs leads to refusals that senders can retry, never to unbounded memory; the ledger balances.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { TRACES } from '#shared/signal.ts';
import { startCollector, type Collector } from '#test/support/collector.ts';
import { GrpcSender } from '#test/support/otlp-send.ts';
import { listSpanIds } from '#test/support/otlp-proto.ts';
import { startOtlpSink, type OtlpSink } from '#test/support/otlp-sink.ts';
import { PayloadSource } from '#test/support/payloads.ts';
import { metric } from '#test/support/scrape.ts';

interface Pipe {
  readonly sink: OtlpSink;
  readonly collector: Collector;
  readonly sender: GrpcSender;
}

/** OTLP in, batch, OTLP/gRPC out with short retries and the given queue. */
async function pipe(t: TestContext, queue: string, flags: readonly string[] = []): Promise<Pipe> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  const collector = await startCollector({
    ports: 1,
    flags,
    config: ([port]) => `
      otelcol.receiver.otlp "in" {
        grpc { endpoint = "127.0.0.1:${port}" }
        output { traces = [otelcol.processor.batch.b.input] }
      }
      otelcol.processor.batch "b" {
        timeout = "20ms"
        send_batch_size = 100
        send_batch_max_size = 100
        output { traces = [otelcol.exporter.otlp.out.input] }
      }
      otelcol.exporter.otlp "out" {
        timeout = "1s"
        client {
          endpoint    = "${sink.grpcEndpoint}"
          compression = "none"
          tls { insecure = true }
        }
        retry_on_failure {
          initial_interval = "50ms"
          max_interval     = "200ms"
          max_elapsed_time = "0s"
        }
        sending_queue { ${queue} }
      }`,
  });
  t.after(() => collector[Symbol.asyncDispose]());
  const sender = new GrpcSender(collector.ports[0]);
  t.after(() => sender.close());
  return { sink, collector, sender };
}

/**
 * Span ids of what has arrived. Each request is decoded once: a condition that is looked at after every request, and decodes all of
 * them each time, keeps the sink so busy that exports time out and come again.
 */
function arrivals(sink: OtlpSink): () => readonly string[] {
  const ids: string[] = [];
  let read = 0;
  return () => {
    for (; read < sink.accepted.length; read++) ids.push(...listSpanIds(sink.accepted[read].bytes));
    return ids;
  };
}

const source = (): PayloadSource => new PayloadSource(5);

test('a destination that is down for a while loses nothing that was accepted', async (t) => {
  const { sink, collector, sender } = await pipe(t, 'queue_size = 1000');
  const payloads = source();
  const accepted: string[] = [];
  const send = async (): Promise<void> => {
    const bytes = payloads.traces(100, 2);
    assert.ok((await sender.send(TRACES, bytes)).ok);
    accepted.push(...listSpanIds(bytes));
  };
  for (let i = 0; i < 5; i++) await send();
  await sink.waitForAccepted(1);
  await sink.down();
  for (let i = 0; i < 20; i++) await send();
  await sink.up();
  for (let i = 0; i < 5; i++) await send();
  const arrived = arrivals(sink);
  await sink.waitUntil(() => new Set(arrived()).size === accepted.length);
  assert.equal((await collector.stop()).code, 0, collector.output());
  assert.deepEqual([...new Set(arrived())].sort(), accepted.sort());
});

for (const workers of [1, 2]) {
  test(`a destination that hangs leads to retryable refusals and a balanced ledger (${workers} worker(s))`, async (t) => {
    const { sink, collector, sender } = await pipe(t, 'queue_size = 4\nnum_consumers = 2', [`--workers=${workers}`]);
    sink.answerer = () => ({ kind: 'hang' });
    const payloads = source();
    const accepted: string[] = [];
    let refused = 0;
    // Far more than queue, batch and bounds hold; one after another, so that only what is accepted can pile up.
    for (let i = 0; i < 200; i++) {
      const bytes = payloads.traces(100, 1);
      const answer = await sender.send(TRACES, bytes);
      if (answer.ok) accepted.push(...listSpanIds(bytes));
      else {
        assert.equal(answer.code, 14, `Unavailable, so that senders retry: ${answer.message}`);
        refused += 100;
      }
    }
    assert.ok(refused >= 10_000, `only ${refused} of 20000 spans were refused`);
    assert.equal(await metric(collector, 'otelcol_receiver_accepted_spans_total'), accepted.length);
    assert.equal(await metric(collector, 'otelcol_receiver_refused_spans_total'), refused);
    sink.answerer = () => ({ kind: 'ok' });
    const arrived = arrivals(sink);
    await sink.waitUntil(() => new Set(arrived()).size >= accepted.length);
    // The ledger: what was accepted has been sent, nothing was dropped, nothing is held any more.
    if (workers === 1) {
      while ((await metric(collector, 'millrace_component_held_items')) > 0);
      assert.equal(await metric(collector, 'otelcol_exporter_sent_spans_total'), accepted.length);
      assert.equal(await metric(collector, 'millrace_component_dropped_items_total'), 0);
    }
    assert.equal((await collector.stop()).code, 0, collector.output());
    if (workers === 1) assert.deepEqual([...arrived()].sort(), accepted.sort());
    // With several workers a refused request may have reached some of them: those spans arrive although the sender was told to retry.
    else
      assert.deepEqual(
        accepted.filter((id) => !arrived().includes(id)),
        [],
      );
  });
}

test('a destination that never comes back: the end says what was lost and does not claim success', async (t) => {
  const { sink, collector, sender } = await pipe(t, 'queue_size = 100');
  await sink.down();
  assert.ok((await sender.send(TRACES, source().traces(100, 1))).ok);
  const exit = await collector.stop('SIGTERM');
  assert.deepEqual(exit, { code: 1, signal: null }, collector.output());
  assert.match(collector.stderr, /could not be delivered before the end" items=100/);
  assert.doesNotMatch(collector.stderr, /everything is flushed/);
});
