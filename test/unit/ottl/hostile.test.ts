/**
 * Scenario: expressions meet data that is meant to hurt, and texts that are no expressions.
 * Guarantees: what fails does so as OttlError or EvaluationError; no text takes time in the square of its length, or becomes many
 * times what came in; messages are short.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OttlError } from '#ottl/error.ts';
import { checkStatement, compileCondition, compileValue } from '#ottl/expression.ts';
import { ADJUSTED_COUNT } from '#ottl/functions/items.ts';
import { withConverters } from '#ottl/functions/library.ts';
import { isMap } from '#ottl/value.ts';
import { bytes, double, flag, holdsIn, int, listOf, mapOf, text, valueIn, valuesOf } from '#test/support/ottl.ts';

const of = (value: string, expression: string): unknown =>
  valueIn('span', { attributes: [text('a', value)] }, expression);

describe('data that is meant to hurt', () => {
  const LONG = 'error: a text of more than 16777216 characters';
  for (const [value, expression, expected] of [
    [`${'1'.repeat(1 << 20)}x`, 'Double(attributes["a"])', null],
    ['['.repeat(1 << 17) + ']'.repeat(1 << 17), 'ParseJSON(attributes["a"])', 'error: the JSON is nested too deeply'],
    ['x'.repeat(1 << 16), 'Concat(Split(attributes["a"], ""), attributes["a"])', LONG],
    ['%1000v'.repeat(20_000), 'Len(Format(attributes["a"], Split(attributes["a"], "%")))', LONG],
    [`${'A'.repeat(1 << 24)}!`, 'Base64Decode(attributes["a"])', 'error: the text is no base64'],
    ['x'.repeat(1 << 23), 'Len(Hex(Hex(attributes["a"])))', LONG],
    ['9'.repeat(1 << 20), 'Duration(attributes["a"])', `error: "${'9'.repeat(239)}...`],
    ['', 'String(Unix(9223372036854775807))', 'error: a time beyond the year 275760'],
    ['', 'Year(Unix(-9223372036854775807))', 'error: a time beyond the year 275760'],
    ['', 'Year(Unix(8640000000000))', 275_760n],
    ['', 'String(Unix(8640000000000))', '+275760-09-13T00:00:00Z'],
  ] as const)
    test(expression, () => assert.equal(of(value, expression), expected));

  test('a long text between the pairs of a long map', () => {
    const attributes = Array.from({ length: 5000 }, (_, i) => text(`k${i}`, 'v'));
    attributes.push(text('a', 'x'.repeat(1 << 17)));
    assert.equal(valueIn('span', { attributes }, 'ToKeyValueString(attributes, "=", attributes["a"])'), LONG);
  });

  test('more buckets than a call has room for arguments', () => {
    const dataPoints = [{ positive: { offset: 3, bucketCounts: Array<number>(300_000).fill(1) } }];
    const value = valueIn('datapoint', { name: 'm', exponentialHistogram: { dataPoints } }, 'positive');
    assert.ok(typeof value === 'object' && value !== null && isMap(value));
    assert.equal((value.get('bucket_counts') as readonly unknown[]).length, 300_000);
  });
});

describe('base64 is that of Go', () => {
  for (const [value, expression, expected] of [
    ['eA==', 'Base64Decode(attributes["a"])', 'x'],
    ['eHg=', 'Base64Decode(attributes["a"])', 'xx'],
    ['eHh4\neHh4', 'Base64Decode(attributes["a"])', 'xxxxxx'],
    ['eA', 'Base64Decode(attributes["a"])', 'error: the text is no base64'],
    ['e===', 'Base64Decode(attributes["a"])', 'error: the text is no base64'],
    ['eA', 'Decode(attributes["a"], "base64-raw")', 'x'],
    ['e', 'Decode(attributes["a"], "base64-raw")', 'error: the text is no base64-raw'],
    ['8J-YgA==', 'Decode(attributes["a"], "base64-url")', '\u{1f600}'],
    ['-_-_', 'Base64Decode(attributes["a"])', 'error: the text is no base64'],
  ] as const)
    test(`${JSON.stringify(value)} ${expression}`, () => assert.equal(of(value, expression), expected));
});

const FUNCTIONS = withConverters(ADJUSTED_COUNT);
const PIECES: Readonly<Record<string, readonly string[]>> = {
  span: ['name', 'kind', 'status', 'status.code', 'events', 'links', 'start_time', 'trace_id', 'parent_span_id.string'],
  datapoint: [
    'value_int',
    'value_double',
    'positive',
    'exemplars',
    'metric.data_points',
    'metric.type',
    'flags',
    'sum',
  ],
  log: ['body', 'body.string', 'severity_number', 'trace_id', 'time', 'observed_time_unix_nano', 'log'],
};
const ANYWHERE = [
  'attributes',
  'attributes["s"]',
  'attributes["m"]["x"]',
  'attributes["l"][0]',
  'attributes[name]',
  'resource',
  'resource.attributes["service.name"]',
  'instrumentation_scope.name',
  'scope',
  'nil',
  'true',
  '-1',
  '9223372036854775807',
  '.5',
  '1.5e300',
  '"x"',
  '"%d %-08.3f|%q"',
  '"(a+)"',
  '"1h"',
  '0x00ff',
  '[]',
  '[1, "a", nil]',
  '{}',
  '{"a": {"b": 1.5}}',
  '"%Y-%m-%d"',
  '"base64"',
  '"asc"',
  '"lower"',
  '""',
  '2',
  '64',
];

/** Numbers below `n`, the same in each run. */
function numbers(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

function expression(context: string, random: (n: number) => number, depth = 0): string {
  const inner = (): string => expression(context, random, depth + 1);
  const choice = depth > 3 ? 0 : random(10);
  if (choice < 4) {
    const leaves = [...PIECES[context], ...ANYWHERE];
    return leaves[random(leaves.length)];
  }
  if (choice < 8) {
    const functions = [...FUNCTIONS.values()];
    const { name, parameters } = functions[random(functions.length)];
    const given = parameters.filter((parameter) => !parameter.endsWith('?') || random(2) === 0);
    return `${name}(${given.map(inner).join(', ')})${random(6) === 0 ? `[${inner()}]` : ''}`;
  }
  if (choice === 8) return `(${inner()} ${['+', '-', '*', '/'][random(4)]} ${inner()})`;
  return `[${inner()}, ${inner()}]`;
}

const ATTRIBUTES = [
  text('s', 'a=b c="d e" 2020-01-02 \u{1f600}'),
  int('i', '-9223372036854775808'),
  double('d', NaN),
  flag('b', true),
  bytes('y', Buffer.from([0xff, 0])),
  listOf('l', { intValue: 1 }, { stringValue: 'x' }, {}),
  mapOf('m', text('x', '{"a":[1,2]}'), { key: 'y' }),
  { key: 'none' },
];
const LARGEST = '18446744073709551615';
const ITEMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  span: {
    name: 's',
    kind: 99,
    traceState: 'ot=th:8,,=,x',
    startTimeUnixNano: LARGEST,
    attributes: ATTRIBUTES,
    events: [{ name: 'e', attributes: ATTRIBUTES }],
    links: [{ traceState: 'x' }],
    status: { code: 2, message: 'm' },
  },
  datapoint: {
    name: 'm',
    exponentialHistogram: {
      dataPoints: [{ attributes: ATTRIBUTES, count: LARGEST, sum: -Infinity, positive: { bucketCounts: [LARGEST] } }],
    },
  },
  log: { attributes: ATTRIBUTES, body: { kvlistValue: { values: ATTRIBUTES } }, timeUnixNano: LARGEST },
};

