import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { copyBytes } from '#codec/protobuf/copy.ts';
import { Writer } from '#codec/protobuf/writer.ts';

describe('Writer', () => {
  for (const length of [0, 1, 127, 128, 16383, 16384, 3_000_000]) {
    it(`writes a message of ${length} bytes with a minimal length`, () => {
      const content = Buffer.alloc(length, 0x61);
      const writer = new Writer(8);
      const mark = writer.begin(1);
      if (length > 0) writer.raw(content);
      writer.end(mark);
      const direct = new Writer(8);
      direct.bytes(1, content);
      assert.ok(writer.finish().equals(direct.finish()));
    });
  }

  it('appends what another writer has written', () => {
    const from = new Writer();
    from.uint32(1, 5);
    const mid = from.length;
    from.string(2, 'x'.repeat(100));
    const writer = new Writer(8);
    writer.append(from, mid, from.length);
    writer.append(from, 0, mid);
    assert.ok(writer.finish().equals(Buffer.concat([from.finish().subarray(mid), from.finish().subarray(0, mid)])));
  });

  it('nests messages', () => {
    const writer = new Writer();
    const outer = writer.begin(1);
    const inner = writer.begin(2);
    writer.string(3, 'x'.repeat(200));
    writer.end(inner);
    writer.uint32(4, 5);
    writer.end(outer);
    const bytes = writer.finish();
    assert.equal(bytes.subarray(0, 9).toString('hex'), '0ad00112cb011ac801');
    assert.equal(bytes.subarray(-2).toString('hex'), '2005');
    assert.equal(bytes.length, writer.length);
  });

  it('starts over after reset, and what finish returned stays', () => {
    const writer = new Writer();
    writer.uint32(1, 1);
    const first = writer.finish();
    writer.reset().uint32(1, 2);
    assert.equal(first.toString('hex'), '0801');
    assert.equal(writer.finish().toString('hex'), '0802');
  });

  it('takes back what was written last, also a message that was begun', () => {
    const writer = new Writer();
    const outer = writer.begin(1);
    writer.uint32(1, 1);
    const before = writer.length;
    writer.begin(2);
    writer.string(3, 'x'.repeat(200));
    writer.cut(before);
    writer.uint32(2, 2);
    writer.end(outer);
    assert.equal(writer.finish().toString('hex'), '0a0408011002');
  });
});

describe('copyBytes', () => {
  const source = Buffer.from(Array.from({ length: 300 }, (_, i) => i & 0xff));
  for (const [start, end] of [
    [0, 0],
    [0, 300],
    [1, 300],
    [0, 299],
    [5, 20],
    [3, 200],
  ] as const) {
    for (const shared of [false, true]) {
      it(`copies [${start}, ${end}) into ${shared ? 'shared' : 'own'} memory and nothing else`, () => {
        const target = shared ? Buffer.from(new SharedArrayBuffer(400)) : Buffer.alloc(400);
        target.fill(0xee);
        copyBytes(source, start, end, target, 7);
        const expected = Buffer.alloc(400, 0xee);
        expected.set(source.subarray(start, end), 7);
        assert.deepEqual(Buffer.from(target), expected);
      });
    }
  }
});
