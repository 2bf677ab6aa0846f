import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scan } from '#codec/otlp/scan.ts';
import { args as schema, type Args } from '#components/otelcol/connector/servicegraph/schema.ts';
import { create } from '#components/otelcol/connector/servicegraph/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { METRICS, TRACES } from '#shared/signal.ts';
import { encodeRequest } from '#test/support/otlp-proto.ts';
import { batchOf, edgesOf, graphRequest, harvested, idBytes, spanOf, type Sender } from '#test/support/graph-spans.ts';
import { workerContext } from '#test/support/worker-context.ts';

const METRIC = 'otelcol_connector_servicegraph_';
const UNFINISHED = 'millrace_connector_servicegraph_unfinished_edges_total';
const LOST = 'millrace_connector_lost_observations_total';

function setUp(args: Partial<Args> = {}, workers: Parameters<typeof workerContext>[1] = {}) {
  const ctx = workerContext('otelcol.connector.servicegraph.default', workers);
  const all: Args = { ...defaults(schema), ...args };
  const part = create(all, ctx);
  const send = (...senders: readonly Sender[]) => part.input?.consume(graphRequest(...senders));
  const count = (end: string): number => ctx.meter.value(`${METRIC}${end}_total`);
  const names = (): string[] => edgesOf(part).map(({ edge, total }) => `${edge} ${total}`);
  return { ctx, part, all, send, count, names };
}

const client = (trace: number): Sender => ['a', { kind: 'client', trace }];
const server = (trace: number): Sender => ['b', { kind: 'server', trace, id: 2, parent: 1 }];
const storeOf = (max_items: number, ttl = 2_000): Pick<Args, 'store'> => ({ store: { max_items, ttl } });

describe('time', () => {
  it('lets edges leave at the first sweep after their ttl, counted from the first half', async () => {
    const { ctx, part, send, count } = setUp(storeOf(10, 3_000));
    void part.start();
    await ctx.clock.advance(500);
    void send(client(1));
    await ctx.clock.advance(2_000);
    // The same half again does not extend it: it goes at 4 s.
    void send(client(1));
    await ctx.clock.advance(1_499);
    assert.equal(count('expired_edges'), 0);
    await ctx.clock.advance(1);
    assert.equal(count('expired_edges'), 1);
    assert.equal(count('total_edges'), 1);
  });

  it('still pairs what has expired and not been swept', async () => {
    const { ctx, part, send, names } = setUp(storeOf(10, 100));
    void part.start();
    void send(client(1));
    await ctx.clock.advance(1_999);
    void send(server(1));
    assert.deepEqual(names(), ['a>b 1']);
  });

  it('stamps rows with the wall clock of their batch or sweep', async () => {
    const { ctx, part, send } = setUp();
    void part.start();
    const begin = ctx.clock.now();
    void send(client(1), server(1));
    await ctx.clock.advance(700);
    void send(client(2), server(2), client(3));
    const [row] = harvested(part);
    assert.deepEqual([row.firstMs, row.lastMs], [begin, begin + 700]);
    await ctx.clock.advance(3_400);
    assert.equal(harvested(part)[0].firstMs, begin + 4_000);
  });

  it('sweeps as often as new arguments say', async () => {
    const { ctx, part, all, send, count } = setUp(storeOf(10, 10));
    void part.start();
    await ctx.clock.advance(1_000);
    await part.update({ ...all, store_expiration_loop: 100 });
    void send(client(1));
    await ctx.clock.advance(100);
    assert.equal(count('expired_edges'), 1);
    assert.equal(ctx.clock.pending, 1);
  });
});

