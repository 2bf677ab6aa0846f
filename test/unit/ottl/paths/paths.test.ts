/** Paths of every context, read from payloads that the oracle has encoded. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileValue } from '#ottl/expression.ts';
import { CONTEXTS } from '#ottl/context.ts';
import { OttlError } from '#ottl/error.ts';
import { Duration, Id, Time } from '#ottl/value.ts';
import { bytes, double, flag, holdsIn, int, listOf, mapOf, text, valueIn, valuesOf } from '#test/support/ottl.ts';

const START = 1_769_000_000_000_000_001n;
const SPAN = {
  traceId: Buffer.alloc(16, 0xab),
  spanId: Buffer.alloc(8, 0xcd),
  traceState: 'ot=th:8, vendor=x=y',
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: String(START),
  endTimeUnixNano: String(START + 1_500_000_000n),
  attributes: [
    text('http.method', 'GET'),
    int('big', '9007199254740993'),
    int('negative', -5),
    double('ratio', 0.5),
    flag('ok', true),
    bytes('raw', Buffer.from([0, 255])),
    listOf('list', { stringValue: 'a' }, { intValue: 2 }),
    mapOf('map', mapOf('inner', text('deep', 'yes'))),
    { key: 'empty', value: {} },
    text('http.method', 'second'),
    text('\u00e4', '\u00f6'),
  ],
  droppedAttributesCount: 1,
  events: [
    { name: 'first', timeUnixNano: '5', attributes: [text('e', '1')], droppedAttributesCount: 2 },
    { name: 'second', attributes: [text('e', '2')] },
  ],
  droppedEventsCount: 4,
  links: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 2), flags: 257 }],
  droppedLinksCount: 5,
  status: { code: 2, message: 'broken' },
};

describe('span', () => {
  const table: Readonly<Record<string, unknown>> = {
    name: 'GET /',
    'span.name': 'GET /',
    trace_id: new Id('ab'.repeat(16)),
    'trace_id.string': 'ab'.repeat(16),
    'span_id.string': 'cd'.repeat(8),
    parent_span_id: new Id('0'.repeat(16)),
    'parent_span_id.string': '0'.repeat(16),
    trace_state: 'ot=th:8, vendor=x=y',
    'trace_state["vendor"]': 'x=y',
    'trace_state["none"]': '',
    kind: 2n,
    'kind.string': 'Server',
    'kind.deprecated_string': 'SPAN_KIND_SERVER',
    start_time_unix_nano: START,
    start_time: new Time(START),
    'end_time - start_time': new Duration(1_500_000_000n),
    'status.code': 2n,
    'status.message': 'broken',
    status: new Map<string, unknown>([
      ['code', 2n],
      ['message', 'broken'],
    ]),
    dropped_attributes_count: 1n,
    dropped_events_count: 4n,
    dropped_links_count: 5n,
    'attributes["http.method"]': 'GET',
    'attributes["big"]': 9007199254740993n,
    'attributes["negative"]': -5n,
    'attributes["ratio"]': 0.5,
    'attributes["ok"]': true,
    'attributes["raw"]': Buffer.from([0, 255]),
    'attributes["list"]': ['a', 2n],
    'attributes["list"][1]': 2n,
    'attributes["map"]["inner"]["deep"]': 'yes',
    'attributes["map"]["none"]["deep"]': null,
    'attributes["empty"]': null,
    'attributes["none"]': null,
    'attributes["none"]["x"]': null,
    'attributes["\u00e4"]': '\u00f6',
    'attributes[Concat(["http", "method"], ".")]': 'GET',
    'Len(attributes)': 10n,
    'Len(events)': 2n,
    'events[1]["name"]': 'error',
    'cache["x"]': null,
    'resource.attributes["service.name"]': 'shop',
    'resource.attributes["process.pid"]': 42n,
    'resource.dropped_attributes_count': 3n,
    'resource.schema_url': 'https://resource',
    'Len(resource)': 2n,
    'instrumentation_scope.name': 'library',
    'scope.version': '1.2',
    'scope.schema_url': 'https://scope',
    'instrumentation_scope.attributes["scope.kind"]': 'http',
  };
  for (const [path, expected] of Object.entries(table)) {
    if (expected === 'error')
      test(`${path} cannot be indexed`, () => assert.throws(() => valueIn('span', SPAN, path), OttlError));
    else test(path, () => assert.deepEqual(valueIn('span', SPAN, path), expected));
  }

  test('an empty span has the zero values', () => {
    for (const [path, expected] of [
      ['name', ''],
      ['kind.string', 'Unspecified'],
      ['status.code', 0n],
      ['status.message', ''],
      ['start_time_unix_nano', 0n],
      ['trace_id', new Id('0'.repeat(32))],
    ] as const)
      assert.deepEqual(valueIn('span', {}, path), expected, path);
  });

  test('keys that do not fit fail', () => {
    for (const [path, message] of [
      ['attributes["list"][2]', 'error: index 2 is out of bounds'],
      ['attributes["list"]["a"]', 'error: a list is indexed with an int, got string'],
      ['attributes["http.method"]["a"]', 'error: a string cannot be indexed'],
      ['attributes[kind]', 'error: a map is indexed with a string, got int'],
    ] as const)
      assert.equal(valueIn('span', SPAN, path), message);
  });

  test('events and links are lists of maps', () => {
    const [first] = valueIn('span', SPAN, 'events') as unknown as ReadonlyMap<string, unknown>[];
    assert.deepEqual(first.get('name'), 'first');
    assert.deepEqual(first.get('attributes'), new Map([['e', '1']]));
    const [link] = valueIn('span', SPAN, 'links') as unknown as ReadonlyMap<string, unknown>[];
    assert.deepEqual([link.get('trace_id'), link.get('flags')], ['01'.repeat(16), 257n]);
  });
});

test('spanevent: each event, in its span', () => {
  const values = (path: string) => valuesOf('spanevent', SPAN, path);
  assert.deepEqual(values('name'), ['first', 'second']);
  assert.deepEqual(values('attributes["e"]'), ['1', '2']);
  assert.deepEqual(values('time_unix_nano'), [5n, 0n]);
  assert.deepEqual(values('spanevent.event_index'), [0n, 1n]);
  assert.deepEqual(values('span.name'), ['GET /', 'GET /']);
  assert.deepEqual(values('span.attributes["http.method"]'), ['GET', 'GET']);
  assert.deepEqual(values('resource.attributes["service.name"]'), ['shop', 'shop']);
});

test('log', () => {
  const log = {
    timeUnixNano: '7',
    observedTimeUnixNano: '8',
    severityNumber: 13,
    severityText: 'WARN',
    body: mapOf('', text('event', 'checkout'), listOf('items', { intValue: 1 })).value,
    attributes: [text('env', 'prod')],
    flags: 1,
    traceId: Buffer.alloc(16, 0xab),
    eventName: 'shop.checkout',
  };
  for (const [path, expected] of [
    ['time_unix_nano', 7n],
    ['observed_time', new Time(8n)],
    ['severity_number', 13n],
    ['log.severity_text', 'WARN'],
    ['body["event"]', 'checkout'],
    ['body["items"][0]', 1n],
    ['body.string', '{"event":"checkout","items":[1]}'],
    ['attributes["env"]', 'prod'],
    ['flags', 1n],
    ['trace_id.string', 'ab'.repeat(16)],
    ['span_id.string', '0'.repeat(16)],
    ['event_name', 'shop.checkout'],
  ] as const)
    assert.deepEqual(valueIn('log', log, path), expected, path);
  assert.equal(holdsIn('log', log, 'severity_number >= SEVERITY_NUMBER_WARN'), true);
  assert.equal(holdsIn('log', log, 'severity_number >= SEVERITY_NUMBER_ERROR'), false);
  assert.equal(valueIn('log', { body: { stringValue: 'text' } }, 'body["a"]'), 'error: a string cannot be indexed');
  assert.equal(valueIn('log', {}, 'body'), null);
});

describe('metric and datapoint', () => {
  const point = { startTimeUnixNano: '1', timeUnixNano: '2', attributes: [text('k', 'v')] };
  const sum = {
    name: 'requests',
    description: 'All.',
    unit: '1',
    sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints: [{ ...point, asInt: -3, flags: 1 }] },
  };
  const gauge = { name: 'g', gauge: { dataPoints: [{ ...point, asDouble: 2.5, exemplars: [{ asInt: 1 }] }] } };
  const histogram = {
    name: 'h',
    histogram: {
      aggregationTemporality: 1,
      dataPoints: [{ ...point, count: 3, sum: 4.5, bucketCounts: [1, 2], explicitBounds: [0.5] }],
    },
  };
  const exponential = {
    name: 'e',
    exponentialHistogram: {
      dataPoints: [
        {
          ...point,
          count: 9,
          scale: -2,
          zeroCount: 3,
          positive: { offset: -4, bucketCounts: [1, 300] },
          negative: { offset: 1, bucketCounts: [7] },
        },
      ],
    },
  };
  const summary = {
    name: 's',
    summary: { dataPoints: [{ ...point, count: 2, sum: 1.5, quantileValues: [{ quantile: 0.5, value: 9 }] }] },
  };

  const table: readonly (readonly [object, string, unknown])[] = [
    [sum, 'value_int', -3n],
    [sum, 'value_double', 0],
    [sum, 'flags', 1n],
    [sum, 'metric.name', 'requests'],
    [sum, 'metric.type', 2n],
    [sum, 'metric.is_monotonic', true],
    [sum, 'metric.aggregation_temporality', 2n],
    [sum, 'count', null],
    [sum, 'attributes["k"]', 'v'],
    [sum, 'start_time_unix_nano', 1n],
    [sum, 'datapoint.time', new Time(2n)],
    [gauge, 'value_double', 2.5],
    [gauge, 'metric.is_monotonic', null],
    [gauge, 'metric.aggregation_temporality', null],
    [gauge, 'Len(exemplars)', 1n],
    [histogram, 'count', 3n],
    [histogram, 'sum', 4.5],
    [histogram, 'bucket_counts', [1n, 2n]],
    [histogram, 'explicit_bounds', [0.5]],
    [histogram, 'value_int', null],
    [histogram, 'metric.type == METRIC_DATA_TYPE_HISTOGRAM', 'condition'],
    [exponential, 'scale', -2n],
    [exponential, 'zero_count', 3n],
    [exponential, 'positive.offset', -4n],
    [exponential, 'positive.bucket_counts', [1n, 300n]],
    [
      exponential,
      'negative',
      new Map<string, unknown>([
        ['offset', 1n],
        ['bucket_counts', [7n]],
      ]),
    ],
    [
      summary,
      'quantile_values',
      [
        new Map([
          ['quantile', 0.5],
          ['value', 9],
        ]),
      ],
    ],
    [summary, 'attributes', new Map([['k', 'v']])],
  ];
  for (const [metric, path, expected] of table)
    test(`${Object.keys(metric).at(-1)} ${path}`, () => {
      if (expected === 'condition') assert.equal(holdsIn('datapoint', metric as never, path), true);
      else assert.deepEqual(valueIn('datapoint', metric as never, path), expected);
    });

  test('the metric itself', () => {
    assert.equal(valueIn('metric', sum, 'description'), 'All.');
    assert.equal(valueIn('metric', sum, 'metric.unit'), '1');
    assert.equal(valueIn('metric', { name: 'none' }, 'type'), 0n);
    assert.equal(holdsIn('metric', sum, 'HasAttrOnDatapoint("k", "v")'), true);
    assert.equal(holdsIn('metric', sum, 'HasAttrOnDatapoint("k", "w")'), false);
    assert.equal(holdsIn('metric', summary, 'HasAttrKeyOnDatapoint("k")'), true);
    assert.equal(holdsIn('metric', summary, 'HasAttrKeyOnDatapoint("l")'), false);
  });
});

test('every path of every context can be read from an empty item', () => {
  for (const context of Object.values(CONTEXTS))
    for (const [prefix, section] of context.sections)
      for (const path of Object.keys(section.paths)) {
        if (path === 'cache' && section !== context.own) continue;
        const item = context.name === 'datapoint' ? { gauge: { dataPoints: [{}] } } : { events: [{}] };
        const fitting =
          context.name === 'span' || context.name === 'spanevent' || context.name === 'datapoint' ? item : {};
        valueIn(context.name, fitting, `${prefix}.${path}`);
      }
});

describe('names that do not exist', () => {
  const table = [
    ['span', 'nam == "a"', 'the context span has no path `nam`', 'did you mean "name"?', 0, 3],
    ['span', 'span.kind.text == ""', 'the context span has no path `kind.text`', undefined, 5, 14],
    ['span', 'attributes.foo == 1', 'the context span has no path `attributes.foo`', 'write attributes["..."]', 0, 14],
    ['span', 'name["a"] == 1', '`name` cannot be indexed', undefined, 5, 8],
    [
      'span',
      'SPAN_KIND_SERVR == kind',
      'the context span has no enum `SPAN_KIND_SERVR`',
      'did you mean "SPAN_KIND_SERVER"?',
      0,
      15,
    ],
    ['span', 'IsMach(name, "a")', 'there is no converter `IsMach`', 'did you mean "IsMatch"?', 0, 6],
    [
      'span',
      'concat([name], "") == ""',
      'converter names begin in upper case, but `concat` does not',
      'did you mean "Concat"?',
      0,
      6,
    ],
    ['log', 'IsRootSpan()', 'IsRootSpan is not for the context log, only for span', undefined, 0, 10],
    ['datapoint', 'name == "a"', 'the context datapoint has no path `name`', 'did you mean "metric.name"?', 0, 4],
    ['span', 'IsMatch(name)', 'IsMatch lacks its argument `pattern`', 'IsMatch(target, pattern)', 12, 13],
    ['span', 'IsMatch(name, "a", 1)', 'IsMatch takes at most 2 arguments', undefined, 19, 20],
    ['span', 'IsMatch(name, patern="a")', 'IsMatch has no parameter `patern`', 'did you mean "pattern"?', 14, 24],
    ['span', 'IsMatch(name, target="a")', 'IsMatch is given `target` twice', undefined, 14, 24],
    ['span', 'IsMatch(name, "(")', /invalid regular expression/, undefined, 14, 17],
    ['span', 'HasPrefix(1, "a")', 'HasPrefix takes a string as `value`, got int', undefined, 10, 11],
    [
      'span',
      'Duration("3x") > Duration("1s")',
      '"3x" is no duration',
      'a number with a unit: ns, us, ms, s, m, h',
      9,
      13,
    ],
    [
      'span',
      'ConvertCase(name, "title") == ""',
      'there is no case "title"',
      'one of lower, upper, snake, camel',
      18,
      25,
    ],
  ] as const;
  for (const [context, condition, message, help, start, end] of table)
    test(condition, () => {
      assert.throws(
        () => holdsIn(context, {}, condition),
        (error) => {
          assert.ok(error instanceof OttlError, String(error));
          if (typeof message === 'string') assert.equal(error.message, message);
          else assert.match(error.message, message);
          assert.deepEqual([error.help, error.start, error.end], [help, start, end]);
          return true;
        },
      );
    });

  test('an unknown converter that is like no other lists them all', () => {
    assert.throws(
      () => compileValue('Xyzzy()', 'span'),
      (error) => error instanceof OttlError && /there are Concat\(values, delimiter\), /.test(error.help ?? ''),
    );
  });
});
