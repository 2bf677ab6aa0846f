/** A whole pipeline in this thread, of components that show what the collector around them does. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { define, type Component, type CreateWorkerPart } from '#components/kit/component.ts';
import { outputBlock } from '#components/kit/blocks/output.ts';
import { body } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS, TRACES } from '#shared/signal.ts';
import { SteppingClock } from '#trace-test/run/clock.ts';
import { startCollector, type Collector } from '#trace-test/run/collector.ts';
import { isSink } from '#trace-test/run/sinks.ts';
import { encodeRequest, listSpanIds } from '#test/support/otlp-proto.ts';

const ENVIRONMENT = { variable: () => undefined, hostname: 'h', os: 'linux', arch: 'amd64', version: 'v0' };

async function start(text: string, workers = 1, extra: readonly Component[] = []): Promise<Collector> {
  const { collector, diagnostics } = await startCollector({
    components: new Map([...COMPONENTS, ...extra.map((component) => [component.name, component] as const)]),
    stability: 'experimental',
    environment: ENVIRONMENT,
    env: {},
    sources: [{ name: 'config', bytes: Buffer.from(text) }],
    path: '',
    workers,
    clock: new SteppingClock(0),
  });
  assert.deepEqual(diagnostics, []);
  return collector as Collector;
}

const PIPE = `
otelcol.receiver.otlp "in" {
  http { }
  output { traces = [test.keeper.k.input] }
}
test.keeper "k" {
  output { traces = [otelcol.exporter.otlp.out.input] }
}
otelcol.exporter.otlp "out" { client { endpoint = "x:1" } }
`;

const spans = (count: number): Buffer =>
  encodeRequest(TRACES, {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: Array.from({ length: count }, (_, i) => ({
              traceId: Buffer.alloc(16, i + 1),
              spanId: Buffer.alloc(8, i + 1),
              name: `${i}`,
            })),
          },
        ],
      },
    ],
  });

function keeper(create: CreateWorkerPart<never>): Component {
  const args = body({ output: outputBlock });
  return define({
    name: 'test.keeper',
    stability: 'experimental',
    summary: 'For a test.',
    args,
    accepts: [TRACES],
    worker: () => Promise.resolve({ create }),
  }) as Component;
}

describe('the door', () => {
  test('cuts a request by trace among the workers; every span arrives once', async () => {
    const byWorker: number[] = [0, 0, 0];
    const counting = keeper((_args, { workerIndex, workerCount, next }) => ({
      input: {
        consume: (batch) => {
          assert.equal(workerCount, 3);
          byWorker[workerIndex] += batch.items;
          return next.traces.consume(batch as never);
        },
      },
      start: () => {},
      update: () => {},
      stop: () => Promise.resolve(),
    }));
    const collector = await start(PIPE, 3, [counting]);
    const answered = await new Promise((resolve) =>
      collector.entry('otelcol.receiver.otlp.in').offer(TRACES, spans(30), null, (...answer) => resolve(answer)),
    );
    assert.deepEqual(answered, [Outcome.accepted, 30]);
    assert.ok(
      byWorker.every((count) => count > 0),
      String(byWorker),
    );
    const ids = collector.take().flatMap(({ bytes }) => listSpanIds(bytes));
    assert.equal(new Set(ids).size, 30);
    assert.equal(ids.length, 30);
    assert.deepEqual(collector.take(), []);
    await collector.stop();
  });

  test('lends memory: whoever keeps it without a copy finds nothing in it', async () => {
    let kept: Buffer = Buffer.alloc(0);
    const careless = keeper(() => ({
      input: {
        consume: (batch) => {
          assert.equal(batch.owned, false);
          kept = batch.bytes;
          return Outcome.accepted;
        },
      },
      start: () => {},
      update: () => {},
      stop: () => Promise.resolve(),
    }));
    const collector = await start(PIPE, 1, [careless]);
    collector.entry('otelcol.receiver.otlp.in').offer(TRACES, spans(1), null, () => {});
    assert.ok(kept.length > 0 && kept.every((byte) => byte === 0xff));
  });

  test('answers what is malformed, empty, or not taken', async () => {
    const collector = await start(PIPE, 2, [keeper(() => refusing)]);
    const entry = collector.entry('otelcol.receiver.otlp.in');
    const offer = (bytes: Buffer): Promise<Outcome> =>
      new Promise((resolve) => entry.offer(TRACES, bytes, null, resolve));
    assert.equal(await offer(Buffer.from([0x0a, 0x7f])), Outcome.malformed);
    assert.equal(await offer(Buffer.alloc(0)), Outcome.accepted);
    assert.equal(await offer(spans(5)), Outcome.batchFull);
    assert.deepEqual([entry.has(TRACES), entry.has(METRICS)], [true, false]);
  });
});

const refusing = {
  input: { consume: () => Outcome.batchFull },
  start: () => {},
  update: () => {},
  stop: () => Promise.resolve(),
};

test('what has no next component is a sink', () => {
  const sinks = [...COMPONENTS.values()].filter(isSink).map(({ name }) => name);
  assert.ok(sinks.includes('otelcol.exporter.otlp') && sinks.includes('prometheus.remote_write'));
  for (const name of [
    'otelcol.exporter.prometheus',
    'otelcol.connector.spanmetrics',
    'otelcol.receiver.otlp',
    'local.file',
  ])
    assert.ok(!sinks.includes(name), name);
});

test('what cannot start is told with its name', async () => {
  const failing = keeper(() => ({
    ...refusing,
    start: () => {
      throw new Error('no disk');
    },
  }));
  await assert.rejects(start(PIPE, 1, [failing]), /test\.keeper\.k: no disk/);
});
