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
    ['<a>'.repeat(1 << 17), 'ParseXML(attributes["a"])', 'error: the XML is nested too deeply'],
    ['<a>'.repeat(100) + '</a>'.repeat(100), 'Len(GetXML(attributes["a"], "/a/a"))', 99n * 7n],
    [
      `<!DOCTYPE a ${'['.repeat(1 << 20)}`,
      'GetXML(attributes["a"], "/")',
      'error: the XML ends inside of a declaration',
    ],
    ['&'.repeat(1 << 20), 'ParseXML(attributes["a"])', 'error: the XML has text outside of its elements'],
    [`<a>${'&amp;'.repeat(1 << 18)}</a>`, 'Len(GetXML(attributes["a"], "/a/text()"))', 5n << 18n],
    [
      `<r>${'<a/>'.repeat(5000)}</r>`,
      'GetXML(attributes["a"], "//a[//a[2]]")',
      'error: the XPath visits more than 1000000 nodes',
    ],
    [`<r>${'<a/><b>1</b>'.repeat(50_000)}</r>`, 'Len(GetXML(attributes["a"], "/r[a = b or a > b or b < b]"))', 0n],
    [`<r>${'<a/>'.repeat(5000)}</r>`, 'RemoveXML(attributes["a"], "//a")', '<r></r>'],
    [`<r>${'<a/>'.repeat(5000)}</r>`, 'InsertXML(attributes["a"], "//a", attributes["a"])', LONG],
    ['<a/>'.repeat(50_000), 'InsertXML(attributes["a"], "//a", attributes["a"])', LONG],
    [`"${'""'.repeat(1 << 20)}`, 'ParseCSV(attributes["a"], "x")', 'error: ParseCSV finds a quote that does not end'],
    [`x${'\n'.repeat(1 << 20)}y`, 'Len(ParseCSV(attributes["a"], "x")["x"])', (1n << 20n) + 2n],
    [`http://h/${'%41'.repeat(1 << 20)}`, 'Len(URL(attributes["a"])["url.path"])', (1n << 20n) + 1n],
    [`a/${'a'.repeat(1 << 20)}`, 'UserAgent(attributes["a"])["os.name"]', 'Other'],
    ['a'.repeat(1 << 20), 'UserAgent(attributes["a"])["os.name"]', 'Other'],
    ['1'.repeat(1 << 20), 'IsValidLuhn(attributes["a"])', false],
    ['1.'.repeat(1 << 15), 'Len(ExtractGrokPatterns(attributes["a"], "%{IP:ip}%{GREEDYDATA:rest}x", true))', 0n],
    ['%{WORD}'.repeat(1 << 14), 'ExtractGrokPatterns("x", attributes["a"])', 'error: the grok pattern is too long'],
    [':'.repeat(1 << 20), 'IsInCIDR(attributes["a"], ["::/0"])', false],
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
