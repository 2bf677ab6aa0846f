/** Converters that look at the item they stand in. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EvaluationError } from '#ottl/error.ts';
import { compileValue } from '#ottl/expression.ts';
import { ADJUSTED_COUNT, adjustedCount } from '#ottl/functions/items.ts';
import { withConverters } from '#ottl/functions/library.ts';
import { int, text, valueIn, valuesOf } from '#test/support/ottl.ts';

describe('of a span', () => {
  for (const [expression, span, expected] of [
    ['IsRootSpan()', {}, true],
    ['IsRootSpan()', { parentSpanId: Buffer.alloc(8) }, true],
    ['IsRootSpan()', { parentSpanId: Buffer.alloc(8, 1) }, false],
  ] as const)
    test(`${expression} ${JSON.stringify(span)}`, () => assert.equal(valueIn('span', span, expression), expected));

  test('IsRootSpan is for spans', () => {
    assert.throws(() => compileValue('IsRootSpan()', 'log'), /not for the context log/);
    assert.throws(() => compileValue('IsRootSpan(1)', 'span'), /takes no arguments/);
  });
});

describe('of a metric', () => {
  const points = [{ attributes: [text('a', 'x')] }, { attributes: [int('n', 2), text('\u2603', '')] }];
  const rows: Readonly<Record<string, boolean>> = {
    'HasAttrKeyOnDatapoint("a")': true,
    'HasAttrKeyOnDatapoint("n")': true,
    'HasAttrKeyOnDatapoint("none")': false,
    'HasAttrKeyOnDatapoint("\u2603")': true,
    'HasAttrKeyOnDatapoint("")': false,
    'HasAttrOnDatapoint("a", "x")': true,
    'HasAttrOnDatapoint("a", "y")': false,
    'HasAttrOnDatapoint("n", "2")': true,
    'HasAttrOnDatapoint("\u2603", "")': true,
    'HasAttrOnDatapoint("none", "")': false,
  };
  for (const [expression, expected] of Object.entries(rows))
    test(expression, () =>
      assert.equal(valueIn('metric', { name: 'm', gauge: { dataPoints: points } }, expression), expected),
    );

  test('one without points has none of it', () =>
    assert.equal(valueIn('metric', { name: 'm' }, 'HasAttrKeyOnDatapoint("a")'), false));

  test('arguments are literals', () =>
    assert.throws(() => compileValue('HasAttrKeyOnDatapoint(name)', 'metric'), /string literal/));
});

describe('AdjustedCount (signaltometrics)', () => {
  test('by the threshold in the trace state', () => {
    assert.equal(adjustedCount(''), 1);
    assert.equal(adjustedCount('vendor=x'), 1);
    assert.equal(adjustedCount('ot=th:8'), 2);
    assert.equal(adjustedCount('vendor=1, ot=rv:1;th:c'), 4);
    assert.equal(adjustedCount('ot=th:0'), 1);
    assert.throws(() => adjustedCount('ot=th:zz'), EvaluationError);
  });

  test('is known only where it is asked for', () => {
    const more = withConverters(ADJUSTED_COUNT);
    assert.deepEqual(valuesOf('span', { traceState: 'ot=th:8' }, 'Int(AdjustedCount())', more), [2n]);
    assert.throws(() => compileValue('AdjustedCount()', 'span'), /no converter/);
    assert.throws(() => compileValue('AdjustedCount()', 'log', more), /not for the context log/);
  });
});
