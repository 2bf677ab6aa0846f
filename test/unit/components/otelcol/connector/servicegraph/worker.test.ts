import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema, type Args } from '#components/otelcol/connector/servicegraph/schema.ts';
import { create } from '#components/otelcol/connector/servicegraph/worker.ts';
import { defaults } from '#config/schema/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { edgesOf, graphRequest, harvested, type CountedEdge, type Sender } from '#test/support/graph-spans.ts';
import { workerContext } from '#test/support/worker-context.ts';

const METRIC = 'otelcol_connector_servicegraph_';

function setUp(args: Partial<Args> = {}, workers: Parameters<typeof workerContext>[1] = {}) {
  const ctx = workerContext('otelcol.connector.servicegraph.default', workers);
  const all: Args = { ...defaults(schema), ...args };
  const part = create(all, ctx);
  void part.start();
  const send = (...senders: readonly Sender[]): void =>
    assert.equal(part.input?.consume(graphRequest(...senders)), Outcome.accepted);
  const count = (end: string): number => ctx.meter.value(`${METRIC}${end}_total`);
  return { ctx, part, all, send, count };
}

/** Past the ttl, the sweep after that included. */
const EXPIRE_MS = 6_000;

interface Case {
  readonly what: string;
  readonly args?: Partial<Args>;
  /** Requests, one after the other. */
  readonly requests: readonly (readonly Sender[])[];
  readonly counted: readonly Partial<CountedEdge>[];
  /** What the ttl adds. Default: nothing. */
  readonly expired?: readonly Partial<CountedEdge>[];
  /** Edges that expire. Default: one for each in `expired`. */
  readonly expires?: number;
}

const clientSpan = { kind: 'client', id: 1, start: 1000, end: 1020 } as const;
const serverSpan = { kind: 'server', id: 2, parent: 1, start: 1005, end: 1015 } as const;

function run(cases: readonly Case[]): void {
  for (const { what, args, requests, counted, expired = [], expires = expired.length } of cases)
    it(what, async () => {
      const { ctx, part, send, count } = setUp(args);
      for (const request of requests) send(...request);
      const bounds = args?.latency_histogram_buckets?.length;
      match(edgesOf(part, bounds), counted);
      await ctx.clock.advance(EXPIRE_MS);
      match(edgesOf(part, bounds), expired);
      assert.equal(count('expired_edges'), expires);
      assert.equal(count('dropped_spans'), 0);
      await part.stop(1000);
    });
}

function match(edges: readonly CountedEdge[], wanted: readonly Partial<CountedEdge>[]): void {
  const keys = wanted.map((one) => Object.keys(one) as (keyof CountedEdge)[]);
  const shown = edges.map((edge, i) => Object.fromEntries((keys[i] ?? ['edge']).map((key) => [key, edge[key]])));
  assert.deepEqual(shown, wanted);
}

