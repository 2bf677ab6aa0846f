/** The transform processor in a worker: groups, contexts, conditions, the cache, error modes, and what others see of its edits. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keep, type Batch } from '#components/kit/batch.ts';
import { fanOut } from '#components/kit/fan-out.ts';
import { args as schema } from '#components/otelcol/processor/transform/schema.ts';
import { create } from '#components/otelcol/processor/transform/worker.ts';
import { countItems } from '#codec/otlp/count.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { attributesOf } from '#test/support/ottl-edit.ts';
import { decodeRequest, type Plain, type PlainMessage } from '#test/support/otlp-proto.ts';
import { requestOf, text } from '#test/support/ottl.ts';
import { RecordingConsumer, later } from '#test/support/recording-consumer.ts';
import { TOO_WIDE, wideRequest } from '#test/support/wide-request.ts';
import { workerContext } from '#test/support/worker-context.ts';

type Fields = Readonly<Record<string, unknown>>;

function batchOf(signal: Signal, items: readonly Fields[], more: Partial<Batch> = {}): Batch {
  const bytes = requestOf(signal, items);
  return { signal, bytes, items: countItems(signal, bytes), metadata: null, owned: true, ...more };
}

function setUp(config: string) {
  const ctx = workerContext('otelcol.processor.transform.default');
  const part = create(argsOf(schema, `${config}\noutput { }`), ctx);
  void part.start();
  const consume = (batch: Batch) => part.input!.consume(batch);
  return { ctx, part, consume };
}

const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;

function read({ signal, bytes }: Pick<Batch, 'signal' | 'bytes'>): {
  readonly entry: PlainMessage;
  readonly scope: PlainMessage;
  readonly items: PlainMessage[];
} {
  const [entries, scopes, items] = FIELDS[signal];
  const [entry] = decodeRequest(signal, bytes)[entries] as PlainMessage[];
  const [scope] = entry[scopes] as PlainMessage[];
  return { entry, scope, items: scope[items] as PlainMessage[] };
}

const group = (signal: string, context: string, statements: readonly string[], more = ''): string =>
  `${signal}_statements {\ncontext = "${context}"\nstatements = [${statements.map((s) => `\`${s}\``).join(', ')}]\n${more}\n}\n`;

/** What comes out of one batch. */
function through(config: string, signal: Signal, items: readonly Fields[]) {
  const { ctx, consume } = setUp(config);
  const outcome = consume(batchOf(signal, items));
  const [taken] = ctx.next[SIGNAL_NAMES[signal]].taken;
  return { ctx, outcome, out: taken === undefined ? null : read(taken) };
}

const SPAN = { name: 'GET /users/1', kind: 2, attributes: [text('a', '1')], events: [{ name: 'e' }, { name: 'f' }] };

