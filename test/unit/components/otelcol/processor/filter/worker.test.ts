/** The filter in a worker: what is dropped at each level, what goes with it, error modes, and where mistakes are. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Batch } from '#components/kit/batch.ts';
import { fanOut } from '#components/kit/fan-out.ts';
import { args as schema } from '#components/otelcol/processor/filter/schema.ts';
import { create } from '#components/otelcol/processor/filter/worker.ts';
import { countItems } from '#codec/otlp/count.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOGS, METRICS, SIGNAL_NAMES, TRACES, type Signal } from '#shared/signal.ts';
import { argsOf, decodeArgs } from '#test/support/decode-args.ts';
import { decodeRequest, type PlainMessage } from '#test/support/otlp-proto.ts';
import { requestOf } from '#test/support/ottl.ts';
import { RecordingConsumer } from '#test/support/recording-consumer.ts';
import { workerContext } from '#test/support/worker-context.ts';

type Fields = Readonly<Record<string, unknown>>;

const FIELDS = [
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
  ['resourceLogs', 'scopeLogs', 'logRecords'],
] as const;

function batchOf(signal: Signal, items: readonly Fields[]): Batch {
  const bytes = requestOf(signal, items);
  return { signal, bytes, items: countItems(signal, bytes), metadata: null, owned: true };
}

function setUp(config: string) {
  const ctx = workerContext('otelcol.processor.filter.default');
  const part = create(argsOf(schema, `${config}\noutput { }`), ctx);
  void part.start();
  return { ctx, part, consume: (batch: Batch) => part.input!.consume(batch) };
}

function itemsOf({ signal, bytes }: Pick<Batch, 'signal' | 'bytes'>): PlainMessage[] {
  const [entries, scopes, items] = FIELDS[signal];
  return (decodeRequest(signal, bytes)[entries] as PlainMessage[])
    .flatMap((entry) => entry[scopes] as PlainMessage[])
    .flatMap((scope) => scope[items] as PlainMessage[]);
}

/** What is left of one batch; null: nothing came out. */
function left(config: string, signal: Signal, items: readonly Fields[]) {
  const { ctx, consume } = setUp(config);
  const batch = batchOf(signal, items);
  const outcome = consume(batch);
  const [taken] = ctx.next[SIGNAL_NAMES[signal]].taken;
  if (taken !== undefined) assert.equal(taken.items, countItems(signal, taken.bytes));
  return { ctx, batch, outcome, taken, items: taken === undefined ? null : itemsOf(taken) };
}

const names = (items: readonly PlainMessage[] | null): unknown => items?.map((item) => item['name']) ?? null;
const named = (...all: string[]): Fields[] => all.map((name) => ({ name }));

describe('what is dropped', () => {
  for (const [what, config, signal, items, expected] of [
    ['spans', 'traces { span = [`name == "a"`, `name == "c"`] }', TRACES, named('a', 'b', 'c'), ['b']],
    [
      'spans, without a context',
      'trace_conditions { conditions = [`span.name == "a"`, `resource.attributes["service.name"] == "none"`] }',
      TRACES,
      named('a', 'b'),
      ['b'],
    ],
    [
      'spans, with one',
      'trace_conditions {\ncontext = "span"\nconditions = [`name == "a"`]\n}',
      TRACES,
      named('a', 'b'),
      ['b'],
    ],
    [
      'a resource',
      'trace_conditions { conditions = [`resource.attributes["service.name"] == "shop"`] }',
      TRACES,
      named('a', 'b'),
      null,
    ],
    ['a scope', 'log_conditions { conditions = [`scope.name == "library"`] }', LOGS, [{}], null],
    [
      'metrics',
      'metrics { metric = [`name == "a"`] }',
      METRICS,
      ['a', 'b'].map((name) => ({ name, gauge: { dataPoints: [{ asInt: 1 }] } })),
      ['b'],
    ],
    [
      'metrics whose points are all gone',
      'metrics { datapoint = [`value_int == 1`] }',
      METRICS,
      [1, 2].map((asInt) => ({ name: `n${asInt}`, gauge: { dataPoints: [{ asInt }] } })),
      ['n2'],
    ],
    [
      'both',
      'metric_conditions { conditions = [`metric.name == "n1"`, `datapoint.value_int == 2`] }',
      METRICS,
      [1, 2, 3].map((asInt) => ({ name: `n${asInt}`, gauge: { dataPoints: [{ asInt }] } })),
      ['n3'],
    ],
    ['nothing', 'traces { span = [`name == "none"`] }', TRACES, named('a', 'b'), ['a', 'b']],
    ['everything', 'traces { span = [`true`] }', TRACES, named('a', 'b'), null],
  ] as const)
    test(what, () => assert.deepEqual(names(left(config, signal, items).items), expected));

  test('logs', () => {
    const logs = ['INFO', 'WARN'].map((severityText, i) => ({ severityText, severityNumber: 9 + i * 4 }));
    const { items } = left('logs { log_record = [`severity_number < SEVERITY_NUMBER_WARN`] }', LOGS, logs);
    assert.deepEqual(
      items!.map((item) => item['severityText']),
      ['WARN'],
    );
  });

  test('span events: their span stays', () => {
    const spans = [
      { name: 'a', events: named('e', 'f') },
      { name: 'b', events: named('e') },
    ];
    const { items } = left('traces { spanevent = [`name == "e"`] }', TRACES, spans);
    assert.deepEqual(
      items!.map((span) => names((span['events'] ?? []) as PlainMessage[])),
      [['f'], []],
    );
  });

  test('a batch that loses nothing is handed on itself', () => {
    const { taken, batch } = left('traces { span = [`name == "none"`] }', TRACES, named('a'));
    assert.equal(taken, batch);
  });
});

