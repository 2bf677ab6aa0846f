import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/connector/spanmetrics/schema.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { encodeMessage, messageType } from '#test/support/otlp-proto.ts';
import type { ReadRow } from '#test/support/parcel-reader.ts';
import { pairs, requestOf, setUp, SHOP, spanOf, withHistogram, type TestSpan } from './spans.ts';

const calls = (rows: readonly ReadRow[]) => rows.map((r) => [r.attributes, r.values[0]]);
const base = (more: Record<string, unknown> = {}) => ({
  'service.name': 'shop',
  'span.name': 'GET',
  'span.kind': 'SPAN_KIND_SERVER',
  'status.code': 'STATUS_CODE_UNSET',
  ...more,
});

describe('calls and duration', () => {
  it('are one row: calls, then count, sum, min, max and buckets', () => {
    const { send, harvest } = setUp(withHistogram('', 'explicit {\nbuckets = ["10ms", "2ms", "10ms"]\n}'));
    send(SHOP, { ms: 2 }, { ms: 2.5 }, { ms: 10 }, { ms: 11 });
    const [row, ...others] = harvest();
    assert.equal(others.length, 0);
    assert.deepEqual(row.attributes, base());
    assert.deepEqual(row.values, [4, 4, 25.5, 2, 11, 1, 2, 1]);
    assert.equal(row.counted, 3);
    assert.deepEqual(row.resource.attributes, SHOP);
  });

  it('are in the bucket of a bound that is as long, in either unit', () => {
    const lengths = [0.009, 0.015, 0.7, 1, 8.1, 1400];
    for (const unit of ['ms', 's'])
      for (const ms of lengths) {
        const histogram = `unit = "${unit}"\nexplicit {\nbuckets = ["${ms}ms"]\n}`;
        const { send, harvest } = setUp(withHistogram('', histogram));
        send(SHOP, { ms });
        assert.deepEqual(harvest()[0].values.slice(-2), [1, 0], `${ms} ms in ${unit}`);
      }
  });

  it('have a series for each service, name, kind and status', () => {
    const { send, harvest } = setUp();
    send(
      SHOP,
      { kind: 0, status: 0 },
      { kind: 1, status: 1 },
      { kind: 5, status: 2 },
      { kind: 4 },
      { kind: 3, name: '' },
    );
    assert.deepEqual(
      harvest().map((r) => [r.attributes['span.name'], r.attributes['span.kind'], r.attributes['status.code']]),
      [
        ['GET', 'SPAN_KIND_UNSPECIFIED', 'STATUS_CODE_UNSET'],
        ['GET', 'SPAN_KIND_INTERNAL', 'STATUS_CODE_OK'],
        ['GET', 'SPAN_KIND_CONSUMER', 'STATUS_CODE_ERROR'],
        ['GET', 'SPAN_KIND_PRODUCER', 'STATUS_CODE_UNSET'],
        ['', 'SPAN_KIND_CLIENT', 'STATUS_CODE_UNSET'],
      ],
    );
  });

  it('put attributes in the order of the sheet', () => {
    const { offer, harvest } = setUp(
      withHistogram(
        `
        include_instrumentation_scope = ["lib"]
        include_collector_instance_id = true
        dimension { name = "b" }
        calls_dimension { name = "a" }
      `,
        'explicit { }\ndimension { name = "c" }',
      ),
    );
    offer(requestOf(SHOP, [{ attributes: { a: 'x', b: 'y', c: 'z' } }], { name: 'lib', version: '1' }));
    const shared = ['service.name', 'span.name', 'span.kind', 'status.code', 'collector.instance.id'];
    const scope = ['span.instrumentation.scope.name', 'span.instrumentation.scope.version'];
    assert.deepEqual(
      harvest().map((r) => [r.group, Object.keys(r.attributes)]),
      [
        [0, [...shared, ...scope, 'b', 'a']],
        [1, [...shared, ...scope, 'b', 'c']],
      ],
    );
  });

  it('leave out what is excluded', () => {
    const { send, harvest } = setUp(
      withHistogram(`
      exclude_dimensions = ["service.name", "span.name", "span.kind", "status.code", "collector.instance.id"]
      include_collector_instance_id = true`),
    );
    send(SHOP, { name: 'a' }, { name: 'b', kind: 1, status: 2 });
    assert.deepEqual(calls(harvest()), [[{}, 2]]);
  });

  it('are in seconds where that is asked for', () => {
    const { send, harvest } = setUp(withHistogram('', 'unit = "s"\nexplicit {\nbuckets = ["5ms", "1s"]\n}'));
    send(SHOP, { ms: 5 }, { ms: 1500 });
    assert.deepEqual(harvest()[0].values, [2, 2, 1.505, 0.005, 1.5, 1, 0, 1]);
  });

  it('are exponential where that is asked for', () => {
    const { send, harvest } = setUp(withHistogram('', 'exponential {\nmax_size = 4\n}'));
    send(SHOP, { ms: 0 }, { ms: 1 }, { ms: 16 });
    // At scale -1: buckets up to 1, 4, 16.
    assert.deepEqual(harvest()[0].values, [3, 3, 17, 0, 16, 1, -1, -1, 3, 1, 0, 1]);
  });

  it('are calls only where duration is disabled', () => {
    const { send, harvest } = setUp(withHistogram('', 'disable = true\nexplicit { }'));
    send(SHOP, {});
    assert.deepEqual(
      harvest().map((r) => r.values),
      [[1]],
    );
  });

  it('take 0 for what has no duration', () => {
    const { send, harvest } = setUp();
    send(
      SHOP,
      { start: '2000000', end: '1000000' },
      { start: '18446744073709551615', end: '1' },
      { start: '0', end: '1700000000000000000' },
      { start: '1700000000000000000', end: '0' },
      { start: '5', end: '5' },
    );
    assert.deepEqual(harvest()[0].values.slice(0, 5), [5, 5, 0, 0, 0]);
  });

  it('reach over the halves of a time', () => {
    const { send, harvest } = setUp();
    send(SHOP, { start: '4294967295', end: '4295967295' }, { start: '4294967295', end: '8590967295' });
    assert.deepEqual(harvest()[0].values.slice(1, 5), [2, 4297, 1, 4296]);
  });
});

