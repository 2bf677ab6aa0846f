import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { args as schema } from '#components/otelcol/connector/spanlogs/schema.ts';
import { create, PIECE_BYTES } from '#components/otelcol/connector/spanlogs/worker.ts';
import type { Batch } from '#components/kit/batch.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { settle } from '#test/support/fake-clock.ts';
import { decodeRequest, encodeRequest } from '#test/support/otlp-proto.ts';
import { later } from '#test/support/recording-consumer.ts';
import { workerContext } from '#test/support/worker-context.ts';

const TID = Buffer.from('7bba9f33312b3dbb8b2c2c62bb7abe2d', 'hex');
const TID2 = Buffer.from('00000000000000000000000000000001', 'hex');
const PARENT = Buffer.from('146e83747d0e381e', 'hex');

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const whole = (key: string, value: number | string) => ({ key, value: { intValue: value } });
const SPAN = {
  traceId: TID,
  spanId: PARENT,
  name: 'TestSpan',
  attributes: [
    whole('attribute1', 78),
    whole('unused', 78),
    { key: 'redact_trace', value: { boolValue: true } },
    whole('account_id', 2245),
  ],
  events: [
    { name: 'log', attributes: [text('log.severity', 'INFO'), text('log.message', 'Test log message')] },
    { name: 'test_event', attributes: [text('cause', 'call'), text('ignore', 'ignore')] },
  ],
};
const RESOURCE = { attributes: [text('service.name', 'TestSvcName'), whole('res_attribute1', 78)] };

function setUp(config: string) {
  const ctx = workerContext('otelcol.connector.spanlogs.default');
  const part = create(argsOf(schema, `${config}\noutput { }`), ctx);
  void part.start();
  const consume = (batch: Batch) => part.input!.consume(batch);
  return { ctx, part, next: ctx.next.logs, consume };
}

function batchOf(resourceSpans: readonly unknown[], owned = true): Batch {
  return { signal: TRACES, bytes: encodeRequest(TRACES, { resourceSpans }), items: 1, metadata: null, owned };
}
const oneScope = (spans: readonly unknown[], resource: unknown = RESOURCE): Batch =>
  batchOf([{ resource, scopeSpans: [{ scope: { name: 'lib' }, spans }] }]);

interface Line {
  readonly body: string;
  readonly attributes: readonly (readonly [string, unknown])[];
}

function linesOf(batch: Pick<Batch, 'bytes'>): Line[] {
  const { resourceLogs } = decodeRequest(LOGS, batch.bytes) as unknown as {
    resourceLogs: {
      scopeLogs?: { logRecords?: { body: { stringValue: string }; attributes: { key: string; value: object }[] }[] }[];
    }[];
  };
  return resourceLogs.flatMap((r) =>
    (r.scopeLogs ?? []).flatMap((s) =>
      (s.logRecords ?? []).map(({ body, attributes, ...rest }) => {
        assert.deepEqual(rest, {});
        return {
          body: body.stringValue,
          attributes: attributes.map(({ key, value }) => [key, Object.values(value)[0]] as const),
        };
      }),
    ),
  );
}

function logged(config: string, batch: Batch): Line[] {
  const { next, consume } = setUp(config);
  assert.equal(consume(batch), Outcome.accepted);
  for (const taken of next.taken) assert.equal(taken.items, linesOf(taken).length);
  return next.taken.flatMap(linesOf);
}
const bodies = (config: string, batch: Batch): string[] => logged(config, batch).map((line) => line.body);
const kinds = (config: string, batch: Batch): unknown[] => logged(config, batch).map((line) => line.attributes[0][1]);