describe('bounds', () => {
  it('drops what would begin an edge in a full store; what completes one, or needs none, still counts', async () => {
    const { ctx, part, send, count, names } = setUp(storeOf(2));
    void part.start();
    void send(client(1), client(2), client(3), server(4), [
      'a',
      { kind: 'client', trace: 5, attributes: { 'db.name': 'x' } },
    ]);
    assert.equal(count('dropped_spans'), 2);
    assert.equal(count('total_edges'), 3);
    void send(server(1), client(6), server(7));
    assert.equal(count('dropped_spans'), 3);
    assert.deepEqual(names(), ['a>b 1', 'a>x database 1']);
    // Past their ttl edges still take up room until they are swept.
    await ctx.clock.advance(3_999);
    void send(client(8));
    assert.equal(count('dropped_spans'), 4);
    await ctx.clock.advance(1);
    void send(client(9), client(10), client(11));
    assert.equal(count('dropped_spans'), 5);
  });

  it('splits max_items over the workers', () => {
    for (const [items, count, parts] of [
      [10, 4, [3, 3, 2, 2]],
      [2, 4, [1, 1, 1, 1]],
      [1000, 1, [1000]],
    ] as const) {
      const held = parts.map((_, index) => {
        const { ctx, part, send } = setUp(storeOf(items), { index, count });
        void part.start();
        for (let trace = 1; trace <= 1100; trace++) void send(client(trace));
        return ctx.meter.value(`${METRIC}total_edges_total`);
      });
      assert.deepEqual(held, parts);
    }
  });

  it('follows max_items up and down', async () => {
    const { part, all, send, count } = setUp(storeOf(3));
    void part.start();
    for (let trace = 1; trace <= 4; trace++) void send(client(trace));
    assert.equal(count('dropped_spans'), 1);
    await part.update({ ...all, ...storeOf(2) });
    void send(server(1), client(5));
    assert.equal(count('dropped_spans'), 2);
    void send(server(2), client(6));
    assert.equal(count('dropped_spans'), 2);
  });

  it('cuts long texts between two characters', () => {
    const { part, send } = setUp({ dimensions: ['d'] });
    void part.start();
    const cut = 'x'.repeat(1023);
    void send(
      ['s'.repeat(5_000), { kind: 'client', trace: 1, attributes: { d: `${cut}é and more` } }],
      ['b', { kind: 'server', trace: 1, parent: 1, attributes: { d: '漢'.repeat(70_000) } }],
    );
    const [row] = harvested(part);
    assert.equal(row.attributes['client'], 's'.repeat(1024));
    assert.equal(row.attributes['client_d'], cut);
    assert.equal(row.attributes['server_d'], '漢'.repeat(341));
  });

  it('keeps its edges right while millions of texts come and go', () => {
    const { part, send, count } = setUp({ ...storeOf(50, 1e9), dimensions: ['d', 'e'] });
    void part.start();
    const halves = Array.from({ length: 50 }, (_, i) => i + 1);
    for (const trace of halves)
      void send([
        `waits ${trace}`,
        { kind: 'client', trace, attributes: { d: `d${trace}`, 'peer.service': `p${trace}` } },
      ]);
    for (let round = 0; round < 40; round++) {
      const senders = Array.from({ length: 200 }, (_, i): Sender => {
        const attributes = { 'db.name': `database ${round}/${i} ${'y'.repeat(300)}`, e: `${round * 1000 + i}` };
        return ['c', { kind: 'client', trace: 1000 + round, attributes }];
      });
      void send(...senders);
      assert.equal(harvested(part).length, 200);
    }
    assert.equal(count('dropped_spans'), 0);
    for (const trace of halves) void send(server(trace));
    assert.deepEqual(
      edgesOf(part).map(({ edge, more }) => `${edge} ${JSON.stringify(more)}`),
      halves.map((trace) => `waits ${trace}>b {"client_d":"d${trace}"}`).sort(),
    );
  });

  it('is full, too, when its edges hold too many long texts; the next sweep makes room', async () => {
    const { ctx, part, send, count } = setUp({ ...storeOf(1000, 1_000), dimensions: ['a', 'b', 'c', 'd'] });
    void part.start();
    const long = (trace: number): Sender => {
      const value = (name: string): string => `${name}${trace} ${'z'.repeat(3_000)}`;
      return [
        'a',
        { kind: 'client', trace, attributes: { a: value('a'), b: value('b'), c: value('c'), d: value('d') } },
      ];
    };
    for (let trace = 1; trace <= 900; trace++) void send(long(trace));
    const begun = count('total_edges');
    assert.ok(begun > 100 && begun < 400, `${begun} edges of 4 KiB each`);
    assert.equal(count('dropped_spans'), 900 - begun);
    void send(server(1));
    assert.equal(edgesOf(part).length, 1);
    await ctx.clock.advance(2_000);
    assert.equal(count('expired_edges'), begun - 1);
    harvested(part);
    void send(client(1), server(1));
    assert.equal(edgesOf(part).length, 1);
  });
});

