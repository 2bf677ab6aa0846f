import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FIXED32, FIXED64, LENGTH, ProtobufError, START_GROUP, VARINT } from '#codec/protobuf/limits.ts';
import { Reader } from '#codec/protobuf/reader.ts';
import { Writer } from '#codec/protobuf/writer.ts';

const over = (hex: string): Reader => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return new Reader().reset(bytes, 0, bytes.length);
};

function readAll(reader: Reader): void {
  while (reader.next());
}

describe('Reader', () => {
  it('reads back every kind of field that Writer writes', () => {
    const writer = new Writer(4);
    writer.uint32(1, 300);
    writer.varint64(2, 0xffff_ffff, 0xffff_ffff);
    writer.fixed64(3, 1, 2);
    writer.string(4, 'grüße');
    const mark = writer.begin(5);
    writer.bool(1, true);
    writer.end(mark);
    writer.fixed32(16, 0xffff_fffe);
    writer.double(2 ** 29 - 1, -0.5);
    const bytes = writer.finish();
    const reader = new Reader().reset(bytes, 0, bytes.length);
    const seen: unknown[] = [];
    const note = (...what: unknown[]): void => void seen.push([reader.field, reader.wire, ...what]);
    assert.ok(reader.next());
    note(reader.uint32());
    assert.ok(reader.next());
    note(reader.int64(), reader.uint64(), reader.int32());
    assert.ok(reader.next());
    note(reader.uint64());
    assert.ok(reader.next());
    note(reader.string(), reader.bytes().length);
    assert.ok(reader.next());
    const child = new Reader().reset(bytes, reader.start, reader.stop);
    assert.ok(child.next());
    note(child.field, child.bool());
    assert.equal(child.next(), false);
    assert.ok(reader.next());
    note(reader.fixed32());
    assert.ok(reader.next());
    note(reader.double());
    assert.equal(reader.next(), false);
    assert.deepEqual(seen, [
      [1, VARINT, 300],
      [2, VARINT, -1n, 2n ** 64n - 1n, -1],
      [3, FIXED64, 2n ** 33n + 1n],
      [4, LENGTH, 'grüße', 7],
      [5, LENGTH, 1, true],
      [16, FIXED32, 0xffff_fffe],
      [2 ** 29 - 1, FIXED64, -0.5],
    ]);
  });

  it('gives the whole field as fieldStart to pos, tag included', () => {
    const reader = over('0801 1202abcd');
    assert.ok(reader.next() && reader.next());
    assert.deepEqual([reader.fieldStart, reader.start, reader.stop, reader.pos], [2, 4, 6, 6]);
  });

  it('steps over groups, nested ones too', () => {
    const reader = over('0b 1001 1b 0d00000000 1c 0c 1801');
    assert.ok(reader.next());
    assert.deepEqual([reader.field, reader.wire], [1, START_GROUP]);
    assert.ok(reader.next());
    assert.deepEqual([reader.field, reader.lo], [3, 1]);
  });

  it('accepts padded varints up to ten bytes', () => {
    const reader = over('08 8180808080808080 8000');
    assert.ok(reader.next());
    assert.equal(reader.uint64(), 1n);
  });

  for (const [what, hex] of [
    ['a truncated tag', '80'],
    ['a missing value', '08'],
    ['a truncated varint', '0880'],
    ['a varint of eleven bytes', '08 8080808080808080808001'],
    ['a tag of six bytes', '888080808000 01'],
    ['field number 0', '0001'],
    ['wire type 6', '0e'],
    ['wire type 7', '0f'],
    ['a short fixed32', '0d000000'],
    ['a short fixed64', '0900000000000000'],
    ['a length beyond the end', '0a02 00'],
    ['a length of more than 32 bits', '0a 808080808001'],
    ['an end of a group alone', '0c'],
    ['a group without an end', '0b 0801'],
    ['the end of another group', '0b 14'],
    ['groups nested 101 deep', '0b'.repeat(101) + '0c'.repeat(101)],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readAll(over(hex)), ProtobufError);
    });
  }

  it('never reads beyond its end into the rest of the buffer', () => {
    const bytes = Buffer.from('0a0461626364', 'hex');
    assert.throws(() => readAll(new Reader().reset(bytes, 0, 5)), ProtobufError);
  });
});
