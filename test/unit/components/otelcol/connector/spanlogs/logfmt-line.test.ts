import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logfmtKey, LogfmtLine } from '#components/otelcol/connector/spanlogs/logfmt-line.ts';

function textOf(value: string | Buffer): string {
  const line = new LogfmtLine();
  const bytes = Buffer.from(value as string);
  line.text(bytes, 0, bytes.length);
  return line.buf.toString('latin1', 0, line.length);
}
const latin = (text: string): string => Buffer.from(text).toString('latin1');

describe('a value', () => {
  const cases: readonly (readonly [string | Buffer, string])[] = [
    ['', ''],
    ['plain', 'plain'],
    ['/a/b?c:d,e', '/a/b?c:d,e'],
    ['null', '"null"'],
    ['nulls', 'nulls'],
    ['a b', '"a b"'],
    ['a=b', '"a=b"'],
    ['say "hi"', '"say \\"hi\\""'],
    ['back\\slash', 'back\\slash'],
    ['back\\ slash', '"back\\\\ slash"'],
    ['a\nb\rc\td', '"a\\nb\\rc\\td"'],
    ['\u0000\u001f\u007f', '"\\u0000\\u001f\\u007f"'],
    ['<&>', '<&>'],
    ['žluťoučký', latin('žluťoučký')],
    ['😀 smile', latin('"😀 smile"')],
    ['\u2028', latin('\u2028')],
    ['\ufffd', '"\\ufffd"'],
    [Buffer.from([0x61, 0xff, 0x62]), '"a\\ufffdb"'],
    [Buffer.from([0xc3]), '"\\ufffd"'],
    [Buffer.from([0xe2, 0x82]), '"\\ufffd\\ufffd"'],
    [Buffer.from([0xed, 0xa0, 0x80]), '"\\ufffd\\ufffd\\ufffd"'],
    [Buffer.from([0xf0, 0x80, 0x80, 0x80]), '"\\ufffd\\ufffd\\ufffd\\ufffd"'],
    [Buffer.from([0xf4, 0x90, 0x80, 0x80]), '"\\ufffd\\ufffd\\ufffd\\ufffd"'],
    [Buffer.from([0xc0, 0xaf]), '"\\ufffd\\ufffd"'],
  ];
  for (const [value, wanted] of cases)
    it(`${JSON.stringify(value.toString('latin1' as never))} is ${JSON.stringify(wanted)}`, () =>
      assert.equal(textOf(value), wanted));

  it('of bytes needs no quotes for null', () => {
    const line = new LogfmtLine();
    line.bytes(Buffer.from('null'), 0, 4);
    assert.equal(line.buf.toString('utf8', 0, line.length), 'null');
  });

  it('may be longer than the memory so far, and quoted', () => {
    const long = `${'x'.repeat(5000)} ${'"'.repeat(3000)}`;
    assert.equal(textOf(long), JSON.stringify(long));
  });
});

describe('a key', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['svc', 'svc'],
    ['a b=c"d', 'abcd'],
    ['\u0001\u007f \ufffd', ''],
    ['žluť', 'žluť'],
    ['', ''],
  ];
  for (const [key, wanted] of cases) it(JSON.stringify(key), () => assert.equal(logfmtKey(key).toString(), wanted));
});

describe('a whole number', () => {
  for (const value of [0, 7, -7, 999_999_999, 1_000_000_000, 1_000_000_001, 2 ** 31, 2 ** 52, -(2 ** 52), 1e15])
    it(String(value), () => {
      const line = new LogfmtLine();
      line.integer(value);
      assert.equal(line.buf.toString('utf8', 0, line.length), String(value));
    });
});