describe('dimensions', () => {
  it('come from the span, else the resource, else the default; else they are absent', () => {
    const { send, harvest } = setUp(
      withHistogram(`
      dimension {
        name = "a"
      }
      dimension {
        name    = "b"
        default = "none"
      }`),
    );
    send({ ...SHOP, a: 'of resource', b: 'of resource' }, { attributes: { a: 'of span' } });
    send(SHOP, {}, { attributes: { b: '' } });
    assert.deepEqual(calls(harvest()), [
      [base({ a: 'of span', b: 'of resource' }), 1],
      [base({ b: 'none' }), 1],
      [base({ b: '' }), 1],
    ]);
  });

  it('keep their type, and are one series when their text is the same', () => {
    const { send, harvest } = setUp(withHistogram('dimension { name = "code" }'));
    for (const code of [
      200,
      '200',
      0.5,
      true,
      { arrayValue: { values: [{ intValue: 1 }] } },
      { bytesValue: Buffer.from('x') },
    ])
      send(SHOP, { attributes: { code } }, { attributes: { code } });
    assert.deepEqual(
      harvest().map((r) => [r.attributes['code'], r.values[0]]),
      [
        [{ intValue: '200' }, 4],
        [{ doubleValue: 0.5 }, 2],
        [{ boolValue: true }, 2],
        [{ arrayValue: { values: [{ intValue: '1' }] } }, 2],
        [{ bytesValue: Buffer.from('x') }, 2],
      ],
    );
  });

  it('are told apart whatever their values hold', () => {
    const { send, harvest } = setUp(withHistogram('dimension { name = "a" }\ndimension { name = "b" }'));
    send(
      SHOP,
      { attributes: { a: 'x\0b:y' } },
      { attributes: { a: 'x', b: 'y' } },
      { attributes: { a: 'x1:b1:y' } },
      { attributes: { b: 'x' } },
      { attributes: { a: 'x' } },
    );
    assert.equal(harvest().length, 5);
  });

  it('take the first of equal names, in any form on the wire', () => {
    const { offer, harvest } = setUp(withHistogram('dimension { name = "a" }'));
    const span = messageType('Span');
    const plain = encodeMessage(span, { ...spanOf({}), attributes: [...pairs({ a: '1' }), ...pairs({ a: '2' })] });
    // KeyValue with the value first, one without a value, one that says its name twice, an empty one.
    const odd = (...bytes: number[]): Buffer =>
      Buffer.concat([Buffer.from([0x4a, bytes.length, ...bytes]), encodeMessage(span, spanOf({}))]);
    const all = [
      plain,
      odd(0x12, 0x03, 0x0a, 0x01, 0x31, 0x0a, 0x01, 0x61),
      odd(0x0a, 0x01, 0x61),
      odd(),
      odd(0x0a, 0x81, 0x00, 0x61, 0x12, 0x03, 0x0a, 0x01, 0x31),
    ];
    for (const bytes of all) {
      const scope = Buffer.concat([Buffer.from([0x12, (bytes.length & 0x7f) | 0x80, bytes.length >> 7]), bytes]);
      const attributes = encodeMessage(messageType('Resource'), { attributes: pairs(SHOP) });
      const entry = Buffer.concat([
        Buffer.from([0x12, (scope.length & 0x7f) | 0x80, scope.length >> 7]),
        scope,
        // The resource may stand last.
        Buffer.from([0x0a, attributes.length]),
        attributes,
      ]);
      offer(Buffer.concat([Buffer.from([0x0a, (entry.length & 0x7f) | 0x80, entry.length >> 7]), entry]));
    }
    assert.deepEqual(
      harvest().map((r) => [r.attributes['a'], r.values[0]]),
      [
        ['1', 3],
        [{}, 1],
        [undefined, 1],
      ],
    );
  });

  it('match globs: those of the span by name, then those of the resource', () => {
    const { send, harvest } = setUp(withHistogram('dimension { glob = "http.*" }\ndimension { glob = "db.**" }'));
    const resource = { ...SHOP, 'http.a': 'resource', 'http.zz': 'resource', 'db.x.y': 'r', other: 1 };
    const attributes = { 'http.b': 1, 'http.request.method': 'no', 'http.a': 'span', x: 'no', 'db.q': 2 };
    send(resource, { attributes }, { attributes: Object.fromEntries(Object.entries(attributes).reverse()) });
    const [row, ...others] = harvest();
    assert.equal(others.length, 0);
    assert.deepEqual(Object.entries(row.attributes).slice(4), [
      ['http.a', 'span'],
      ['http.b', { intValue: '1' }],
      ['http.zz', 'resource'],
      ['db.q', { intValue: '2' }],
      ['db.x.y', 'r'],
    ]);
    assert.equal(row.values[0], 2);
  });

  it('may be long, even too long to be remembered', () => {
    const { send, harvest } = setUp(withHistogram('dimension { name = "a" }'));
    const long = 'x'.repeat(300);
    const huge = 'y'.repeat(70_000);
    for (let i = 0; i < 2; i++) send({ ...SHOP, r: huge }, { attributes: { a: long } }, { attributes: { a: huge } });
    assert.deepEqual(
      harvest().map((r) => [r.attributes['a'], r.values[0]]),
      [
        [long, 2],
        [huge, 2],
      ],
    );
  });

  it('of one metric only make rows of their own', () => {
    const { send, harvest } = setUp(withHistogram('calls_dimension { name = "a" }'));
    send(SHOP, { attributes: { a: '1' } }, { attributes: { a: '2' } });
    assert.deepEqual(
      harvest().map((r) => [r.group, r.attributes['a'], r.values[0]]),
      [
        [0, '1', 1],
        [0, '2', 1],
        [1, undefined, 2],
      ],
    );
  });
});