describe('no expression throws what it should not', () => {
  for (const context of ['span', 'datapoint', 'log'] as const)
    test(`values and conditions of the context ${context}`, () => {
      const random = numbers(7);
      let compiled = 0;
      for (let i = 0; i < 4000; i++) {
        const value = expression(context, random);
        const condition = `${value} ${['==', '<', '>=', '!='][random(4)]} ${expression(context, random)}`;
        for (const run of [
          () => valuesOf(context, ITEMS[context], value, FUNCTIONS),
          () => holdsIn(context, ITEMS[context], condition, FUNCTIONS),
        ])
          try {
            run();
            compiled++;
          } catch (thrown) {
            if (!(thrown instanceof OttlError)) throw new Error(`${value} | ${condition}`, { cause: thrown });
          }
      }
      assert.ok(compiled > 1000, `only ${compiled} could be compiled`);
    });

  test('texts that are cut, doubled or mixed up', () => {
    const random = numbers(3);
    const words = [
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '"',
      '\\',
      ',',
      '.',
      ':',
      '=',
      '==',
      '<',
      '-',
      '0x',
      'and',
      'not',
      'where',
      '\u{1f600}',
      '\n',
      'Len',
      'set',
      'name',
    ];
    for (let i = 0; i < 5000; i++) {
      let written = random(2) === 0 ? expression('span', random) : '';
      for (let n = random(6); n >= 0; n--) {
        const at = random(written.length + 1);
        written = written.slice(0, at) + words[random(words.length)] + written.slice(at + random(3));
      }
      for (const read of [compileCondition, compileValue, checkStatement] as const)
        try {
          read(written, 'span');
        } catch (thrown) {
          if (!(thrown instanceof OttlError)) throw new Error(written, { cause: thrown });
          assert.ok(thrown.start >= 0 && thrown.start <= thrown.end && thrown.end <= written.length, written);
        }
    }
  });
});
