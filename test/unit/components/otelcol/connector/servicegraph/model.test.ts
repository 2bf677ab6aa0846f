import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/connector/servicegraph/schema.ts';
import { create } from '#components/otelcol/connector/servicegraph/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { edgesOf, graphRequest, type GraphSpan } from '#test/support/graph-spans.ts';
import { workerContext } from '#test/support/worker-context.ts';
import fc from 'fast-check';

interface Half {
  readonly service: string;
  readonly resource: Readonly<Record<string, string>>;
  readonly span: GraphSpan & { readonly attributes: Readonly<Record<string, string>> };
}

interface Edge {
  readonly createdMs: number;
  readonly root: boolean;
  client: string;
  server: string;
  clientLatency: number;
  serverLatency: number;
  type: string;
  failed: boolean;
  ofClient: Record<string, string>;
  ofServer: Record<string, string>;
  peer: string | undefined;
}

/** Semantics 14.2 and 14.3, as plainly as can be. */
class Model {
  readonly #edges = new Map<string, Edge>();
  readonly #series = new Map<string, { total: number; failed: number; server: number; client: number }>();
  readonly #args: Args;
  total = 0;
  dropped = 0;
  expired = 0;

  constructor(args: Args) {
    this.#args = args;
  }

  take({ service, resource, span }: Half, nowMs: number): void {
    const isClient = span.kind === 'client' || span.kind === 'producer';
    if (!isClient && span.kind !== 'server' && span.kind !== 'consumer') return;
    const keyId = (isClient ? span.id : span.parent) ?? 0;
    const key = `${span.trace}/${keyId}`;
    const known = this.#edges.get(key);
    const edge: Edge = known ?? {
      createdMs: nowMs,
      root: keyId === 0,
      client: '',
      server: '',
      clientLatency: 0,
      serverLatency: 0,
      type: '',
      failed: false,
      ofClient: {},
      ofServer: {},
      peer: undefined,
    };
    const before = { ...edge };
    const latency = Math.max(0, (span.end ?? 0) - (span.start ?? 0));
    const own: Record<string, string> = {};
    for (const name of this.#args.dimensions) {
      const value = resource[name] ?? span.attributes[name];
      if (value !== undefined) own[name] = value;
    }
    edge.type = span.kind === 'producer' || span.kind === 'consumer' ? 'messaging_system' : '';
    edge.failed ||= span.failed === true;
    if (isClient) {
      edge.client = service;
      edge.clientLatency = latency;
      edge.ofClient = own;
      const peer = this.#args.virtual_node_peer_attributes.find((name) => span.attributes[name] !== undefined);
      edge.peer = peer === undefined ? undefined : span.attributes[peer];
      const database = this.#args.database_name_attributes.find(
        (name) => (resource[name] ?? span.attributes[name]) !== undefined,
      );
      if (database !== undefined) {
        edge.type = 'database';
        edge.server = resource[database] ?? span.attributes[database];
        edge.ofServer = {};
        edge.serverLatency = latency;
      }
    } else {
      edge.server = service;
      edge.serverLatency = latency;
      edge.ofServer = own;
    }
    const complete = edge.client !== '' && edge.server !== '';
    if (known === undefined && !complete && this.#edges.size >= this.#args.store.max_items) {
      Object.assign(edge, before);
      this.dropped++;
      return;
    }
    if (known === undefined) this.total++;
    if (complete) {
      this.#count(edge);
      this.#edges.delete(key);
    } else this.#edges.set(key, edge);
  }

  sweep(nowMs: number): void {
    for (const [key, edge] of this.#edges) {
      if (nowMs - edge.createdMs <= this.#args.store.ttl) continue;
      this.#edges.delete(key);
      this.expired++;
      if (this.#args.virtual_node_peer_attributes.length === 0) continue;
      edge.type = 'virtual_node';
      if (edge.client === '') {
        if (edge.root) edge.client = 'user';
        else if (edge.server !== '') continue;
      }
      if (edge.server === '') edge.server = edge.peer ?? 'unknown';
      this.#count(edge);
    }
  }

  get lines(): string[] {
    return [...this.#series].map(([key, value]) => `${key} ${JSON.stringify(value)}`).sort();
  }

  #count(edge: Edge): void {
    const type = edge.type === '' ? '' : ` ${edge.type}`;
    const more: Record<string, string> = {};
    for (const name of this.#args.dimensions) {
      if (edge.ofClient[name] !== undefined) more[`client_${name}`] = edge.ofClient[name];
      if (edge.ofServer[name] !== undefined) more[`server_${name}`] = edge.ofServer[name];
    }
    const key = `${edge.client}>${edge.server}${type}${edge.failed ? ' failed' : ''} ${JSON.stringify(more)}`;
    const series = this.#series.get(key) ?? { total: 0, failed: 0, server: 0, client: 0 };
    series.total++;
    if (edge.failed) series.failed++;
    series.server += edge.serverLatency;
    series.client += edge.clientLatency;
    this.#series.set(key, series);
  }
}

const word = fc.constantFrom('a', 'b', 'c', '');
const attributes = fc.dictionary(fc.constantFrom('zone', 'db.name', 'db.x', 'peer.service', 'db.system'), word, {
  maxKeys: 2,
});
const half = fc.record({
  service: word,
  resource: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: attributes }),
  span: fc.record({
    kind: fc.constantFrom('client', 'client', 'server', 'server', 'producer', 'consumer', 'internal'),
    trace: fc.integer({ min: 1, max: 3 }),
    id: fc.integer({ min: 1, max: 4 }),
    parent: fc.integer({ min: 0, max: 4 }),
    start: fc.integer({ min: 1, max: 20 }),
    end: fc.integer({ min: 1, max: 20 }),
    failed: fc.boolean(),
    attributes: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: attributes }),
  }),
});
const step = fc.oneof(
  { weight: 5, arbitrary: fc.array(half, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 150 }) },
);
const variant = fc.record({
  dimensions: fc.constantFrom([], ['zone'], ['zone', 'db.x']),
  database_name_attributes: fc.constantFrom([], ['db.name'], ['db.x', 'db.name']),
  virtual_node_peer_attributes: fc.constantFrom([], ['peer.service', 'db.system']),
  store: fc.record({ max_items: fc.integer({ min: 1, max: 8 }), ttl: fc.integer({ min: 1, max: 200 }) }),
});