describe('events', () => {
  const config = withHistogram(`
    dimension { name = "s" }
    events {
      enabled = true
      dimension { name = "e" }
      dimension { glob = "exception.*" }
    }`);

  it('are counted by attributes of the span, else the event, else the resource', () => {
    const { send, harvest } = setUp(config);
    send(
      { ...SHOP, e: 'resource', s: 'resource' },
      { attributes: { e: 'span' }, events: [{ e: 'event' }] },
      { events: [{ e: 'event', s: 'event' }, { e: 'event', s: 'event' }, {}] },
      {},
    );
    const rows = harvest();
    assert.deepEqual(
      rows.filter((r) => r.group === 1).map((r) => [r.attributes, r.values]),
      [
        [base({ s: 'resource', e: 'span' }), [1]],
        [base({ s: 'event', e: 'event' }), [2]],
        [base({ s: 'resource', e: 'resource' }), [1]],
      ],
    );
    assert.deepEqual(calls(rows.filter((r) => r.group === 0)), [[base({ s: 'resource' }), 3]]);
  });

  it('match globs; the event is before the resource', () => {
    const { send, harvest } = setUp(config);
    send(
      { ...SHOP, 'exception.type': 'resource', 'exception.b': 'resource' },
      { attributes: { 'exception.z': 'span' }, events: [{ 'exception.type': 'event' }] },
      { events: [{ 'exception.z': 'event' }] },
    );
    assert.deepEqual(
      harvest()
        .filter((r) => r.group === 1)
        .map((r) => Object.entries(r.attributes).slice(4)),
      [
        [
          ['exception.z', 'span'],
          ['exception.b', 'resource'],
          ['exception.type', 'event'],
        ],
        [
          ['exception.b', 'resource'],
          ['exception.type', 'resource'],
          ['exception.z', 'event'],
        ],
      ],
    );
  });
});