describe("Alloy's own examples", () => {
  it('spans, processes and roots', () => {
    const config = `
      spans = true
      roots = true
      processes = true
      labels = ["attribute1", "res_attribute1"]
      span_attributes = ["attribute1"]
      process_attributes = ["res_attribute1"]`;
    const body = `span=TestSpan dur=0ns attribute1=78 svc=TestSvcName res_attribute1=78 tid=${TID.toString('hex')}`;
    assert.deepEqual(logged(config, oneScope([SPAN])), [
      {
        body: `svc=TestSvcName res_attribute1=78 tid=${TID.toString('hex')}`,
        attributes: [
          ['traces', 'process'],
          ['res_attribute1', '78'],
        ],
      },
      {
        body,
        attributes: [
          ['traces', 'span'],
          ['attribute1', '78'],
          ['res_attribute1', '78'],
        ],
      },
      {
        body,
        attributes: [
          ['traces', 'root'],
          ['attribute1', '78'],
          ['res_attribute1', '78'],
        ],
      },
    ]);
  });

  it('other names for keys', () => {
    const config = `
      spans = true
      overrides {
        logs_instance_tag = "override_traces"
        service_key = "override_svc"
        span_name_key = "override_span"
        status_key = "override_status"
        duration_key = "override_dur"
        trace_id_key = "override_tid"
      }`;
    assert.deepEqual(logged(config, oneScope([{ ...SPAN, status: { code: 1 } }])), [
      {
        body: `override_span=TestSpan override_dur=0ns override_status=Ok override_svc=TestSvcName override_tid=${TID.toString('hex')}`,
        attributes: [['override_traces', 'span']],
      },
    ]);
  });

  it('a label that is no key of the line has no effect', () => {
    assert.deepEqual(logged('spans = true\nlabels = ["attribute1"]', oneScope([SPAN]))[0].attributes, [
      ['traces', 'span'],
    ]);
  });
});

describe('a line', () => {
  const tail = `svc=TestSvcName tid=${TID.toString('hex')}`;
  const one = (span: object, config = 'spans = true', resource: object = RESOURCE): string =>
    bodies(config, oneScope([{ ...SPAN, events: [], ...span }], resource))[0];

  it('has the status unless it is unset', () => {
    assert.equal(one({ status: { code: 2, message: 'no' } }), `span=TestSpan dur=0ns status=Error ${tail}`);
    assert.equal(one({ status: { code: 0 } }), `span=TestSpan dur=0ns ${tail}`);
    assert.equal(one({ status: { code: 7 } }), `span=TestSpan dur=0ns status= ${tail}`);
  });

  it('has the duration in whole nanoseconds, also negative, zero and beyond 2^53', () => {
    const times = (from: string, to: string) => ({ startTimeUnixNano: from, endTimeUnixNano: to });
    assert.equal(one(times('1700000000000000001', '1700000000123456789')), `span=TestSpan dur=123456788ns ${tail}`);
    assert.equal(one(times('1700000000123456789', '1700000000000000001')), `span=TestSpan dur=-123456788ns ${tail}`);
    assert.equal(one(times('1700000004294967296', '1700000004294967297')), `span=TestSpan dur=1ns ${tail}`);
    assert.equal(one(times('0', '1700000000123456789')), `span=TestSpan dur=1700000000123456789ns ${tail}`);
    assert.equal(one(times('0', '18446744073709551615')), `span=TestSpan dur=-1ns ${tail}`);
    assert.equal(one({ startTimeUnixNano: '5' }), `span=TestSpan dur=-5ns ${tail}`);
  });

  it('has the service name as text, empty when it is missing or something else', () => {
    const id = `tid=${TID.toString('hex')}`;
    assert.equal(one({}, 'spans = true', {}), `span=TestSpan dur=0ns svc= ${id}`);
    assert.equal(
      one({}, 'spans = true', { attributes: [whole('service.name', 7)] }),
      `span=TestSpan dur=0ns svc= ${id}`,
    );
    const twice = { attributes: [text('service.name', 'a'), text('service.name', 'b')] };
    assert.equal(one({}, 'spans = true', twice), `span=TestSpan dur=0ns svc=a ${id}`);
  });

  it('has no trace id when it is all zeros', () =>
    assert.equal(one({ traceId: Buffer.alloc(16) }), 'span=TestSpan dur=0ns svc=TestSvcName tid='));

  it('prints values of every type', () => {
    const attributes = [
      { key: 's', value: { stringValue: 'a "b"' } },
      { key: 'e', value: { stringValue: '' } },
      { key: 'b', value: { boolValue: false } },
      whole('i', '-9223372036854775808'),
      whole('j', -5),
      whole('k', '9007199254740993'),
      { key: 'd', value: { doubleValue: 1e6 } },
      { key: 'n', value: { doubleValue: NaN } },
      { key: 'x', value: { bytesValue: Buffer.from('raw bytes') } },
      { key: 'm', value: { kvlistValue: { values: [] } } },
      { key: 'a', value: { arrayValue: { values: [] } } },
      { key: 'z', value: {} },
      { key: 'y' },
      { key: 'w', value: { stringValue: 'null' } },
    ];
    const names = attributes.map(({ key }) => `"${key}"`).join();
    assert.equal(
      one({ attributes }, `spans = true\nspan_attributes = [${names}]`),
      'span=TestSpan dur=0ns s="a \\"b\\"" e= b=false i=-9223372036854775808 j=-5 k=9007199254740993 d=1e+06 n=NaN ' +
        `x="raw bytes" m="unsupported value type" a="unsupported value type" z=null y=null w="null" ${tail}`,
    );
  });

  it('has configured attributes in configured order, of equal keys the first', () => {
    const attributes = [whole('a', 1), whole('b', 2), whole('a', 3)];
    assert.equal(
      one({ attributes }, 'spans = true\nspan_attributes = ["b", "missing", "a"]'),
      `span=TestSpan dur=0ns b=2 a=1 ${tail}`,
    );
  });

  it('overwrites equal keys in their place', () => {
    const attributes = [text('dur', 'mine'), text('shared', 'span'), text('svc', 'from span')];
    const resource = { attributes: [...RESOURCE.attributes, text('shared', 'process'), text('tid', 'no id')] };
    assert.equal(
      one(
        { attributes },
        'spans = true\nspan_attributes = ["dur", "shared", "svc"]\nprocess_attributes = ["shared", "tid"]',
        resource,
      ),
      `span=TestSpan dur=mine shared=process svc=TestSvcName tid=${TID.toString('hex')}`,
    );
    assert.equal(
      one({ attributes }, 'spans = true\nprocess_attributes = ["shared"]', resource),
      `span=TestSpan dur=0ns svc=TestSvcName shared=process tid=${TID.toString('hex')}`,
    );
  });

  it('lets keys of the line be labels, with their types', () => {
    const config = 'spans = true\nspan_attributes = ["account_id"]\nlabels = ["tid", "svc", "dur", "account_id"]';
    assert.deepEqual(logged(config, oneScope([SPAN]))[0].attributes, [
      ['traces', 'span'],
      ['dur', '0ns'],
      ['account_id', '2245'],
      ['svc', 'TestSvcName'],
      ['tid', TID.toString('hex')],
    ]);
  });

  it('overwrites the tag with a label of its name', () => {
    const config =
      'spans = true\nspan_attributes = ["account_id"]\nlabels = ["account_id"]\noverrides {\nlogs_instance_tag = "account_id"\n}';
    assert.deepEqual(logged(config, oneScope([SPAN]))[0].attributes, [['account_id', '2245']]);
  });

  it('leaves out and counts pairs whose key has nothing that can stand in a line', () => {
    const { ctx, next, consume } = setUp(
      'spans = true\nspan_attributes = [" "]\nlabels = [" "]\noverrides {\nservice_key = "="\n}',
    );
    assert.equal(consume(oneScope([{ ...SPAN, attributes: [text(' ', 'x')] }])), Outcome.accepted);
    const [line] = linesOf(next.taken[0]);
    assert.equal(line.body, `span=TestSpan dur=0ns tid=${TID.toString('hex')}`);
    assert.deepEqual(line.attributes, [
      ['traces', 'span'],
      [' ', 'x'],
    ]);
    assert.equal(ctx.meter.value('millrace_connector_spanlogs_dropped_pairs_total'), 2);
  });
});

