/** Every path that can be set, in every context: what is set is read back in the same run and in the next one, or it fails and nothing changes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchEditor } from '#components/kit/edit/batch-editor.ts';
import { VISITOR_OF } from '#components/kit/edit/visitors.ts';
import { CONTEXTS, type ContextName } from '#ottl/context.ts';
import { EvaluationError } from '#ottl/error.ts';
import { EDITORS, withEditors } from '#ottl/editors/library.ts';
import { compileStatement } from '#ottl/expression.ts';
import { CONVERTERS } from '#ottl/functions/library.ts';
import { editor } from '#ottl/functions/function.ts';
import type { Telemetry } from '#ottl/telemetry.ts';
import { Duration, Id, Time, type Value } from '#ottl/value.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { decodeRequest } from '#test/support/otlp-proto.ts';
import { requestOf, text } from '#test/support/ottl.ts';

type Fields = Readonly<Record<string, unknown>>;

const POINT = { timeUnixNano: '5', attributes: [text('k', 'v')] };
const ITEMS: Readonly<Record<string, readonly [signal: 0 | 1 | 2, item: Fields]>> = {
  span: [TRACES, { name: 'before', traceState: 'a=1,b=2', events: [{ name: 'e' }], attributes: [text('k', 'v')] }],
  emptySpan: [TRACES, { events: [{}] }],
  gauge: [METRICS, { name: 'm', gauge: { dataPoints: [{ ...POINT, asInt: 1 }] } }],
  sum: [METRICS, { name: 'm', sum: { dataPoints: [{ ...POINT, asDouble: 1 }] } }],
  histogram: [
    METRICS,
    { name: 'm', histogram: { dataPoints: [{ ...POINT, bucketCounts: [1, 2], explicitBounds: [1] }] } },
  ],
  exponentialHistogram: [
    METRICS,
    { name: 'm', exponentialHistogram: { dataPoints: [{ ...POINT, positive: { offset: 3, bucketCounts: [1] } }] } },
  ],
  summary: [METRICS, { name: 'm', summary: { dataPoints: [POINT] } }],
  none: [METRICS, { name: 'm' }],
  log: [LOGS, { body: { stringValue: 'before' }, attributes: [text('k', 'v')] }],
  emptyLog: [LOGS, {}],
};
const SIGNAL_OF: Readonly<Record<ContextName, number>> = {
  resource: TRACES,
  scope: TRACES,
  span: TRACES,
  spanevent: TRACES,
  metric: METRICS,
  datapoint: METRICS,
  log: LOGS,
};

interface Outcome {
  readonly error: string | null;
  readonly before: Value;
  /** Read in the same run, and in the next. */
  readonly now: Value;
  readonly later: Value;
  readonly changed: boolean;
}

/** Sets a path to a value on the first item of the context; null: there is no such item. */
function setPath(context: ContextName, which: string, path: string, value: Value): Outcome | null {
  const [signal, item] = ITEMS[which];
  const read: Value[] = [];
  let error: string | null = null;
  const put = editor('put', ['target'], '', (args) => {
    const target = args.target(0);
    return (t) => {
      const get = (): Value => {
        try {
          return target.get(t);
        } catch (thrown) {
          assert.ok(thrown instanceof EvaluationError, String(thrown));
          return null;
        }
      };
      read.push(get());
      try {
        target.set(t, value);
      } catch (thrown) {
        assert.ok(thrown instanceof EvaluationError, String(thrown));
        error = thrown.message;
      }
      read.push(get());
    };
  });
  const look = editor('look', ['target'], '', (args) => {
    const get = args.value(0);
    return (t) => void read.push(error === null ? get(t) : null);
  });
  const editors = withEditors(put, look);
  const batch = new BatchEditor();
  const visiting = (run: (t: Telemetry) => void) => ({
    [VISITOR_OF[context]]: (t: Telemetry) => {
      t.forget();
      run(t);
      return true;
    },
  });
  const bytes = requestOf(signal, [item]);
  const edited = batch.run(signal, bytes, 1, visiting(compileStatement(`put(${path})`, context, CONVERTERS, editors)));
  // A batch in which no point is left is gone.
  if (edited === null) return null;
  decodeRequest(signal, edited);
  if (read.length === 0) return null;
  batch.run(signal, edited, 1, visiting(compileStatement(`look(${path})`, context, CONVERTERS, editors)));
  const [before, now, later] = read;
  return { error, before, now, later, changed: !edited.equals(bytes) };
}