describe('resources', () => {
  it('are told apart by all of their attributes, in any order, types included', () => {
    const { send, harvest } = setUp();
    send({ ...SHOP, a: 1, b: 2 }, {});
    send({ b: 2, a: 1, ...SHOP }, {});
    send({ ...SHOP, a: '1', b: 2 }, {});
    send({ ...SHOP, a: 1 }, {});
    assert.deepEqual(
      harvest().map((r) => r.values[0]),
      [2, 1, 1],
    );
  });

  it('are told apart by the key attributes where there are such; the first one is shown', () => {
    const { send, harvest } = setUp(
      withHistogram(`
      resource_metrics_key_attributes = ["service.name", "env"]
      dimension { name = "pod" }`),
    );
    send({ ...SHOP, pod: '1' }, {}, {});
    send({ ...SHOP, pod: '2' }, {});
    send({ ...SHOP, pod: '2', env: 'x' }, {});
    assert.deepEqual(
      harvest().map((r) => [r.resource.attributes['pod'], r.attributes['pod'], r.values[0]]),
      [
        ['1', '1', 2],
        ['1', '2', 1],
        ['2', '2', 1],
      ],
    );
  });

  it('without a service name are not counted, and that is counted', () => {
    const { send, harvest, ctx } = setUp();
    assert.equal(send({ other: 'x' }, {}, {}), Outcome.accepted);
    send({}, {});
    send({ 'service.name': '' }, { name: 'a' });
    assert.deepEqual(
      harvest().map((r) => [r.attributes['service.name'], r.values[0]]),
      [['', 1]],
    );
    assert.equal(ctx.meter.value('millrace_connector_ignored_items_total', { reason: 'no_service_name' }), 3);
    assert.equal(ctx.meter.value('otelcol_connector_incoming_items_total'), 4);
  });
});

describe('instrumentation scopes', () => {
  it('that are asked for are shown and told apart', () => {
    const { offer, harvest } = setUp(withHistogram('include_instrumentation_scope = ["a", "b", ""]'));
    for (const scope of [{ name: 'a', version: '1' }, { name: 'b' }, { name: 'a', version: '1' }, { name: 'c' }, {}])
      offer(requestOf(SHOP, [{}], scope));
    assert.deepEqual(
      harvest().map((r) => [
        r.attributes['span.instrumentation.scope.name'],
        r.attributes['span.instrumentation.scope.version'],
        r.values[0],
      ]),
      [
        ['a', '1', 2],
        ['b', undefined, 1],
        [undefined, undefined, 2],
      ],
    );
  });
});