describe('which lines', () => {
  const child = { ...SPAN, parentSpanId: PARENT, events: [] };
  const root = { ...SPAN, events: [] };

  it('roots are spans whose parent is missing or all zeros', () => {
    const spans = [
      { ...root, name: 'a' },
      { ...child, name: 'b' },
      { ...root, parentSpanId: Buffer.alloc(8), name: 'c' },
    ];
    assert.deepEqual(
      bodies('roots = true', oneScope(spans)).map((body) => body.slice(0, 6)),
      ['span=a', 'span=c'],
    );
  });

  it('a scope is read to its end when nothing applies to one of its spans', () => {
    assert.deepEqual(kinds('roots = true', oneScope([child, root])), ['root']);
    const other = { ...child, traceId: TID2 };
    assert.deepEqual(kinds('processes = true', oneScope([child, child, other])), ['process', 'process']);
  });

  it('processes are logged when the trace differs from the one before, in each scope anew', () => {
    const other = { ...child, traceId: TID2 };
    const scopeSpans = [{ spans: [child, child, other, child] }, { spans: [child] }];
    assert.equal(bodies('processes = true', batchOf([{ resource: RESOURCE, scopeSpans }])).length, 4);
  });

  it('a process without a trace id is not logged', () =>
    assert.deepEqual(kinds('processes = true', oneScope([{ ...child, traceId: Buffer.alloc(0) }, child])), [
      'process',
    ]));

  it('a span gives process, span, root, events', () => {
    const config = 'events = true\nspans = true\nroots = true\nprocesses = true';
    assert.deepEqual(kinds(config, oneScope([SPAN])), ['process', 'span', 'root', 'event', 'event']);
  });

  it('events have the line of their span and their own attributes', () => {
    const config =
      'events = true\nspan_attributes = ["attribute1"]\nevent_attributes = ["attribute1", "log.message", "cause"]';
    const span = { ...SPAN, events: [...SPAN.events, { name: 'x', attributes: [text('attribute1', 'of the event')] }] };
    const tail = `svc=TestSvcName tid=${TID.toString('hex')}`;
    assert.deepEqual(bodies(config, oneScope([span])), [
      `span=TestSpan dur=0ns attribute1=78 ${tail} log.message="Test log message"`,
      `span=TestSpan dur=0ns attribute1=78 ${tail} cause=call`,
      `span=TestSpan dur=0ns attribute1="of the event" ${tail}`,
    ]);
  });

  it('each resource and scope has its counterpart, without attributes and names', () => {
    const { next, consume } = setUp('roots = true');
    void consume(
      batchOf([
        {
          resource: RESOURCE,
          scopeSpans: [
            { scope: { name: 'a' }, spans: [child] },
            { scope: { name: 'b' }, spans: [root] },
          ],
        },
        { resource: RESOURCE, scopeSpans: [] },
      ]),
    );
    const { resourceLogs } = decodeRequest(LOGS, next.taken[0].bytes) as unknown as {
      resourceLogs: { resource?: object; scopeLogs?: { scope?: object; logRecords?: unknown[] }[] }[];
    };
    assert.deepEqual(
      resourceLogs.map((r) => (r.scopeLogs ?? []).map((s) => (s.logRecords ?? []).length)),
      [[0, 1], []],
    );
    assert.ok(resourceLogs.every((r) => r.resource === undefined));
  });

  it('a resource may stand behind its spans', () => {
    const [behind, before] = [true, false].map((late) => {
      const spans = encodeRequest(TRACES, { resourceSpans: [{ scopeSpans: [{ spans: [root] }] }] });
      const resource = encodeRequest(TRACES, { resourceSpans: [{ resource: RESOURCE }] });
      const content = (bytes: Buffer): Buffer => bytes.subarray(bytes[1] < 0x80 ? 2 : 3);
      const parts = [content(resource), content(spans)];
      const entry = Buffer.concat(late ? parts.reverse() : parts);
      const bytes = Buffer.concat([Buffer.from([0x0a, (entry.length & 0x7f) | 0x80, entry.length >> 7]), entry]);
      return bodies('spans = true', { signal: TRACES, bytes, items: 1, metadata: null, owned: true });
    });
    assert.match(behind[0], /svc=TestSvcName/);
    assert.deepEqual(behind, before);
  });
});