const ANY: readonly Value[] = [
  null,
  true,
  '',
  'text \u00e4',
  7n,
  -1n,
  2n ** 63n - 1n,
  1.5,
  NaN,
  Buffer.from([255, 0]),
  new Time(9n),
  new Duration(9n),
  new Id('ab'.repeat(16)),
  new Id('cd'.repeat(8)),
  [],
  [1n, 'a'],
  [1n, 2n],
  [0.5],
  new Map(),
  new Map<string, Value>([['a', [new Map()]]]),
  new Map([['t', new Time(1n)]]),
];

const TEXT: readonly Value[] = ['', 'text \u00e4'];
const INT: readonly Value[] = [7n, -1n, 2n ** 63n - 1n];
const MAPS: readonly Value[] = [new Map(), new Map<string, Value>([['a', [new Map()]]])];
const PLAIN: readonly Value[] = [
  null,
  true,
  '',
  'text \u00e4',
  7n,
  -1n,
  2n ** 63n - 1n,
  1.5,
  NaN,
  Buffer.from([255, 0]),
  [],
  [1n, 'a'],
  [1n, 2n],
  [0.5],
  ...MAPS,
];
const TIME: readonly Value[] = [new Time(9n)];
const TRACE_ID: readonly Value[] = [new Id('ab'.repeat(16))];
const SPAN_ID: readonly Value[] = [new Id('cd'.repeat(8))];
const NONE: readonly Value[] = [];

/** What paths take of {@link ANY}. */
const TAKES: Readonly<Record<string, readonly Value[]>> = {
  attributes: MAPS,
  metadata: MAPS,
  cache: MAPS,
  name: TEXT,
  version: TEXT,
  description: TEXT,
  unit: TEXT,
  schema_url: TEXT,
  trace_state: TEXT,
  'status.message': TEXT,
  severity_text: TEXT,
  event_name: TEXT,
  'body.string': TEXT,
  body: PLAIN,
  trace_id: TRACE_ID,
  span_id: SPAN_ID,
  parent_span_id: SPAN_ID,
  'trace_id.string': NONE,
  'span_id.string': NONE,
  'parent_span_id.string': NONE,
  'kind.string': NONE,
  'kind.deprecated_string': NONE,
  start_time: TIME,
  end_time: TIME,
  time: TIME,
  observed_time: TIME,
  is_monotonic: [true],
  sum: [1.5, NaN],
  value_double: [1.5, NaN],
  bucket_counts: [[], [1n, 2n]],
  explicit_bounds: [[], [0.5]],
  'positive.bucket_counts': [[], [1n, 2n]],
  'negative.bucket_counts': [[], [1n, 2n]],
};
for (const path of [
  'start_time_unix_nano',
  'end_time_unix_nano',
  'time_unix_nano',
  'observed_time_unix_nano',
  'kind',
  'status.code',
  'severity_number',
  'flags',
  'dropped_attributes_count',
  'dropped_events_count',
  'dropped_links_count',
  'aggregation_temporality',
  'value_int',
  'count',
  'scale',
  'zero_count',
  'positive.offset',
  'negative.offset',
])
  Object.assign(TAKES, { [path]: INT });

/** Ints of 32 bits keep their low ones. */
const NARROW = [
  'kind',
  'status.code',
  'severity_number',
  'flags',
  'dropped_attributes_count',
  'dropped_events_count',
  'dropped_links_count',
  'aggregation_temporality',
];
const NARROW_SIGNED = ['scale', 'positive.offset', 'negative.offset'];

function readBack(path: string, value: Value): Value {
  if (typeof value !== 'bigint') return value;
  if (NARROW.includes(path)) return BigInt.asUintN(32, value);
  return NARROW_SIGNED.includes(path) ? BigInt.asIntN(32, value) : value;
}

const equal = (a: unknown, b: unknown): boolean => {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
};