describe('groups', () => {
  test('each context of traces, the next group sees what the one before made', () => {
    const { out } = through(
      group('trace', 'resource', ['set(attributes["r"], 1)']) +
        group('trace', 'scope', ['set(name, "lib")', 'set(attributes["r"], resource.attributes["r"])']) +
        group('trace', 'span', ['set(name, Concat([scope.name, name], " "))']) +
        group('trace', 'spanevent', ['set(attributes["i"], event_index)', 'set(name, span.name) where name == "f"']),
      TRACES,
      [SPAN],
    );
    assert.equal(attributesOf(out!.entry['resource'])['r'], 1n);
    assert.deepEqual(
      [(out!.scope['scope'] as PlainMessage)['name'], attributesOf(out!.scope['scope'])['r']],
      ['lib', 1n],
    );
    assert.equal(out!.items[0]['name'], 'lib GET /users/1');
    const events = out!.items[0]['events'] as PlainMessage[];
    assert.deepEqual(
      events.map((event) => [event['name'], attributesOf(event)['i']]),
      [
        ['e', 0n],
        ['lib GET /users/1', 1n],
      ],
    );
  });

  test('metrics, points and logs', () => {
    const metric = { name: 'm', sum: { dataPoints: [{ asInt: 1, attributes: [text('a', 'x')] }, { asInt: 2 }] } };
    const { out } = through(
      group('metric', 'metric', ['set(unit, "s")', 'convert_sum_to_gauge()']) +
        group('metric', 'datapoint', [
          'set(attributes["unit"], metric.unit)',
          'set(value_double, 7.5) where value_int == 2',
        ]),
      METRICS,
      [metric],
    );
    const points = (out!.items[0]['gauge'] as PlainMessage)['dataPoints'] as PlainMessage[];
    assert.deepEqual(
      points.map((p) => [attributesOf(p)['unit'], p['asInt'] ?? p['asDouble']]),
      [
        ['s', '1'],
        ['s', 7.5],
      ],
    );
    const logs = through(group('log', 'log', ['set(body, ParseCLF(body)["clf.status"])']), LOGS, [
      { body: { stringValue: 'h - - [d] "GET / HTTP/1" 404 -' } },
    ]);
    assert.deepEqual(logs.out!.items[0]['body'], { intValue: '404' });
  });

  test('any of the conditions', () => {
    const { out } = through(
      group('trace', 'span', ['set(attributes["hit"], true)'], 'conditions = [`name == "a"`, `name == "b"`]'),
      TRACES,
      ['a', 'b', 'c'].map((name) => ({ name })),
    );
    assert.deepEqual(
      out!.items.map((span) => attributesOf(span)['hit']),
      [true, true, undefined],
    );
  });

  test('the cache is of one item and one group', () => {
    const { out } = through(
      group('trace', 'span', [
        'set(attributes["seen"], cache["x"])',
        'set(cache["x"], name)',
        'set(attributes["now"], cache["x"])',
      ]) + group('trace', 'span', ['set(attributes["later"], cache["x"])']),
      TRACES,
      [{ name: 'a' }, { name: 'b' }],
    );
    assert.deepEqual(
      out!.items.map((span) => attributesOf(span)),
      [{ now: 'a' }, { now: 'b' }],
    );
  });

  test('other signals pass as they are', () => {
    const { ctx, consume } = setUp(group('trace', 'span', ['set(name, "x")']));
    const batch = batchOf(LOGS, [{}]);
    assert.equal(consume(batch), Outcome.accepted);
    assert.equal(ctx.next.logs.taken[0], batch);
  });
});

describe('statements without a group', () => {
  test('contexts are found out, in order; neighbours of one context share the cache', () => {
    const { out } = through(
      'statements {\n trace = [`set(span.cache["x"], span.name)`, `set(span.attributes["x"], span.cache["x"])`, `set(resource.attributes["n"], 1)`, `set(span.attributes["y"], span.cache["x"])`, `set(spanevent.attributes["n"], span.name)`, `set_semconv_span_name("1.40.0")`]\n}',
      TRACES,
      [SPAN],
    );
    const [span] = out!.items;
    assert.deepEqual(attributesOf(span), { a: '1', x: 'GET /users/1' });
    assert.deepEqual(
      (span['events'] as PlainMessage[]).map((event) => attributesOf(event)['n']),
      ['GET /users/1', 'GET /users/1'],
    );
    assert.equal(attributesOf(out!.entry['resource'])['n'], 1n);
  });

  test('functions choose the context where paths do not', () => {
    const point = { count: 2, attributes: [text('a', 'x')] };
    const { out } = through(
      'statements {\n metric = [`convert_sum_to_gauge()`, `extract_count_metric(true)`, `convert_summary_count_val_to_sum("delta", true, ".n")`]\n}',
      METRICS,
      [
        { name: 'n', sum: { dataPoints: [{ asInt: 1 }] } },
        { name: 's', summary: { dataPoints: [point] } },
      ],
    );
    assert.deepEqual(
      out!.items.map((metric) => [metric['name'], Object.keys(metric)[1]]),
      [
        ['n', 'gauge'],
        ['s', 'summary'],
        ['s_count', 'unit'],
        ['s.n', 'sum'],
      ],
    );
  });
});