describe('a worker', () => {
  it('counts what the rules say, whatever halves come when', async () => {
    await fc.assert(
      fc.asyncProperty(variant, fc.array(step, { maxLength: 40 }), async (chosen, steps) => {
        const args: Args = { ...defaults(schema), ...chosen, store_expiration_loop: 100 };
        const ctx = workerContext('otelcol.connector.servicegraph.default');
        const part = create(args, ctx);
        const model = new Model(args);
        void part.start();
        for (const now of [...steps, 1_000]) {
          if (typeof now === 'number') {
            for (let ms = 0; ms < now; ms++) {
              await ctx.clock.advance(1);
              if (ctx.clock.monotonicMs() % 100 === 0) model.sweep(ctx.clock.monotonicMs());
            }
            continue;
          }
          const nowMs = ctx.clock.monotonicMs();
          void part.input?.consume(
            graphRequest(...now.map((one) => [{ 'service.name': one.service, ...one.resource }, one.span] as const)),
          );
          for (const one of now) model.take(one, nowMs);
        }
        const lines = edgesOf(part).map(
          ({ edge, more, ...values }) =>
            `${edge} ${JSON.stringify(more)} ${JSON.stringify({ total: values.total, failed: values.failed, server: values.server, client: values.client })}`,
        );
        assert.deepEqual(lines.sort(), model.lines);
        const count = (end: string): number => ctx.meter.value(`otelcol_connector_servicegraph_${end}_total`);
        assert.deepEqual(
          [count('total_edges'), count('dropped_spans'), count('expired_edges')],
          [model.total, model.dropped, model.expired],
        );
        await part.stop(0);
      }),
      { numRuns: 60 },
    );
  });
});