describe('pairing', () => {
  run([
    {
      what: 'pairs client and server in one request, with the latency of each',
      requests: [
        [
          ['a', clientSpan],
          ['b', serverSpan],
        ],
      ],
      counted: [{ edge: 'a>b', more: {}, total: 1, failed: 0, client: 20, server: 10 }],
    },
    {
      what: 'pairs across requests, in either order',
      requests: [
        [['a', clientSpan]],
        [
          ['b', serverSpan],
          ['d', { ...serverSpan, trace: 2 }],
        ],
        [['c', { ...clientSpan, trace: 2 }]],
      ],
      counted: [
        { edge: 'a>b', total: 1, client: 20, server: 10 },
        { edge: 'c>d', total: 1, client: 20, server: 10 },
      ],
    },
    {
      what: 'does not pair over another trace or another span',
      requests: [
        [
          ['a', clientSpan],
          ['b', { ...serverSpan, trace: 2 }, { ...serverSpan, parent: 3 }],
        ],
      ],
      counted: [],
      expired: [{ edge: 'a>unknown virtual_node' }],
      expires: 3,
    },
    {
      what: 'counts edges within one service',
      requests: [[['a', clientSpan, serverSpan]]],
      counted: [{ edge: 'a>a', total: 1 }],
    },
    {
      what: 'ignores internal and unspecified spans, and kinds that there are not',
      requests: [
        [
          [
            'a',
            clientSpan,
            { kind: 'unspecified', id: 5 },
            { kind: 6, id: 6 },
            { kind: 300, id: 7 },
            { kind: -1, id: 8 },
          ],
          ['b', { kind: 'internal', id: 3, parent: 1 }, { ...serverSpan, parent: 3 }],
        ],
      ],
      counted: [],
      expired: [{ edge: 'a>unknown virtual_node' }],
      expires: 2,
    },
    {
      what: 'begins another edge for a second server span, which expires uncounted',
      requests: [
        [
          ['a', clientSpan],
          ['b', serverSpan],
        ],
        [['b', { ...serverSpan, id: 9 }]],
      ],
      counted: [{ edge: 'a>b', total: 1 }],
      expires: 1,
    },
    {
      what: 'adds up edges of the same series',
      requests: [1, 2, 3].map((trace) => [
        ['a', { ...clientSpan, trace }],
        ['b', { ...serverSpan, trace }],
      ]),
      counted: [{ edge: 'a>b', total: 3, client: 60, server: 30 }],
    },
    {
      what: 'has failed edges apart, whichever side failed',
      requests: [
        [
          ['a', { ...clientSpan, failed: true }],
          ['b', serverSpan],
        ],
        [
          ['a', { ...clientSpan, trace: 2, failed: false }],
          ['b', { ...serverSpan, trace: 2, failed: true }],
        ],
        [
          ['b', { ...serverSpan, trace: 3, failed: true }],
          ['a', { ...clientSpan, trace: 3 }],
        ],
        [
          ['a', { ...clientSpan, trace: 4 }],
          ['b', { ...serverSpan, trace: 4 }],
        ],
      ],
      counted: [
        { edge: 'a>b', total: 1, failed: 0 },
        { edge: 'a>b failed', total: 3, failed: 3 },
      ],
    },
    {
      what: 'takes the connection type of the side that came last',
      requests: [
        [
          ['a', { ...clientSpan, kind: 'producer' }],
          ['b', { ...serverSpan, kind: 'consumer' }],
        ],
        [
          ['c', { ...clientSpan, kind: 'producer', trace: 2 }],
          ['d', { ...serverSpan, trace: 2 }],
        ],
        [
          ['f', { ...serverSpan, trace: 3 }],
          ['e', { ...clientSpan, kind: 'producer', trace: 3 }],
        ],
      ],
      counted: [{ edge: 'a>b messaging_system' }, { edge: 'c>d' }, { edge: 'e>f messaging_system' }],
    },
  ]);
});

describe('services', () => {
  run([
    {
      what: 'ignores resources without service.name',
      requests: [
        [
          [{ 'host.name': 'x' }, clientSpan],
          ['b', serverSpan],
        ],
      ],
      counted: [],
      expires: 1,
    },
    {
      what: 'never completes an edge with an empty name',
      requests: [
        [
          ['a', clientSpan],
          ['', serverSpan],
        ],
        [
          ['', { ...clientSpan, trace: 2 }],
          ['b', { ...serverSpan, trace: 2 }],
        ],
      ],
      counted: [],
      expired: [{ edge: 'a>unknown virtual_node', total: 1, server: 10, client: 20 }],
      expires: 2,
    },
    {
      what: 'takes a name that is not a string as text',
      requests: [
        [
          [{ 'service.name': 17 }, clientSpan],
          [{ 'service.name': true }, serverSpan],
        ],
      ],
      counted: [{ edge: '17>true' }],
    },
  ]);
});

