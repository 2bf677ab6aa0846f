import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Splice } from '#codec/otlp/splice.ts';

const source = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

describe('Splice', () => {
  it('nests messages around copied ranges and knows the size before writing', () => {
    const splice = new Splice();
    splice.begin(0x0a);
    splice.range(1, 3);
    splice.begin(0x12);
    splice.range(3, 4);
    splice.end();
    splice.range(4, 6);
    splice.end();
    splice.range(9, 10);
    const expected = [0x0a, 7, 1, 2, 0x12, 1, 3, 4, 5, 9];
    assert.equal(splice.size, expected.length);
    assert.deepEqual([...splice.toBuffer(source)], expected);
  });

  it('writes lengths in as few bytes as they need', () => {
    const splice = new Splice();
    splice.begin(0x0a);
    splice.range(0, 200);
    splice.end();
    assert.equal(splice.size, 203);
    assert.deepEqual([...splice.toBuffer(source).subarray(0, 4)], [0x0a, 0xc8, 0x01, 0]);
  });

  it('says what the size would be with more in the innermost message', () => {
    const splice = new Splice();
    splice.begin(0x0a);
    splice.begin(0x12);
    splice.range(0, 120);
    const announced = splice.sizeWith(10);
    splice.range(200, 210);
    splice.end();
    splice.end();
    assert.equal(splice.size, announced);
    assert.equal(splice.toBuffer(source).length, announced);
  });

  it('takes a message back with all that is in it', () => {
    const splice = new Splice();
    splice.range(0, 2);
    splice.begin(0x0a);
    splice.range(2, 4);
    splice.begin(0x12);
    splice.cancel();
    splice.cancel();
    splice.range(2, 3);
    assert.deepEqual([...splice.toBuffer(source)], [0, 1, 2]);
  });

  it('keeps the sizes of messages whose ranges touch across an end', () => {
    const splice = new Splice();
    splice.begin(0x0a);
    splice.range(0, 2);
    splice.end();
    splice.range(2, 4);
    assert.deepEqual([...splice.toBuffer(source)], [0x0a, 2, 0, 1, 2, 3]);
  });

  it('and when another message was taken back in between', () => {
    const splice = new Splice();
    splice.begin(0x0a);
    splice.range(0, 2);
    splice.end();
    splice.begin(0x12);
    splice.range(8, 9);
    splice.cancel();
    splice.range(2, 4);
    assert.deepEqual([...splice.toBuffer(source)], [0x0a, 2, 0, 1, 2, 3]);
  });

  it('does not take the start of an empty message for a range', () => {
    const splice = new Splice();
    splice.begin(0x0a);
    splice.end();
    splice.range(0, 2);
    assert.deepEqual([...splice.toBuffer(source)], [0x0a, 0, 0, 1]);
  });

  it('is empty again after reset', () => {
    const splice = new Splice();
    splice.range(0, 2);
    splice.reset();
    assert.equal(splice.size, 0);
    assert.equal(splice.toBuffer(source).length, 0);
  });
});
