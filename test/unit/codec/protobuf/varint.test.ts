import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unzigzag32, varint32Size, writeVarint32, writeVarint64, zigzag32 } from '#codec/protobuf/varint.ts';
import protobuf from 'protobufjs';

const EDGES = [0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

describe('varint', () => {
  for (const value of EDGES) {
    it(`${value} is written minimally, in the size that was announced`, () => {
      const buf = Buffer.alloc(10, 0xff);
      const end = writeVarint32(buf, 0, value);
      assert.equal(end, varint32Size(value));
      assert.deepEqual(buf.subarray(0, end), Buffer.from(protobuf.Writer.create().uint32(value).finish()));
    });
  }

  for (const value of [
    0n,
    127n,
    128n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 35n - 1n,
    2n ** 53n + 1n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]) {
    it(`${value} is written from two halves`, () => {
      const buf = Buffer.alloc(10);
      const end = writeVarint64(buf, 0, Number(value & 0xffff_ffffn), Number(value >> 32n));
      let read = 0n;
      for (let i = end - 1; i >= 0; i--) read = (read << 7n) | BigInt(buf[i] & 0x7f);
      assert.equal(read, value);
      assert.ok(end === 1 || buf[end - 1] !== 0, 'no padding');
    });
  }

  it('zigzag maps small magnitudes to small numbers and back', () => {
    for (const value of [0, -1, 1, -2, 2, 2 ** 31 - 1, -(2 ** 31)]) assert.equal(unzigzag32(zigzag32(value)), value);
    assert.deepEqual([0, -1, 1, -2].map(zigzag32), [0, 1, 2, 3]);
  });
});