describe('databases', () => {
  const shop = { ...clientSpan, attributes: { 'db.system': 'redis', 'db.name': 'shop' } } as const;
  run([
    {
      what: 'completes at once, with the latency of the client on both sides',
      requests: [[['a', shop]]],
      counted: [{ edge: 'a>shop database', total: 1, client: 20, server: 20 }],
    },
    {
      what: 'looks at the resource first',
      requests: [[[{ 'service.name': 'a', 'db.name': 'main' }, shop]]],
      counted: [{ edge: 'a>main database' }],
    },
    {
      what: 'takes the first attribute of the list that there is, a producer and any value too',
      args: { database_name_attributes: ['db.one', 'db.two', 'db.three'] },
      requests: [
        [['a', { ...clientSpan, kind: 'producer', attributes: { 'db.name': 'x', 'db.three': 'three', 'db.two': 2 } }]],
      ],
      counted: [{ edge: 'a>2 database' }],
    },
    {
      what: 'does not complete with an empty name, nor prefer another attribute to it',
      args: { database_name_attributes: ['db.name', 'db.system'] },
      requests: [[['a', { ...shop, attributes: { 'db.name': '', 'db.system': 'redis' } }]]],
      counted: [],
      expired: [{ edge: 'a> virtual_node', client: 20, server: 20 }],
    },
    {
      what: 'has none without attributes to look for',
      args: { database_name_attributes: [], virtual_node_peer_attributes: [] },
      requests: [[['a', shop]]],
      counted: [],
      expires: 1,
    },
    {
      what: 'is not what a server span says',
      requests: [[['b', { ...serverSpan, attributes: { 'db.name': 'shop' } }]]],
      counted: [],
      expires: 1,
    },
  ]);
});

describe('virtual nodes', () => {
  run([
    {
      what: 'stand for users where the server span is a root',
      requests: [[['b', { ...serverSpan, parent: undefined }]]],
      counted: [],
      expired: [{ edge: 'user>b virtual_node', more: {}, total: 1, client: 0, server: 10 }],
    },
    {
      what: 'take a parent id of zeros as none',
      requests: [[['b', { ...serverSpan, parent: 0 }]]],
      counted: [],
      expired: [{ edge: 'user>b virtual_node' }],
    },
    {
      what: 'are not made for server spans with a parent',
      requests: [[['b', serverSpan]]],
      counted: [],
      expires: 1,
    },
    {
      what: 'stand for the peer, of the best attribute that the span has, not the resource',
      requests: [
        [
          [
            { 'service.name': 'a', 'peer.service': 'resource' },
            { ...clientSpan, failed: true, attributes: { 'db.system': 'mysql', 'net.peer.name': 'n' } },
          ],
          ['b', { ...clientSpan, trace: 2, attributes: { 'db.system': 'mysql', 'peer.service': 'shop' } }],
          ['c', { ...clientSpan, trace: 3, attributes: { 'db.system': 'mysql', 'peer.service': '' } }],
        ],
      ],
      counted: [],
      expired: [
        { edge: 'a>mysql virtual_node failed', failed: 1, client: 20, server: 0 },
        { edge: 'b>shop virtual_node' },
        { edge: 'c> virtual_node' },
      ],
    },
    {
      what: 'are unknown without a peer, also for producers',
      requests: [[['a', clientSpan, { ...clientSpan, kind: 'producer', id: 7 }]]],
      counted: [],
      expired: [{ edge: 'a>unknown virtual_node', total: 2 }],
      expires: 2,
    },
    {
      what: 'are not made where no attributes are asked for',
      args: { virtual_node_peer_attributes: [] },
      requests: [
        [
          ['a', clientSpan],
          ['b', { ...serverSpan, trace: 2, parent: undefined }],
        ],
      ],
      counted: [],
      expires: 2,
    },
    {
      what: 'are told by an extra label, which all edges have then, at the end',
      args: { virtual_node_extra_label: true, dimensions: ['zone'] },
      requests: [
        [
          [{ 'service.name': 'a', zone: 'z' }, clientSpan, { ...clientSpan, id: 5 }],
          ['b', serverSpan, { ...serverSpan, parent: undefined }],
        ],
      ],
      counted: [{ edge: 'a>b', more: { client_zone: 'z', virtual_node: '' } }],
      expired: [
        { edge: 'a>unknown virtual_node', more: { client_zone: 'z', virtual_node: 'server' } },
        { edge: 'user>b virtual_node', more: { virtual_node: 'client' } },
      ],
    },
  ]);
});

