/** Scenario: two workers count hosts, one merge part writes them. Guarantees: each host once per interval, forgotten afterwards. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create as createMerge } from '#components/otelcol/connector/host_info/merge.ts';
import { args as schema, type Args } from '#components/otelcol/connector/host_info/schema.ts';
import { create as createWorker } from '#components/otelcol/connector/host_info/worker.ts';
import type { MergePart } from '#components/kit/component.ts';
import { defaults } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { TRACES } from '#shared/signal.ts';
import { settle } from '#test/support/fake-clock.ts';
import { readMetrics, text, type ReadMetric } from '#test/support/metrics-batch.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

const ID = 'otelcol.connector.host_info.default';

test('hosts of all workers', async () => {
  const args: Args = defaults(schema);
  const ctx = workerContext(ID);
  const workers = [0, 1].map((index) => createWorker(args, workerContext(ID, { index, count: 2 })));
  const written: ReadMetric[][] = [];
  const merge: MergePart<Args> = createMerge(args, {
    id: ID,
    log: ctx.log,
    clock: ctx.clock,
    meter: ctx.meter,
    health: ctx.health,
    requestBytes: 1 << 20,
    entry: {
      has: () => true,
      offer: (_signal, bytes, _metadata, done) => {
        written.push(readMetrics({ bytes }));
        done(Outcome.accepted, 1);
      },
    },
    harvest: () => {
      for (const worker of workers) {
        for (let parcel = worker.harvest!(); parcel !== null; parcel = worker.harvest!()) merge.merge(parcel);
      }
      return Promise.resolve();
    },
  });
  const see = (worker: number, ...hosts: readonly string[]): void => {
    const resourceSpans = hosts.map((host) => ({
      resource: { attributes: [text('host.id', host)] },
      scopeSpans: [{ spans: [{ name: 'x' }] }],
    }));
    void workers[worker].input!.consume({
      signal: TRACES,
      bytes: encodeRequest(TRACES, { resourceSpans }),
      items: hosts.length,
      metadata: null,
      owned: true,
    });
  };
  /** Hosts in what was written since, by request. */
  const hosts = (): string[][] =>
    written.splice(0).map((metrics) =>
      metrics.flatMap(({ name, kind, points }) => {
        assert.deepEqual([name, kind], ['traces_host_info', 'gauge']);
        return points.map(({ asInt, attributes }) => {
          assert.equal(asInt, '1');
          const [{ key, value }] = attributes as unknown as { key: string; value: { stringValue: string } }[];
          assert.equal(key, 'grafana.host.id');
          return value.stringValue;
        });
      }),
    );

  /** A flush takes several turns of the event loop. */
  const interval = async (): Promise<void> => {
    await ctx.clock.advance(60_000);
    for (let turn = 0; turn < 20; turn++) await settle();
  };

  merge.start();
  see(0, 'a', 'b');
  see(1, 'b', 'c');
  await interval();
  assert.deepEqual(
    hosts().map((names) => names.sort()),
    [['a', 'b', 'c']],
  );
  see(1, 'c');
  await interval();
  assert.deepEqual(hosts(), [['c']]);
  await interval();
  assert.deepEqual(hosts(), []);
  see(0, 'd');
  await merge.flush(1000);
  assert.deepEqual(hosts(), [['d']]);
  merge.stop();
  assert.equal(ctx.clock.pending, 0);
});