for (const context of Object.values(CONTEXTS))
  describe(context.name, () => {
    const items = Object.keys(ITEMS).filter((which) => ITEMS[which][0] === SIGNAL_OF[context.name]);
    for (const [prefix, section] of context.sections)
      for (const [path, entry] of Object.entries(section.paths)) {
        if (path === 'cache' && section !== context.own) continue;
        if (entry.write === undefined) {
          test(`${prefix}.${path} cannot be set`, () =>
            assert.throws(() => compileStatement(`set(${prefix}.${path}, 1)`, context.name, CONVERTERS, EDITORS)));
          continue;
        }
        test(`${prefix}.${path}`, () => {
          const takes = TAKES[path];
          assert.ok(takes !== undefined, 'a path that the test does not know');
          const values = section === context.own ? ANY : ANY.filter((_, i) => i % 3 === 0);
          for (const which of items)
            for (const value of values) {
              const outcome = setPath(context.name, which, `${prefix}.${path}`, value);
              if (outcome === null) continue;
              const { error, before, now, later, changed } = outcome;
              const what = `${which} ${String(value)}`;
              if (path !== 'cache' && error === null) assert.deepEqual(later, now, what);
              if (takes.some((one) => equal(one, value))) {
                // Where the kind of point has no such field, nothing happens.
                const isThere = before !== null || path === 'body' || path === 'body.string';
                if (isThere) assert.deepEqual([error, now], [null, readBack(path, value)], what);
                else assert.deepEqual([now, changed], [null, false], what);
              } else {
                assert.ok(error !== null || before === null, `${what} is taken`);
                assert.deepEqual([now, changed], [before, false], what);
              }
            }
        });
      }
  });

describe('values of a kind of their own', () => {
  for (const [context, which, path, value, expected] of [
    ['span', 'span', 'trace_id.string', '0A'.repeat(16), '0a'.repeat(16)],
    ['span', 'span', 'trace_id.string', '00'.repeat(16), '0'.repeat(32)],
    ['span', 'span', 'span_id.string', 'xy'.repeat(8), null],
    ['span', 'span', 'span_id.string', 'ab', null],
    ['log', 'log', 'span_id.string', 'ab'.repeat(8), 'ab'.repeat(8)],
    ['span', 'span', 'kind.string', 'Server', 'Server'],
    ['span', 'span', 'kind.string', 'server', null],
    ['span', 'span', 'kind.deprecated_string', 'SPAN_KIND_CLIENT', 'SPAN_KIND_CLIENT'],
    ['span', 'span', 'trace_state["b"]', '3', '3'],
    ['span', 'span', 'trace_state["new"]', 'x', 'x'],
    ['span', 'emptySpan', 'trace_state["new"]', 'x', 'x'],
    ['span', 'span', 'trace_state["b"]', 'a,b', null],
    ['span', 'span', 'trace_state[""]', 'a', null],
    ['span', 'span', 'attributes["k"]["x"]', 1n, null],
    ['span', 'span', 'attributes["new"]["x"]["y"]', 1n, 1n],
    ['span', 'span', 'attributes["list"][2]', 1n, 1n],
    ['span', 'span', 'attributes["list"][-1]', 1n, null],
    ['span', 'span', 'attributes["list"][1000]', 1n, null],
    ['span', 'span', 'attributes[kind]', 1n, null],
    ['log', 'emptyLog', 'body["a"][1]["b"]', 'x', 'x'],
    ['log', 'log', 'body["a"]', 'x', null],
    ['log', 'log', 'cache["a"]["b"]', 'x', 'x'],
    ['log', 'log', 'cache["a"]', new Time(1n), null],
    ['datapoint', 'none', 'datapoint.attributes["a"]', 'x', undefined],
    ['metric', 'gauge', 'metric.metadata["a"]', 'x', 'x'],
  ] as const)
    test(`${path} = ${String(value)}`, () => {
      const outcome = setPath(context, which, path, value);
      if (expected === undefined) return assert.equal(outcome, null);
      assert.ok(outcome !== null);
      if (expected === null) assert.deepEqual([typeof outcome.error, outcome.changed], ['string', false]);
      else assert.deepEqual([outcome.error, outcome.now], [null, expected]);
      if (!path.startsWith('cache') && outcome.error === null) assert.deepEqual(outcome.later, outcome.now);
    });

  test('a value of a point is an int or a double', () => {
    const number = (which: string, path: string, value: Value): unknown => {
      const [signal, item] = ITEMS[which];
      const run = compileStatement(`set(${path}, ${String(value)})`, 'datapoint');
      const out = new BatchEditor().run(signal, requestOf(signal, [item]), 1, { point: (t) => (run(t), true) });
      const text = JSON.stringify(decodeRequest(signal, out!));
      return /"as(Int|Double)":[^,}]+/g.exec(text)?.[0];
    };
    assert.equal(number('gauge', 'value_double', '2.5'), '"asDouble":2.5');
    assert.equal(number('sum', 'value_int', 0n), '"asInt":"0"');
  });
});