describe('dimensions', () => {
  const dimensions = ['zone', 'code', 'absent', 'zone'];
  run([
    {
      what: 'are of the resource first, then of the span, as text, for each side',
      args: { dimensions },
      requests: [
        [
          [
            { 'service.name': 'a', zone: 'east' },
            { ...clientSpan, attributes: { zone: 'no', code: 200 } },
          ],
          ['b', { ...serverSpan, attributes: { zone: 1.5, code: { arrayValue: { values: [{ intValue: 1 }] } } } }],
        ],
      ],
      counted: [
        {
          edge: 'a>b',
          more: { client_zone: 'east', server_zone: '1.5', client_code: '200', server_code: '[1]' },
        },
      ],
    },
    {
      what: 'make series of their own, an empty value too; values that move over make another one',
      args: { dimensions: ['zone', 'code'] },
      requests: [
        [
          ['a', { ...clientSpan, attributes: { zone: 'x' } }],
          ['b', serverSpan],
        ],
        [
          ['a', { ...clientSpan, trace: 2, attributes: { code: 'x' } }],
          ['b', { ...serverSpan, trace: 2 }],
        ],
        [
          ['a', { ...clientSpan, trace: 3 }],
          ['b', { ...serverSpan, trace: 3, attributes: { zone: 'x' } }],
        ],
        [
          ['a', { ...clientSpan, trace: 4, attributes: { zone: '' } }],
          ['b', { ...serverSpan, trace: 4 }],
        ],
        [
          ['a', { ...clientSpan, trace: 5 }],
          ['b', { ...serverSpan, trace: 5 }],
        ],
        [
          ['a', { ...clientSpan, trace: 6, attributes: { code: 'x' } }],
          ['b', { ...serverSpan, trace: 6 }],
        ],
      ],
      counted: [
        { more: { client_zone: 'x' }, total: 1 },
        { more: { client_code: 'x' }, total: 2 },
        { more: { server_zone: 'x' }, total: 1 },
        { more: { client_zone: '' }, total: 1 },
        { more: {}, total: 1 },
      ],
    },
    {
      what: 'of numbers are those that they are',
      args: { dimensions: ['n'] },
      requests: [0, 7, 127, 128, 16384, 268435455, 2 ** 40, -3].map((n, i) => [
        ['a', { ...clientSpan, trace: i + 1, attributes: { n } }],
        ['b', { ...serverSpan, trace: i + 1 }],
      ]),
      counted: ['0', '7', '127', '128', '16384', '268435455', '1099511627776', '-3'].map((text) => ({
        more: { client_n: text },
      })),
    },
  ]);

  it('the same series whichever side came first', () => {
    const { part, send } = setUp({ dimensions: ['d'] });
    const client: Sender = ['a', { ...clientSpan, attributes: { d: '1' } }];
    const server: Sender = ['b', { ...serverSpan, attributes: { d: '2' } }];
    send(client, server);
    send(server, client);
    match(edgesOf(part), [{ edge: 'a>b', more: { client_d: '1', server_d: '2' }, total: 2 }]);
  });
});

describe('latency', () => {
  const latency = (start: number, end: number): Case => ({
    what: `${start} to ${end}`,
    requests: [
      [
        ['a', { ...clientSpan, start, end }],
        ['b', serverSpan],
      ],
    ],
    counted: [{ client: end > start && start > 0 ? end - start : 0 }],
  });
  run([latency(1000, 1000), latency(1001, 1000), latency(0, 1000), latency(1000, 0), latency(0, 0), latency(1, 9_000)]);

  it('fills buckets up to their bounds, inclusive', () => {
    const { part, send } = setUp({ latency_histogram_buckets: [100, 0.5, 1400, 100] });
    for (const [i, ms] of [0, 0.5, 0.6, 100, 101, 1400, 1401].entries())
      send(['a', { ...clientSpan, trace: i, start: 1, end: 1 + ms }], ['b', { ...serverSpan, trace: i }]);
    const [row] = harvested(part);
    // Behind total, failed and the server's histogram; a histogram is count, sum, min, max and four buckets.
    assert.deepEqual(row.values.slice(2 + 8 + 4), [2, 2, 2, 1]);
    assert.equal(row.values[2 + 8], 7);
  });

  it('has exponential histograms when their size is given', () => {
    const { part, send } = setUp({ exponential_histogram_max_size: 20 });
    send(['a', { ...clientSpan, start: 1, end: 2001 }], ['b', { ...serverSpan, start: 5, end: 5 }]);
    const [row] = harvested(part);
    assert.equal(row.counted, 0b1101);
    // Server: one zero. Client: 2 s in one bucket.
    assert.deepEqual(row.values.slice(2, 2 + 5), [1, 0, 0, 0, 1]);
    assert.deepEqual(row.values.slice(10, 10 + 5), [1, 2, 2, 2, 0]);
  });
});