describe('error modes', () => {
  const failing = [
    'set(attributes["one"], 1)',
    'set(attributes["two"], Int(name)) where Substring(name, 5, 1) == ""',
    'set(attributes["three"], 3)',
  ];
  for (const [mode, logged] of [
    ['ignore', 1],
    ['silent', 0],
  ] as const)
    test(`${mode}: the rest goes on`, () => {
      const { ctx, outcome, out } = through(`error_mode = "${mode}"\n${group('trace', 'span', failing)}`, TRACES, [
        { name: 'abc' },
      ]);
      assert.equal(outcome, Outcome.accepted);
      assert.deepEqual(attributesOf(out!.items[0]), { one: 1n, three: 3n });
      assert.equal(ctx.meter.value('millrace_component_expression_errors_total'), 1);
      assert.equal(ctx.log.lines.length, logged);
    });

  test('propagate: the batch is rejected, and the next one is not', () => {
    const { ctx, consume } = setUp(`error_mode = "propagate"\n${group('trace', 'span', failing)}`);
    assert.equal(consume(batchOf(TRACES, [{ name: 'abcdefgh' }, { name: 'abc' }])), Outcome.expression);
    assert.equal(ctx.next.traces.offered.length, 0);
    assert.equal(ctx.meter.value('millrace_component_expression_errors_total'), 1);
    assert.equal(ctx.log.lines[0].level, 'error');
    assert.equal(consume(batchOf(TRACES, [{ name: 'abcdefgh' }])), Outcome.accepted);
    assert.deepEqual(attributesOf(read(ctx.next.traces.taken[0]).items[0]), { one: 1n, three: 3n });
  });

  test('of a group, and of conditions', () => {
    const { out, ctx } = through(
      `error_mode = "propagate"\n${group('trace', 'span', failing, 'error_mode = "silent"\nconditions = [`Substring(name, 5, 1) == "x"`, `true`]')}`,
      TRACES,
      [{ name: 'abc' }],
    );
    assert.deepEqual(attributesOf(out!.items[0]), { one: 1n, three: 3n });
    assert.equal(ctx.meter.value('millrace_component_expression_errors_total'), 2);
  });

  test('edits without measure reject the batch, whatever the mode', () => {
    const { ctx, consume } = setUp(group('trace', 'span', ['set(attributes["x"], resource.attributes["big"])']));
    const bytes = requestOf(TRACES, Array<Fields>(300).fill({ name: 'a' }), {
      attributes: [text('big', 'x'.repeat(1 << 20))],
    });
    const batch = { signal: TRACES, bytes, items: 300, metadata: null, owned: true } as const;
    assert.equal(consume(batch), Outcome.expression);
    assert.equal(ctx.meter.value('millrace_component_expression_errors_total'), 1);
  });

  test('a span of more than a million fields rejects its batch, and the next one is edited', () => {
    const { ctx, consume } = setUp(group('trace', 'span', ['set(name, "x")']));
    const bytes = wideRequest(TOO_WIDE);
    assert.equal(consume({ signal: TRACES, bytes, items: 1, metadata: null, owned: true }), Outcome.malformed);
    assert.match(JSON.stringify(ctx.log.lines[0]), /rejected.*more than 1048576 fields in one message/);
    assert.equal(consume(batchOf(TRACES, [{ name: 'a' }])), Outcome.accepted);
  });
});

