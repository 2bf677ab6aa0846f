/**
 * Scenario: expressions meet data that is meant to hurt.
 * Guarantees: what fails does so as EvaluationError; no text takes time in the square of its length, or becomes many times what came
 * in; messages are short.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isMap } from '#ottl/value.ts';
import { text, valueIn } from '#test/support/ottl.ts';

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