describe('what becomes of the lines', () => {
  it('nothing is sent when nothing is logged', () => {
    const { next, consume } = setUp('roots = true');
    assert.equal(consume(oneScope([{ ...SPAN, parentSpanId: PARENT }])), Outcome.accepted);
    assert.equal(next.offered.length, 0);
  });

  it('the answer of the next component is the answer', async () => {
    const { ctx, next, consume } = setUp('spans = true');
    for (const outcome of [Outcome.queueFull, Outcome.downstreamRejected]) {
      next.answer = () => outcome;
      assert.equal(consume(oneScope([SPAN])), outcome);
    }
    const answer = later();
    next.answer = () => answer.promise;
    const outcome = consume(oneScope([SPAN]));
    answer.resolve(Outcome.accepted);
    assert.equal(await outcome, Outcome.accepted);
    assert.equal(ctx.meter.value('millrace_connector_spanlogs_lines_total'), 1);
  });

  it('metrics and logs are refused for good', () => {
    const { consume, next } = setUp('spans = true');
    for (const signal of [METRICS, LOGS]) assert.equal(consume({ ...oneScope([SPAN]), signal }), Outcome.noConsumer);
    assert.equal(next.offered.length, 0);
  });

  it('after stop it takes nothing', async () => {
    const { part, ctx, consume } = setUp('spans = true');
    await part.stop(1000);
    assert.equal(consume(oneScope([SPAN])), Outcome.stopping);
    assert.equal(ctx.clock.pending, 0);
  });

  it('other arguments apply to the next batch', () => {
    const { part, next, consume } = setUp('spans = true');
    void part.update(argsOf(schema, 'roots = true\noutput { }'));
    void consume(oneScope([SPAN]));
    assert.deepEqual(
      linesOf(next.taken[0]).map((line) => line.attributes[0][1]),
      ['root'],
    );
  });
});