describe('what others see', () => {
  test('an edited branch of a fan-out leaves the other one alone', () => {
    const { ctx, part } = setUp(
      group('trace', 'span', [
        'set(name, "edited")',
        'delete_key(attributes, "a")',
        'set(resource.attributes["x"], 1)',
      ]),
    );
    const plain = new RecordingConsumer();
    const batch = batchOf(TRACES, [SPAN, SPAN]);
    const before = Buffer.from(batch.bytes);
    for (const order of [
      [part.input!, plain],
      [plain, part.input!],
    ])
      assert.equal(fanOut(order as never).consume(batch), Outcome.accepted);
    assert.deepEqual(batch.bytes, before);
    for (const taken of plain.taken) assert.deepEqual(taken.bytes, before);
    for (const taken of ctx.next.traces.taken)
      assert.deepEqual(
        read(taken).items.map((span) => span['name']),
        ['edited', 'edited'],
      );
  });

  test('two transforms of one batch do not meet', () => {
    const one = setUp(group('trace', 'span', ['set(name, Concat([name, "1"], ""))']));
    const two = setUp(group('trace', 'span', ['set(name, Concat([name, "2"], ""))']));
    const out = fanOut([one.part.input!, two.part.input!] as never);
    for (let i = 0; i < 3; i++) assert.equal(out.consume(batchOf(TRACES, [{ name: `n${i}` }])), Outcome.accepted);
    const names = ({ ctx }: typeof one): Plain[] => ctx.next.traces.taken.map((batch) => read(batch).items[0]['name']);
    assert.deepEqual(
      [names(one), names(two)],
      [
        ['n01', 'n11', 'n21'],
        ['n02', 'n12', 'n22'],
      ],
    );
  });

  test('a refused batch that comes again is not edited twice', () => {
    const { ctx, consume } = setUp(group('trace', 'span', ['set(name, Concat([name, "!"], ""))']));
    const offered: Batch[] = [];
    ctx.next.traces.answer = (batch) => {
      offered.push(batch);
      return offered.length < 3 ? Outcome.queueFull : Outcome.accepted;
    };
    const batch = batchOf(TRACES, [{ name: 'a' }]);
    assert.deepEqual([consume(batch), consume(batch)], [Outcome.queueFull, Outcome.queueFull]);
    // Others in between use the memory again.
    const other = batchOf(TRACES, [{ name: 'other' }]);
    void consume(other);
    void consume(other);
    assert.equal(consume(batch), Outcome.accepted);
    const names = ctx.next.traces.offered.map((each) => read(each).items[0]['name']);
    assert.deepEqual(names, ['a!', 'a!', 'other!', 'other!', 'a!']);
    assert.equal(new Set([offered[0], offered[1], offered[4]]).size, 1);
  });

  test('an answer that comes later keeps the bytes', async () => {
    const { ctx, consume } = setUp(group('trace', 'span', ['set(name, Concat([name, "!"], ""))']));
    const answer = later();
    let held: Batch | null = null;
    ctx.next.traces.answer = (batch) => {
      held ??= batch;
      return answer.promise;
    };
    const outcome = consume(keep(batchOf(TRACES, [{ name: 'a' }])));
    for (let i = 0; i < 4; i++) void consume(batchOf(TRACES, [{ name: `longer name ${i}` }]));
    assert.equal(read(held!).items[0]['name'], 'a!');
    answer.resolve(Outcome.accepted);
    assert.equal(await outcome, Outcome.accepted);
    assert.equal(ctx.meter.value('otelcol_processor_outgoing_items_total', { otel_signal: 'traces' }), 5);
  });

  test('a batch in which nothing changes is handed on itself', () => {
    const { ctx, consume } = setUp(
      group('trace', 'span', ['set(name, "x") where name == "none"', 'delete_key(attributes, "none")']),
    );
    const batch = batchOf(TRACES, [SPAN]);
    void consume(batch);
    assert.equal(ctx.next.traces.taken[0], batch);
  });

  test('an update changes the statements', () => {
    const { ctx, part, consume } = setUp(group('trace', 'span', ['set(name, "one")']));
    void consume(batchOf(TRACES, [{ name: 'a' }]));
    void part.update(argsOf(schema, `${group('trace', 'span', ['set(name, "two")'])}\noutput { }`));
    void consume(batchOf(TRACES, [{ name: 'a' }]));
    assert.deepEqual(
      ctx.next.traces.taken.map((batch) => read(batch).items[0]['name']),
      ['one', 'two'],
    );
  });

  test('added metrics are counted', () => {
    const { ctx, consume } = setUp(group('metric', 'metric', ['copy_metric("b") where name == "a"']));
    void consume(batchOf(METRICS, [{ name: 'a', gauge: { dataPoints: [{ asInt: 1 }, { asInt: 2 }] } }]));
    assert.equal(ctx.next.metrics.taken[0].items, 4);
  });
});

describe('mistakes are told where they are', () => {
  for (const [config, place, problem] of [
    [
      'trace_statements {\ncontext = "span"\nstatements = [`set(name, "x")`, `set(nam, "x")`]\n}',
      '3:38',
      /the context span has no path `nam`/,
    ],
    [
      'trace_statements {\ncontext = "span"\nstatements = [\n  "set(name, \\"x\\") where kind === 1",\n]\n}',
      '4:34',
      /./,
    ],
    [
      'trace_statements {\ncontext = "span"\nconditions = [`true`, `nam == ""`]\nstatements = []\n}',
      '3:24',
      /no path `nam`/,
    ],
    [
      'metric_statements {\ncontext = "datapoint"\nstatements = [`convert_sum_to_gauge()`]\n}',
      '3:16',
      /is not for the context datapoint, only for metric/,
    ],
    [
      'metric_statements {\ncontext = "metric"\nstatements = [`scale_metric(10)`]\n}',
      '3:29',
      /takes a double literal as `multiplier`/,
    ],
    ['statements {\ntrace = [`set(name, "x")`]\n}', '2:15', /the path `name` does not say what it is of/],
    ['statements {\nlog = [`set(log.body, ParseCLF(log.body, "x"))`]\n}', '2:42', /the format is one of clf, combined/],
    [
      'statements {\nmetric = [`set(metric.name, datapoint.attributes["a"]) where convert_sum_to_gauge() == 1`]\n}',
      '2:12',
      /./,
    ],
    ['log_statements {\ncontext = "span"\nstatements = []\n}', '2:11', /./],
  ] as const)
    test(config.replaceAll('\n', ' '), () => {
      const { problems, places } = decodeArgs(schema, `${config}\noutput { }`);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0], problem);
      assert.deepEqual(places, [place]);
    });
});
