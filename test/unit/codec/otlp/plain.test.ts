/** What looks like the usual form of spans and attributes at first, and is not: shortcuts must leave it to the long way. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLongAttribute, PLAIN_TRACE_ID_AT, skipPlainAttributes, skipPlainHead } from '#codec/otlp/plain.ts';
import { scan, scanError } from '#codec/otlp/scan.ts';
import { TRACES } from '#shared/signal.ts';
import { delimited as field, tag, varint } from '#test/fuzz/codec-wire.ts';

const hex = (...parts: string[]): Buffer => Buffer.from(parts.join(''), 'hex');
const inSpan = (span: Buffer): Buffer => field(1, field(2, field(2, span)));
const count = (bytes: Buffer): number => scan(TRACES, bytes, 0, bytes.length, null);
const keyed = (value: Buffer): Buffer => field(9, Buffer.concat([field(1, 'k'), field(2, value)]));

describe('a span is refused for', () => {
  const refused: [string, Buffer, RegExp][] = [
    // Its first length byte alone would lead exactly to the end.
    [
      'a length of two bytes that reads well as one byte',
      hex('4a86', '0a3c', '6b'.repeat(60), '1246', '0a44', '76'.repeat(68)),
      /beyond the end/,
    ],
    ['bytes behind its value', hex('4a08', '0a016b', '12021001', 'ff'), /truncated varint/],
    ['a double of four bytes', keyed(hex('2100000000')), /truncated fixed-size value/],
    ['an int of two bytes without an end', keyed(hex('188080')), /truncated varint/],
    ['an int of eleven bytes', keyed(hex('18', '80'.repeat(10), '01')), /overlong varint/],
    ['an int of five bytes without an end', keyed(hex('18', '80'.repeat(5))), /truncated varint/],
    ['bytes behind an int of three bytes', keyed(hex('1880800180')), /(truncated|wrong|group|field|wire)/],
    ['a long text beyond its value', keyed(Buffer.concat([hex('0a8102'), Buffer.alloc(256)])), /beyond the end/],
    [
      'a key length of two bytes that reads well as one byte',
      field(9, Buffer.concat([hex('0a86', '0a'.repeat(0x86)), field(2, field(1, 'value'))])),
      /beyond the end/,
    ],
    ['a text without a length', keyed(hex('0a')), /truncated length/],
  ];
  for (const [what, attribute, reason] of refused) {
    it(what, () => {
      assert.equal(count(inSpan(attribute)), -1);
      assert.match(scanError(), reason);
      // Followed by bytes that a step too far would find.
      assert.equal(count(inSpan(Buffer.concat([attribute, keyed(hex('1001'))]))), -1);
    });
  }

  it('a head whose kind is something else', () => {
    const ids = Buffer.concat([field(1, Buffer.alloc(16)), field(2, Buffer.alloc(8)), field(5, 'n')]);
    assert.equal(count(inSpan(Buffer.concat([ids, hex('3802', '39', '00'.repeat(8), '41', '00'.repeat(8))]))), -1);
    assert.match(scanError(), /wrong wire type 0 for field 7/);
  });

  it('values nested too deeply, short or long', () => {
    for (const text of ['x', 'x'.repeat(200)]) {
      const nested = (arrays: number): Buffer => {
        let value = Buffer.concat([field(1, 'k'), field(2, field(1, text))]);
        // a list of keys and values in a value in a key and value: three messages each
        for (let i = 0; i < arrays; i++) value = Buffer.concat([field(1, 'k'), field(2, field(6, field(1, value)))]);
        return inSpan(field(9, value));
      };
      assert.equal(count(nested(31)), 1, scanError());
      assert.equal(count(nested(32)), -1);
      assert.match(scanError(), /nested too deeply/);
    }
  });
});

describe('shortcuts', () => {
  const text = (length: number): Buffer => keyed(field(1, 'v'.repeat(length)));

  it('take a run of plain attributes and stop at the first other one', () => {
    const double = keyed(hex('210000000000000000'));
    const run = Buffer.concat([text(3), keyed(hex('1001')), keyed(hex('189601')), double]);
    const bytes = Buffer.concat([run, text(200), text(1)]);
    assert.equal(skipPlainAttributes(bytes, 0, bytes.length, 0x4a), run.length);
    assert.equal(skipPlainAttributes(bytes, 0, run.length - 1, 0x4a), run.length - double.length);
    assert.equal(skipPlainAttributes(bytes, run.length, bytes.length, 0x4a), run.length);
    assert.equal(skipPlainAttributes(bytes, 0, bytes.length, 0x0a), 0);
  });

  it('know long texts and ints of any size', () => {
    const isLong = (value: Buffer): boolean => {
      const content = Buffer.concat([field(1, 'key'), field(2, value)]);
      return isLongAttribute(content, 0, content.length);
    };
    for (const length of [118, 127, 128, 16_000]) assert.equal(isLong(field(1, 'v'.repeat(length))), true);
    for (const value of [2 ** 14, 2 ** 40, -1]) assert.equal(isLong(Buffer.concat([tag(3, 0), varint(value)])), true);
    assert.equal(isLong(field(1, 'v'.repeat(20_000))), false);
    assert.equal(isLong(field(7, 'v'.repeat(200))), false);
  });

  it('take the head of a span as far as it is plain', () => {
    const ids = Buffer.concat([field(1, Buffer.alloc(16, 7)), field(2, Buffer.alloc(8, 1))]);
    const parent = field(4, Buffer.alloc(8, 2));
    const times = hex('3002', '39', '00'.repeat(8), '41', '00'.repeat(8));
    const rest = hex('7801');
    const head = (...parts: Buffer[]): number => {
      const bytes = Buffer.concat([...parts, rest]);
      return skipPlainHead(bytes, 0, bytes.length);
    };
    const name = field(5, 'GET /cart');
    assert.equal(head(ids, parent, name, times), 38 + name.length + 20);
    assert.equal(head(ids, name, times), 28 + name.length + 20);
    assert.equal(head(ids, field(3, 'state'), parent, name, times), 28);
    assert.equal(head(ids, name, times.subarray(2)), 28 + name.length);
    assert.equal(head(parent, name, times), 0);
    assert.equal(head(field(1, ''), name, times), 0);
    assert.equal(ids[PLAIN_TRACE_ID_AT], 7);
  });
});