describe('a result that is large', () => {
  const events = Array.from({ length: 40 }, (_, i) => ({ name: 'e', attributes: [whole('n', i)] }));
  const big = { ...SPAN, attributes: [text('blob', 'x'.repeat(400_000))], events };
  const config = 'events = true\nspan_attributes = ["blob"]\nevent_attributes = ["n"]\nlabels = ["n"]';
  const borrowed = (): Batch => ({ ...oneScope([big, SPAN]), owned: false });
  const numbers = (batches: readonly Batch[]): unknown[] =>
    batches
      .flatMap(linesOf)
      .flatMap((line) => line.attributes.filter(([key]) => key === 'n').map(([, value]) => value));
  const wanted = events.map((_, i) => String(i));

  it('goes in pieces, whole and in order, although the batch was borrowed', async () => {
    const { next, consume } = setUp(config);
    const batch = borrowed();
    const outcome = consume(batch);
    batch.bytes.fill(0xff);
    assert.equal(await outcome, Outcome.accepted);
    assert.ok(next.taken.length > 3);
    for (const piece of next.taken) assert.ok(piece.bytes.length < PIECE_BYTES + 500_000);
    assert.deepEqual(numbers(next.taken), wanted);
    assert.equal(next.taken.flatMap(linesOf).length, 42);
  });

  it('is refused as a whole when its first piece is', async () => {
    const { next, consume } = setUp(config);
    next.answer = () => Outcome.queueFull;
    assert.equal(await consume(borrowed()), Outcome.queueFull);
    assert.equal(next.offered.length, 1);
  });

  it('insists on the other pieces, holds one at a time, and takes nothing else meanwhile', async () => {
    const { ctx, next, consume } = setUp(config);
    next.answer = () => (next.offered.length === 3 ? Outcome.queueFull : Outcome.accepted);
    let answer: Outcome | null = null;
    void Promise.resolve(consume(borrowed())).then((outcome) => (answer = outcome));
    await settle();
    assert.equal(next.offered.length, 3);
    assert.ok(isRefused(consume(oneScope([SPAN])) as Outcome));
    assert.equal(answer, null);
    await ctx.clock.advance(1000);
    assert.equal(answer, Outcome.accepted);
    assert.deepEqual(numbers(next.taken), wanted);
    assert.equal(consume(oneScope([SPAN])), Outcome.accepted);
  });

  it('drops and counts what cannot be delivered: rejected pieces, and the rest at the end of a stop', async () => {
    const { ctx, part, next, consume } = setUp(config);
    next.answer = () =>
      [Outcome.accepted, Outcome.downstreamRejected, Outcome.queueFull][Math.min(2, next.offered.length - 1)];
    const outcome = consume(borrowed());
    await settle();
    const stopped = part.stop(1000);
    await ctx.clock.advance(1000);
    await stopped;
    assert.equal(await outcome, Outcome.accepted);
    const dropped = (reason: string): number => ctx.meter.value('millrace_component_dropped_items_total', { reason });
    assert.equal(dropped('rejected'), next.offered[1].items);
    assert.equal(next.taken[0].items + dropped('rejected') + dropped('shutdown'), 42);
    assert.equal(ctx.clock.pending, 0);
  });

  it('a stop does not wait longer than its deadline for an answer, and sends nothing afterwards', async () => {
    const { ctx, part, next, consume } = setUp(config);
    const answer = later();
    next.answer = () => (next.offered.length === 2 ? answer.promise : Outcome.accepted);
    const outcome = consume(borrowed());
    await settle();
    const stopped = part.stop(1000);
    await ctx.clock.advance(1000);
    await stopped;
    answer.resolve(Outcome.accepted);
    assert.equal(await outcome, Outcome.accepted);
    assert.equal(next.offered.length, 2);
    const lost = ctx.meter.value('millrace_component_dropped_items_total', { reason: 'shutdown' });
    assert.equal(next.sizes.reduce((a, b) => a + b) + lost, 42);
    assert.equal(ctx.clock.pending, 0);
  });
});
