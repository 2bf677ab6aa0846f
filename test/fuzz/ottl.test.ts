/**
 * Scenario: texts of all kinds as OTTL, near ones made of its own pieces. Guarantee: whatever comes, it is parsed and compiled or
 * refused with a place inside the text; nothing else is thrown. What is compiled gives a value or fails as an expression does.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ContextName } from '#ottl/context.ts';
import { OttlError } from '#ottl/error.ts';
import { compileCondition, compileStatement, compileValue } from '#ottl/expression.ts';
import { CONVERTERS } from '#ottl/functions/library.ts';
import { bytes, double, flag, holdsIn, int, listOf, mapOf, text, valuesOf } from '#test/support/ottl.ts';

const PATHS = 'name kind attributes["a"] resource.attributes status.code start_time trace_id events'.split(' ');
const LITERALS = '1 -1 0 1.5 .5 9223372036854775807 "a" "\\n" "" nil true false 0x00 [] {}'.split(' ');
const MARKS = '== != < >= + - * / and or not where = , . : ( ) [ ] { }'.split(' ');
const NAMES = ['SPAN_KIND_SERVER', 'STATUS_CODE_ERROR', ...Array.from(CONVERTERS.keys(), (name) => `${name}(`)];
const NOISE = ['"', "'", '\\', '\u00e4', '\u{1F600}', '\0', '\n', '\ud800'];
const PIECES = [...PATHS, ...LITERALS, ...MARKS, ...NAMES, ...NOISE];
const CONTEXTS: readonly ContextName[] = ['span', 'spanevent', 'metric', 'datapoint', 'log', 'resource', 'scope'];
const near = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(' '));
const any = fc.string({ maxLength: 60, unit: 'binary' });

/** What paths of the contexts lead to, with the values that are at some edge. */
const ATTRIBUTES = [
  text('a', 'a=b c="d e" 2020-01-02 \u{1f600}'),
  int('i', '-9223372036854775808'),
  double('d', NaN),
  flag('b', true),
  bytes('y', Buffer.from([0xff, 0])),
  listOf('l', { intValue: 1 }, { stringValue: 'x' }, {}),
  mapOf('m', text('x', '{"a":[1,2]}'), { key: 'y' }),
];
const LARGEST = '18446744073709551615';
const DATA_POINT = { attributes: ATTRIBUTES, count: LARGEST, sum: -Infinity, positive: { bucketCounts: [LARGEST] } };
const ITEMS = {
  span: {
    name: 'x',
    kind: 99,
    traceState: 'ot=th:8,,=,x',
    startTimeUnixNano: LARGEST,
    attributes: ATTRIBUTES,
    events: [{ name: 'e', attributes: ATTRIBUTES }],
    status: { code: 2 },
  },
  datapoint: { name: 'm', exponentialHistogram: { dataPoints: [DATA_POINT] } },
  log: { attributes: ATTRIBUTES, body: { kvlistValue: { values: ATTRIBUTES } }, timeUnixNano: LARGEST },
} as const;
const PATHS_OF = {
  span: PATHS,
  datapoint: ['value_int', 'positive', 'exemplars', 'metric.data_points', 'sum', 'count', 'time'],
  log: ['body', 'body.string', 'severity_number', 'trace_id', 'observed_time', 'log'],
};
const ANYWHERE = [
  'attributes',
  'attributes["a"]',
  'attributes["m"]["x"]',
  'attributes["l"][0]',
  'attributes["i"]',
  'resource',
  '"%d %-08.3f|%q"',
  '"(a+)"',
  '"1h"',
  '"%Y-%m-%d"',
  '"base64"',
  '"lower"',
  '64',
  '1.5e300',
];

function tried(source: string, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    assert.ok(thrown instanceof OttlError, `${JSON.stringify(source)}: ${String(thrown)}`);
    assert.ok(thrown.start >= 0 && thrown.start <= thrown.end && thrown.end <= source.length, JSON.stringify(source));
    assert.ok(thrown.located.length > 0);
  }
}

/** Expressions of these, and of converters with as many arguments as they take. */
function operandOf(leaves: readonly string[]): fc.Arbitrary<string> {
  const call = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc
      .constantFrom(...CONVERTERS.values())
      .chain(({ name, parameters }) =>
        fc.tuple(...parameters.map(() => value)).map((args) => `${name}(${args.join(', ')})`),
      );
  return fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(...leaves),
      call(tie('value')),
      fc.tuple(tie('value'), fc.constantFrom('+', '-', '*', '/'), tie('value')).map((parts) => parts.join(' ')),
      tie('value').map((value) => `(${value})`),
      fc.tuple(tie('value'), tie('value')).map((values) => `[${values.join(', ')}]`),
    ),
  })).value;
}

describe('OTTL', () => {
  it('parses or refuses, with a place', () => {
    fc.assert(
      fc.property(fc.oneof(near, any), fc.constantFrom(...CONTEXTS), (source, context) => {
        tried(source, () => void compileCondition(source, context));
        tried(source, () => void compileValue(source, context));
        tried(source, () => void compileStatement(source, 'span'));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a value or fails as an expression does', () => {
    const context = fc.constantFrom('span', 'datapoint', 'log');
    const operands = context.chain((name) => {
      const operand = operandOf([...PATHS_OF[name], ...ANYWHERE, ...LITERALS]);
      return fc.tuple(fc.constant(name), operand, operand, fc.constantFrom('==', '<', '>=', '!='));
    });
    fc.assert(
      fc.property(operands, ([name, left, right, operator]) => {
        tried(left, () => void valuesOf(name, ITEMS[name], left));
        const condition = `${left} ${operator} ${right}`;
        tried(condition, () => void holdsIn(name, ITEMS[name], condition));
      }),
      { numRuns: 6000 },
    );
  });
});
