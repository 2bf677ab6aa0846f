import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { allLabelsText, labelsText, sortedLabels } from '#codec/loki/labels.ts';
import { pushJson, pushProto } from '#codec/loki/push.ts';
import { STREAM } from '#codec/loki/fields.ts';
import { countLines, StreamWriter } from '#codec/loki/streams.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import { Writer } from '#codec/protobuf/writer.ts';
import { linesBatch, linesIn, oracleLines, oraclePush, parseLabels, type TestLine } from '#test/support/loki.ts';

const text = fc.string({ unit: 'binary' }).map((one) => one.toWellFormed());
const pairs = fc.dictionary(text, text, { maxKeys: 4 }).map((one) => ({ ...one }));
const lines: fc.Arbitrary<TestLine[]> = fc.array(
  fc.record({ labels: pairs, at: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), line: text, meta: pairs }),
  { minLength: 1, maxLength: 6 },
);

test('lines read back as they were written, whatever is in them, to the nanosecond', () => {
  fc.assert(
    fc.property(lines, (some) => {
      const { bytes } = linesBatch(some);
      assert.deepEqual(linesIn(bytes), some.map(sorted));
      assert.equal(countLines(bytes), some.length);
    }),
  );
});

const sorted = (line: TestLine): TestLine => ({
  ...line,
  labels: Object.fromEntries(sortedLabels(Object.entries(line.labels))),
});

test('the oracle reads what we write between components', () => {
  const { bytes } = linesBatch([
    { labels: { b: '2', a: '1' }, at: 1_700_000_000_000_000_001n, line: 'x', meta: { trace: 'abc' } },
    { labels: { b: '2', a: '1' }, at: -1n, line: '' },
  ]);
  assert.deepEqual(oracleLines(bytes), {
    streams: [
      {
        labels: [
          { name: 'a', value: '1' },
          { name: 'b', value: '2' },
        ],
        entries: [
          {
            timestamp: { seconds: '1700000000', nanos: 1 },
            line: 'x',
            structuredMetadata: [{ name: 'trace', value: 'abc' }],
          },
          { timestamp: { seconds: '-1', nanos: 999_999_999 } },
        ],
      },
    ],
  });
});

test('a stream without lines is not there', () => {
  const writer = new StreamWriter();
  writer.stream([['a', '1']]);
  writer.stream([['a', '2']]);
  writer.entry({ timeNs: 1n, line: 'x', metadata: [] });
  writer.stream([['a', '3']]);
  assert.equal(writer.items, 1);
  assert.deepEqual(linesIn(writer.finish()), [{ labels: { a: '2' }, at: 1n, line: 'x', meta: {} }]);
  assert.equal(writer.items, 0);
});

test('labels as text: sorted, quoted as Go does, without internal ones', () => {
  assert.equal(labelsText([]), '{}');
  const labels = sortedLabels([
    ['msg', 'say "hi"\\\n\t\u0000\u007f'],
    ['__tenant_id__', 'x'],
    ['city', 'Zürich 東京 😀'],
    ['odd', '\u200b\u0085\ufffd\ud800'],
    ['msg2', ''],
  ]);
  assert.equal(
    labelsText(labels),
    String.raw`{city="Zürich 東京 😀", msg="say \"hi\"\\\n\t\x00\x7f", msg2="", odd="\u200b\u0085` + '\ufffd\ufffd"}',
  );
  assert.match(allLabelsText(labels), /^\{__tenant_id__="x", city=/);
});

test('labels as text read back', () => {
  const name = fc.stringMatching(/^[a-z]\w{0,5}$/);
  fc.assert(
    fc.property(fc.dictionary(name, text, { maxKeys: 5 }), (labels) => {
      const list = sortedLabels(Object.entries(labels));
      assert.deepEqual(parseLabels(labelsText(list)), { ...labels });
    }),
    { numRuns: 500 },
  );
});

test('names are sorted by their bytes, of equal ones the last stays', () => {
  assert.deepEqual(
    sortedLabels([
      ['\u{10000}', '4'],
      ['\uffff', '3'],
      ['b', 'old'],
      ['Z', '1'],
      ['b', '2'],
    ]).map(([, value]) => value),
    ['1', '2', '3', '4'],
  );
});

const ENTRIES = ((): Buffer => {
  const writer = new Writer();
  const inner = linesBatch([
    { labels: { a: '1' }, at: 1_700_000_000_123_456_789n, line: 'one' },
    { labels: { a: '1' }, at: 2n, line: 'two', meta: { k: 'v' } },
  ]).bytes;
  // The fields `entries` of the only stream lie behind its label.
  const from = inner.indexOf(Buffer.of((STREAM.entries << 3) | 2), 8);
  writer.raw(inner, from);
  return writer.finish();
})();

test('a push request in protobuf is what the oracle expects', () => {
  const push = oraclePush(
    pushProto([
      {
        labels: [
          ['__x', '0'],
          ['a', '1'],
        ],
        entries: ENTRIES,
      },
    ]),
  );
  assert.deepEqual(push, {
    streams: [
      {
        labels: '{a="1"}',
        entries: [
          { timestamp: { seconds: '1700000000', nanos: 123_456_789 }, line: 'one' },
          { timestamp: { nanos: 2 }, line: 'two', structuredMetadata: [{ name: 'k', value: 'v' }] },
        ],
      },
    ],
  });
});

test('a push request in JSON: times as text, so that no digit is lost', () => {
  assert.deepEqual(JSON.parse(pushJson([{ labels: [['a', '1']], entries: ENTRIES }])), {
    streams: [
      {
        stream: { a: '1' },
        values: [
          ['1700000000123456789', 'one'],
          ['2', 'two', { k: 'v' }],
        ],
      },
    ],
  });
});

test('bytes that are no lines are refused, and nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        countLines(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof ProtobufError);
      }
    }),
  );
});