describe('counts', () => {
  test('what is dropped, and a batch of which nothing is left is accepted', () => {
    const { ctx, outcome } = left('traces { span = [`true`] }', TRACES, named('a', 'b'));
    assert.equal(outcome, Outcome.accepted);
    assert.equal(ctx.next.traces.offered.length, 0);
    assert.equal(ctx.meter.value('otelcol_processor_filter_spans_filtered_total'), 2);
    assert.equal(ctx.meter.value('otelcol_processor_incoming_items_total', { otel_signal: 'traces' }), 2);
  });

  test('once, also of a batch that was refused first', () => {
    const { ctx, consume } = setUp('metrics { datapoint = [`value_int > 1`] }');
    let asked = 0;
    ctx.next.metrics.answer = () => (++asked < 3 ? Outcome.queueFull : Outcome.accepted);
    const batch = batchOf(METRICS, [{ name: 'n', gauge: { dataPoints: [1, 2, 3].map((asInt) => ({ asInt })) } }]);
    assert.deepEqual(
      [consume(batch), consume(batch), consume(batch)],
      [Outcome.queueFull, Outcome.queueFull, Outcome.accepted],
    );
    assert.equal(ctx.meter.value('otelcol_processor_filter_datapoints_filtered_total'), 2);
    assert.equal(ctx.meter.value('otelcol_processor_outgoing_items_total', { otel_signal: 'metrics' }), 1);
  });
});

describe('conditions that fail', () => {
  const failing = 'traces { span = [`Substring(name, 5, 1) == "x"`, `name == "b"`] }';
  for (const [mode, lines] of [
    ['ignore', 1],
    ['silent', 0],
  ] as const)
    test(`${mode}: they do not hold`, () => {
      const { items, ctx } = left(`error_mode = "${mode}"\n${failing}`, TRACES, named('a', 'b', 'longer'));
      assert.deepEqual(names(items), ['a', 'longer']);
      assert.equal(ctx.meter.value('millrace_component_expression_errors_total'), 2);
      assert.equal(ctx.log.lines.length, lines);
    });

  test('propagate: the batch is rejected', () => {
    const { ctx, outcome } = left(`error_mode = "propagate"\n${failing}`, TRACES, named('longer', 'a'));
    assert.equal(outcome, Outcome.expression);
    assert.equal(ctx.next.traces.offered.length, 0);
  });
});

test('an edited branch of a fan-out leaves the other one alone', () => {
  const { ctx, part } = setUp('traces { span = [`name == "a"`] }');
  const plain = new RecordingConsumer();
  const batch = batchOf(TRACES, named('a', 'b'));
  const before = Buffer.from(batch.bytes);
  void fanOut([part.input!, plain] as never).consume(batch);
  void fanOut([plain, part.input!] as never).consume(batch);
  for (const taken of plain.taken) assert.deepEqual(taken.bytes, before);
  assert.deepEqual(
    ctx.next.traces.taken.map((taken) => names(itemsOf(taken))),
    [['b'], ['b']],
  );
});

describe('mistakes are told where they are', () => {
  for (const [config, place, problem] of [
    ['traces {\nspan = [`name == "a"`, `nam == "b"`]\n}', '2:25', /the context span has no path `nam`/],
    ['traces {\nspan = ["name == \\"a\\" and nam == 1"]\n}', '2:28', /no path `nam`/],
    ['trace_conditions {\nconditions = [`name == "a"`]\n}', '2:16', /the path `name` does not say what it is of/],
    ['metrics {\nmetric = [`convert_sum_to_gauge()`]\n}', '2:12', /./],
    ['logs {\nlog_record = [`IsMatch(body, "(")`]\n}', '2:30', /missing closing/],
    ['logs {\nlog_record = [`ParseCEF(body) == nil`]\n}', '2:16', /there is no converter `ParseCEF`/],
    ['traces { span = [`true`] }\ntrace_conditions { conditions = [`true`] }', '2:1', /cannot be used together/],
  ] as const)
    test(config.replaceAll('\n', ' '), () => {
      const { problems, places } = decodeArgs(schema, `${config}\noutput { }`);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0], problem);
      assert.deepEqual(places, [place]);
    });
});
