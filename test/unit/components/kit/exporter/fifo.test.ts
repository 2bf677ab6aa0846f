import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Fifo } from '#components/kit/exporter/fifo.ts';

it('gives back in order what was put in, also when it is filled and emptied in turns', () => {
  const fifo = new Fifo<number>();
  let put = 0;
  let taken = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < (round * 7) % 13; i++) fifo.push(put++);
    for (let i = 0; i < (round * 5) % 11 && fifo.length > 0; i++) {
      assert.equal(fifo.peek(), taken);
      assert.equal(fifo.shift(), taken++);
    }
    assert.equal(fifo.length, put - taken);
  }
  while (fifo.length > 0) assert.equal(fifo.shift(), taken++);
  assert.equal(taken, put);
  assert.equal(fifo.shift(), undefined);
  assert.equal(fifo.peek(), undefined);
});