describe('bad input', () => {
  it('pairs spans without a trace id by their span ids, and takes none as empty', async () => {
    const { ctx, part, send, names } = setUp();
    void part.start();
    void send(['a', { kind: 'client', trace: -1, id: 5 }], ['b', { kind: 'server', trace: -1, id: -1, parent: 5 }]);
    assert.deepEqual(names(), ['a>b 1']);
    void send(['a', { kind: 'client', id: -1 }]);
    await ctx.clock.advance(4_000);
    assert.deepEqual(names(), ['a>unknown virtual_node 1']);
  });

  it('makes valid UTF-8 of what is none, and one series of what looks the same then', () => {
    const { part } = setUp();
    void part.start();
    const named = (bytes: Buffer, trace: number): Buffer =>
      Buffer.concat([
        encodeRequest(TRACES, {
          resourceSpans: [
            {
              resource: { attributes: [{ key: 'service.name', value: { stringValue: '#####' } }] },
              scopeSpans: [{ spans: [spanOf({ kind: 'client', trace })] }],
            },
          ],
        }),
      ]).map((byte, i, all) => {
        const at = Buffer.from(all.buffer, all.byteOffset, all.length).indexOf('#');
        return at >= 0 && i === at ? bytes[0] : byte;
      }) as Buffer;
    for (const [i, byte] of [0xff, 0xfe].entries()) {
      const request = Buffer.from(named(Buffer.from([byte]), i + 1));
      void part.input?.consume(batchOf(request, 1));
      void part.input?.consume(graphRequest(server(i + 1)));
    }
    assert.deepEqual(
      edgesOf(part).map(({ edge, total }) => [edge, total]),
      [['\ufffd####>b', 2]],
    );
  });

  it('finds fields in any order, scopes before the resource, and the first of equal attributes', () => {
    const { part } = setUp();
    void part.start();
    const varint = (n: number): number[] => (n > 0x7f ? [(n & 0x7f) | 0x80, n >>> 7] : [n]);
    const field = (tag: number, ...parts: (Buffer | number[])[]): Buffer => {
      const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
      return Buffer.concat([Buffer.from([tag, ...varint(content.length)]), content]);
    };
    const string = (tag: number, text: string): Buffer => field(tag, Buffer.from(text));
    const attribute = (tag: number, key: string, text: string): Buffer =>
      // The value before the key, and an unknown field.
      field(tag, field(0x12, string(0x0a, text)), [0x18, 0x07], string(0x0a, key));
    const span = field(
      0x12,
      field(0x7a, [0x18, 0x02]),
      attribute(0x4a, 'db.name', 'first'),
      [0x30, 0x03],
      attribute(0x4a, 'db.name', 'second'),
      field(0x12, idBytes(1, 8)),
      [0x85, 0x01, 1, 1, 0, 0],
      field(0x0a, idBytes(1, 16)),
      // A group of an unknown number.
      [0xf3, 0x01, 0x08, 0x01, 0xf4, 0x01],
    );
    const entry = field(
      0x0a,
      field(0x12, span),
      field(0x0a, attribute(0x0a, 'service.name', 'late')),
      string(0x1a, 'url'),
    );
    void part.input?.consume(batchOf(Buffer.concat([entry, entry]), 2));
    assert.deepEqual(
      edgesOf(part).map(({ edge, total }) => [edge, total]),
      [['late>first database failed', 2]],
    );
  });

  it('survives whatever damage a receiver lets through', () => {
    const whole = graphRequest(client(1), server(1), client(2)).bytes;
    const { part } = setUp({ dimensions: ['d'] });
    void part.start();
    let passed = 0;
    const offer = (bytes: Buffer): void => {
      if (scan(TRACES, bytes, 0, bytes.length, null) < 0) return;
      passed++;
      assert.equal(part.input?.consume(batchOf(bytes, 1)), Outcome.accepted);
    };
    for (let at = 0; at < whole.length; at++) {
      for (let value = 0; value < 256; value += 5) {
        const damaged = Buffer.from(whole);
        damaged[at] = value;
        offer(damaged);
      }
      offer(Buffer.from(whole.subarray(0, at)));
    }
    assert.ok(passed > 1_000);
    harvested(part);
  });

  it('counts what it takes, and of that what it ignores for want of a service', () => {
    const { ctx, part, send } = setUp();
    void part.start();
    void send([{}, { kind: 'client' }, { kind: 'internal' }], client(1), server(1));
    assert.equal(ctx.meter.value('otelcol_connector_incoming_items_total', { connector: 'servicegraph/default' }), 4);
    assert.equal(ctx.meter.value('millrace_connector_ignored_items_total', { reason: 'no_service_name' }), 2);
  });

  it('takes other signals and empty requests without a word', () => {
    const { part, send } = setUp();
    void part.start();
    assert.equal(part.input?.consume({ ...batchOf(Buffer.from([1, 2, 3]), 1), signal: METRICS }), Outcome.accepted);
    assert.equal(send(), Outcome.accepted);
    assert.deepEqual(harvested(part), []);
  });
});

