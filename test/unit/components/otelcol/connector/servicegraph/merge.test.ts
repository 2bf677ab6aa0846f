import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MergeContext } from '#components/kit/component.ts';
import { create as createMerge } from '#components/otelcol/connector/servicegraph/merge.ts';
import { args as schema, type Args } from '#components/otelcol/connector/servicegraph/schema.ts';
import { create } from '#components/otelcol/connector/servicegraph/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS } from '#shared/signal.ts';
import { graphRequest } from '#test/support/graph-spans.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { workerContext } from '#test/support/worker-context.ts';

interface Point {
  readonly asInt?: string;
  readonly count?: string;
  readonly startTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
}
interface Metrics {
  readonly resourceMetrics: readonly {
    readonly resource?: { readonly attributes?: readonly object[] };
    readonly scopeMetrics: readonly {
      readonly scope: { readonly name: string };
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: { readonly dataPoints: readonly Point[] };
        readonly histogram?: { readonly dataPoints: readonly Point[] };
      }[];
    }[];
  }[];
}

/** A graph over so many workers; each trace goes to one of them. */
async function graphOf(workers: number): Promise<{ readonly requests: Buffer[]; readonly startNs: string }> {
  const args: Args = { ...defaults(schema), dimensions: ['zone'] };
  const contexts = Array.from({ length: workers }, (_, index) =>
    workerContext('otelcol.connector.servicegraph.default', { index, count: workers }),
  );
  const parts = contexts.map((ctx) => create(args, ctx));
  const requests: Buffer[] = [];
  const [ctx] = contexts;
  const merge = createMerge(args, {
    ...ctx,
    requestBytes: 1 << 20,
    entry: {
      has: () => true,
      offer: (signal, bytes, _metadata, done) => {
        assert.equal(signal, METRICS);
        requests.push(Buffer.from(bytes));
        done(Outcome.accepted, 1);
      },
    },
    harvest: () => {
      for (const part of parts)
        for (let parcel = part.harvest?.() ?? null; parcel !== null; parcel = part.harvest?.() ?? null)
          merge.merge(parcel);
      return Promise.resolve();
    },
  } satisfies MergeContext);
  const startNs = String(BigInt(ctx.clock.now()) * 1_000_000n);
  merge.start();
  for (const part of parts) void part.start();
  for (let trace = 1; trace <= 40; trace++) {
    const service = (n: number) => ({ 'service.name': `s${n % 3}`, zone: `z${n % 2}` });
    void parts[trace % workers].input?.consume(
      graphRequest(
        [service(trace), { kind: 'client', trace, failed: trace % 5 === 0 }],
        [service(trace + 1), { kind: 'server', trace, id: 2, parent: 1 }],
      ),
    );
    void parts[trace % workers].input?.consume(graphRequest([service(trace), { kind: 'client', trace, id: 7 }]));
  }
  for (const each of contexts) await each.clock.advance(4_000);
  for (const part of parts) await part.stop(1_000);
  await merge.flush(1_000);
  merge.stop();
  return { requests, startNs };
}

/** Each metric's points: attributes in order, and how much was counted. */
function shown(requests: readonly Buffer[]): Record<string, string[]> {
  const points: Record<string, string[]> = {};
  for (const request of requests) {
    const { resourceMetrics } = decodeRequest(METRICS, request) as unknown as Metrics;
    for (const { scopeMetrics } of resourceMetrics)
      for (const { metrics } of scopeMetrics)
        for (const { name, sum, histogram } of metrics)
          for (const point of (sum ?? histogram)?.dataPoints ?? [])
            (points[name] ??= []).push(
              `${JSON.stringify(point.attributes.map(({ key, value }) => [key, value]))} ${point.asInt ?? point.count}`,
            );
  }
  for (const list of Object.values(points)) list.sort();
  return points;
}

describe('the graph of all workers', () => {
  it('is the same with 1, 2 and 4 of them', async () => {
    const [one, two, four] = await Promise.all([graphOf(1), graphOf(2), graphOf(4)]);
    const wanted = shown(one.requests);
    assert.deepEqual(Object.keys(wanted), [
      'traces_service_graph_request_total',
      'traces_service_graph_request_failed_total',
      'traces_service_graph_request_server',
      'traces_service_graph_request_client',
    ]);
    assert.deepEqual(shown(two.requests), wanted);
    assert.deepEqual(shown(four.requests), wanted);
    const total = (name: string): number => wanted[name].reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    assert.equal(total('traces_service_graph_request_total'), 80);
    assert.equal(total('traces_service_graph_request_failed_total'), 8);
    assert.equal(total('traces_service_graph_request_client'), 80);
  });

  it('leaves as one resource without attributes, from the start of the connector on', async () => {
    const { requests, startNs } = await graphOf(2);
    const { resourceMetrics } = decodeRequest(METRICS, requests[0]) as unknown as Metrics;
    assert.equal(resourceMetrics.length, 1);
    assert.deepEqual(resourceMetrics[0].resource?.attributes ?? [], []);
    const [{ scope, metrics }] = resourceMetrics[0].scopeMetrics;
    assert.equal(scope.name, 'traces_service_graph');
    const [point] = metrics[0].sum?.dataPoints ?? [];
    assert.equal(point.startTimeUnixNano, startNs);
    assert.deepEqual(point.attributes.map(({ key }) => key).slice(0, 4), [
      'client',
      'server',
      'connection_type',
      'failed',
    ]);
  });
});