describe('sampled spans', () => {
  it('count as often as their threshold says, rounded by chance', () => {
    let drawn = 0.5;
    const { send, harvest } = setUp(
      withHistogram('events {\nenabled = true\ndimension { name = "e" }\n}'),
      () => drawn,
    );
    send(SHOP, { ms: 3, traceState: 'x=y, ot=rv:123;th:c ,z=1', events: [{}] });
    // 1 in 1.6: two with the probability 0.6.
    send(SHOP, { name: 'up', traceState: 'ot=th:6' });
    drawn = 0.61;
    send(SHOP, { name: 'down', traceState: 'ot=th:6' });
    const rows = harvest();
    assert.deepEqual(
      rows.map((r) => [r.group, r.attributes['span.name'], r.values[0]]),
      [
        [0, 'GET', 4],
        [0, 'up', 2],
        [0, 'down', 1],
        [1, 'GET', 4],
      ],
    );
    assert.deepEqual(rows[0].values.slice(0, 5), [4, 4, 12, 3, 3]);
  });
});

describe('exemplars', () => {
  const config = withHistogram(
    'exemplars {\nenabled = true\nmax_per_data_point = 2\n}\nevents {\nenabled = true\ndimension { name = "e" }\n}',
  );

  it('are the first spans of a point, with the duration as value', () => {
    const { send, harvest } = setUp(config);
    send(SHOP, ...[1, 2, 3].map((ms): TestSpan => ({ ms, traceId: Buffer.alloc(16, ms), events: [{}] })));
    const of = (ms: number, instrument: number) => ({
      value: ms,
      traceId: `0${ms}`.repeat(16),
      spanId: '02'.repeat(8),
      instrument,
    });
    const rows = harvest();
    assert.deepEqual(rows[0].exemplars, [of(1, 0), of(1, 1), of(2, 0), of(2, 1)]);
    assert.deepEqual(rows[1].exemplars, [of(1, 0), of(2, 0)]);
  });

  it('have a trace id', () => {
    const { send, harvest } = setUp(config);
    send(SHOP, { traceId: Buffer.alloc(16) }, { traceId: Buffer.alloc(0) });
    assert.deepEqual(harvest()[0].exemplars, []);
  });

  it('are not taken unless asked for', () => {
    const { send, harvest } = setUp();
    send(SHOP, {});
    assert.deepEqual(harvest()[0].exemplars, []);
  });
});

describe('bad input', () => {
  it('that is no UTF-8 comes out as UTF-8 in lists and maps too, of the resource as of the span', () => {
    const { offer, harvest } = setUp(withHistogram('dimension { name = "a" }'));
    const list = { arrayValue: { values: [{ stringValue: 'a~' }] } };
    const bytes = requestOf({ ...SHOP, list }, [{ attributes: { a: list } }]);
    for (let at = bytes.indexOf('~'); at >= 0; at = bytes.indexOf('~')) bytes[at] = 0xff;
    offer(bytes);
    // The reader of parcels refuses text that is no UTF-8.
    const [row] = harvest();
    assert.match(JSON.stringify(row.attributes['a']), /a\ufffd/);
    assert.match(JSON.stringify(row.resource.attributes['list']), /a\ufffd/);
  });

  it('that is no UTF-8 comes out as UTF-8', () => {
    const { offer, harvest } = setUp(withHistogram('dimension { name = "a" }'));
    const bytes = requestOf({ 'service.name': 'sh__p' }, [{ name: 'n__e', attributes: { a: 'v__e' } }]);
    for (const byte of [0xff, 0xfe]) {
      const broken = Buffer.from(bytes);
      for (let at = broken.indexOf('__'); at >= 0; at = broken.indexOf('__')) broken[at] = broken[at + 1] = byte;
      offer(broken);
    }
    const [first, ...others] = harvest();
    assert.deepEqual(
      first.attributes,
      base({ 'service.name': 'sh\ufffd\ufffdp', 'span.name': 'n\ufffd\ufffde', a: 'v\ufffd\ufffde' }),
    );
    assert.equal(first.values[0], 2, 'series are told apart by what is shown');
    assert.equal(others.length, 0);
  });

  it('with kinds and codes that nobody knows is counted', () => {
    const { offer, harvest } = setUp();
    const span = encodeMessage(messageType('Span'), { name: 'x' });
    const odd = Buffer.concat([
      span,
      // kind -1, kind 300, kind 9; status code 7
      Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x30, 0xac, 0x02, 0x30, 0x09]),
      Buffer.from([0x7a, 0x02, 0x18, 0x07, 0xf8, 0x07, 0x01]),
    ]);
    const resource = encodeMessage(messageType('Resource'), { attributes: pairs(SHOP) });
    const scope = Buffer.concat([Buffer.from([0x12, odd.length]), odd]);
    const entry = Buffer.concat([
      Buffer.from([0x0a, resource.length]),
      resource,
      Buffer.from([0x12, scope.length]),
      scope,
    ]);
    offer(Buffer.concat([Buffer.from([0x0a, entry.length]), entry, Buffer.from([0x10, 0x05])]));
    assert.deepEqual(calls(harvest()), [[base({ 'span.name': 'x', 'span.kind': 'SPAN_KIND_UNSPECIFIED' }), 1]]);
  });

  it('of ever new names is counted within bounds', () => {
    const { send, harvest, ctx } = setUp();
    for (let i = 0; i < 700; i++) send(SHOP, ...Array.from({ length: 100 }, (_, k) => ({ name: `n${i}.${k}` })));
    assert.equal(ctx.due.count, 1);
    const rows = harvest();
    assert.equal(rows.length, 65_537);
    assert.equal(
      rows.reduce((sum, r) => sum + r.values[0], 0),
      70_000,
    );
    assert.equal(ctx.meter.value('millrace_connector_overflowed_series_total'), 70_000 - 65_536);
    send(SHOP, { name: 'n0.0' });
    assert.equal(harvest().length, 1);
  });

  it('that is no traces is refused', () => {
    const { part } = setUp();
    const batch = { signal: LOGS, bytes: Buffer.alloc(0), items: 1, metadata: null, owned: true } as const;
    assert.equal(part.input!.consume(batch), Outcome.noConsumer);
  });
});