describe('life', () => {
  it('counts at stop what has expired, gives up the rest, then takes nothing', async () => {
    const { ctx, part, send, count, names } = setUp();
    void part.start();
    void send(client(1));
    await ctx.clock.advance(1_900);
    void send(client(2), server(3));
    await ctx.clock.advance(101);
    // The first one came 2001 ms ago.
    const expired = count('expired_edges');
    await part.stop(1_000);
    assert.equal(count('expired_edges'), expired + 1);
    assert.equal(ctx.meter.value(UNFINISHED), 2);
    assert.deepEqual(names(), ['a>unknown virtual_node 1']);
    assert.equal(send(client(4)), Outcome.stopping);
    await part.stop(1_000);
    assert.equal(ctx.meter.value(UNFINISHED), 2);
    assert.equal(ctx.clock.pending, 0);
    assert.deepEqual(names(), []);
  });

  it('stops without having been started, and takes new arguments before and after', async () => {
    const { ctx, part, all } = setUp();
    await part.update({ ...all, dimensions: ['x'], store_expiration_loop: 5 });
    await part.stop(0);
    await part.update(all);
    assert.equal(ctx.clock.pending, 0);
    assert.equal(part.harvest?.(), null);
  });

  it('emits nothing itself, and asks to be harvested only where every batch is flushed', async () => {
    const slow = setUp();
    void slow.part.start();
    void slow.send(client(1), server(1));
    assert.equal(slow.ctx.due.count, 0);
    assert.deepEqual(slow.ctx.log.lines, []);
    const { ctx, part, send } = setUp({ metrics_flush_interval: 0 });
    void part.start();
    assert.match(
      ctx.log.lines.map(({ level, message }) => `${level} ${message}`).join(),
      /^warn metrics_flush_interval is 0/,
    );
    void send(client(1));
    assert.equal(ctx.due.count, 0);
    void send(server(1));
    assert.equal(ctx.due.count, 1);
    void send(client(2));
    await ctx.clock.advance(4_000);
    assert.equal(ctx.due.count, 2);
    for (const next of Object.values(ctx.next)) assert.equal(next.offered.length, 0);
  });

  it('keeps rows and waiting edges through arguments that count the same', async () => {
    const { ctx, part, all, send, names } = setUp();
    void part.start();
    void send(client(1), server(1), client(2));
    await part.update({ ...all, database_name_attributes: ['x'], ...storeOf(5, 7_000) });
    void send(server(2));
    assert.deepEqual(names(), ['a>b 2']);
    assert.equal(ctx.meter.value(LOST), 0);
  });

  it('keeps waiting edges, with those dimensions that stay, through arguments that count otherwise', async () => {
    const { ctx, part, all, send } = setUp({ dimensions: ['old', 'stays'] });
    void part.start();
    void send(['a', { kind: 'client', attributes: { old: 'o', stays: 's' } }], client(2), server(2));
    await part.update({ ...all, dimensions: ['stays', 'new'], virtual_node_extra_label: true });
    // The edge that was counted and not harvested: total and two histograms.
    assert.equal(ctx.meter.value(LOST), 3);
    void send(['b', { kind: 'server', parent: 1, attributes: { new: 'n', old: 'x' } }]);
    assert.deepEqual(
      edgesOf(part).map(({ edge, more }) => [edge, more]),
      [['a>b', { client_stays: 's', server_new: 'n', virtual_node: '' }]],
    );
  });

  it('counts on after each harvest, into rows that are made anew', () => {
    const { part, send, names } = setUp();
    void part.start();
    for (let round = 1; round < 4; round++) {
      for (let i = 0; i < round; i++) void send(client(1), server(1));
      assert.deepEqual(names(), [`a>b ${round}`]);
    }
  });
});