describe('part', () => {
  it('counts anew after a harvest', () => {
    const { send, harvest } = setUp(
      withHistogram('dimension { name = "a" }\nevents {\nenabled = true\ndimension { name = "e" }\n}'),
    );
    for (let i = 0; i < 3; i++) {
      send(SHOP, { name: `first ${i}` }, { events: [{}] }, { attributes: { a: '1' } });
      assert.deepEqual(
        harvest().map((r) => r.values[0]),
        [1, 1, 1, 1],
      );
    }
    assert.deepEqual(harvest(), []);
  });

  it('says when it counted', async () => {
    const { send, harvest, ctx } = setUp();
    const start = ctx.clock.now();
    send(SHOP, {});
    await ctx.clock.advance(5000);
    send(SHOP, {});
    const [row] = harvest();
    assert.deepEqual([row.firstMs, row.lastMs, row.resource.lastMs], [start, start + 5000, start + 5000]);
  });

  it('takes nothing after it has stopped, and still hands over what it has', async () => {
    const { send, harvest, part, ctx } = setUp();
    send(SHOP, {});
    await part.stop(1000);
    assert.equal(send(SHOP, {}), Outcome.stopping);
    assert.deepEqual(
      harvest().map((r) => r.values[0]),
      [1],
    );
    await part.stop(1000, true);
    assert.equal(ctx.clock.pending, 0);
    assert.equal(ctx.next.metrics.offered.length, 0);
  });

  it('keeps its counts when other arguments mean the same, and counts what it gives up when they do not', async () => {
    const { send, harvest, part, ctx } = setUp();
    send(SHOP, {}, {});
    await part.update(argsOf(schema, withHistogram('debug_metrics { }')));
    send(SHOP, {});
    assert.deepEqual(
      harvest().map((r) => r.values[0]),
      [3],
    );
    send(SHOP, {});
    await part.update(argsOf(schema, withHistogram('dimension { name = "a" }')));
    assert.equal(ctx.meter.value('millrace_connector_lost_observations_total'), 2);
    send(SHOP, { attributes: { a: 'x' } });
    assert.deepEqual(
      harvest().map((r) => [r.attributes['a'], r.values[0]]),
      [['x', 1]],
    );
  });

  it('gives all workers the same instance id, and each component its own', () => {
    const ids = ['a', 'a', 'b'].map(() => {
      const { send, harvest } = setUp(withHistogram('include_collector_instance_id = true'));
      send(SHOP, {});
      return harvest()[0].attributes['collector.instance.id'];
    });
    assert.equal(new Set(ids).size, 1);
    assert.match(String(ids[0]), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
