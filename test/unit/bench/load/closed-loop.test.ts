import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClosedLoop } from '#bench/load/closed-loop.ts';
import { Ledger } from '#bench/load/ledger.ts';
import type { Refusal, Sender } from '#bench/load/sender.ts';
import { makeWorkload } from '#bench/load/workload.ts';

const workload = makeWorkload(4);

/** Answers when told to. */
class FakeSender implements Sender {
  readonly flying: { readonly buffer: Buffer; readonly done: (refusal: Refusal, answered: boolean) => void }[] = [];
  readonly ledger = new Ledger(workload);
  headBytes(): number {
    return 3;
  }
  writeHead(buffer: Buffer): void {
    buffer.fill(0xaa, 0, 3);
  }
  send(buffer: Buffer, done: (refusal: Refusal, answered: boolean) => void): void {
    this.flying.push({ buffer, done });
  }
  close(): void {}
  /** Answers the oldest request; accepted ones go into the ledger. */
  answer(refusal: Refusal = '', answered = true): void {
    const { buffer, done } = this.flying.shift() as (typeof this.flying)[number];
    assert.deepEqual(buffer.subarray(0, 3), Buffer.alloc(3, 0xaa));
    if (refusal === '') this.ledger.take(buffer, 3, buffer.length);
    done(refusal, answered);
  }
}

test('keeps exactly N requests in flight and stops when the last is answered', async () => {
  const sender = new FakeSender();
  const loop = new ClosedLoop(workload, sender, 'none', 8, 0);
  loop.start();
  assert.equal(sender.flying.length, 8);
  for (let i = 0; i < 100; i++) sender.answer();
  assert.equal(sender.flying.length, 8);
  const stopped = loop.stop();
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  assert.deepEqual(loop.totals, { accepted: 108, refused: 0, failed: 0, firstTrouble: null });
  const verdict = sender.ledger.verdict(loop.accepted);
  assert.equal(verdict.received, 432);
  assert.equal(verdict.lost + verdict.duplicated + verdict.unexpected + verdict.foreign + verdict.altered, 0);
});

test('a buffer in flight is not stamped again, however the answers come back', async () => {
  const sender = new FakeSender();
  const loop = new ClosedLoop(workload, sender, 'none', 64, 0);
  loop.start();
  const stuck = sender.flying.shift();
  assert.ok(stuck !== undefined);
  const before = Buffer.from(stuck.buffer);
  for (let i = 0; i < 500; i++) sender.answer();
  assert.ok(stuck.buffer.equals(before));
  const stopped = loop.stop();
  sender.flying.push(stuck);
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  assert.equal(sender.ledger.verdict(loop.accepted).lost, 0);
});

test('refused and unanswered requests are told apart and not counted as accepted', async () => {
  const sender = new FakeSender();
  const loop = new ClosedLoop(workload, sender, 'none', 3, 0);
  loop.start();
  sender.answer('HTTP status 503: busy');
  sender.answer('no answer: reset', false);
  const stopped = loop.stop();
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  assert.deepEqual(loop.totals, { accepted: 1, refused: 1, failed: 1, firstTrouble: 'HTTP status 503: busy' });
  assert.deepEqual([...loop.accepted.subarray(0, 3)], [0, 0, 1]);
});

test('a window counts the spans accepted while it is open', () => {
  const sender = new FakeSender();
  const loop = new ClosedLoop(workload, sender, 'none', 2, 0);
  loop.start();
  sender.answer();
  loop.openWindow();
  for (let i = 0; i < 5; i++) sender.answer();
  const window = loop.closeWindow();
  sender.answer();
  assert.equal(window.acceptedSpans, 20);
  assert.ok(window.p50Ms >= 0 && window.p99Ms >= window.p50Ms && window.maxMs >= window.p99Ms);
});

test('compressed requests go out again and again under one send number each', async () => {
  const sender = new FakeSender();
  const inflated: Buffer[] = [];
  const { gunzipSync } = await import('node:zlib');
  sender.ledger.take = (bytes, start, end) => void inflated.push(gunzipSync(bytes.subarray(start, end)));
  const loop = new ClosedLoop(workload, sender, 'gzip', 1, 0);
  loop.start();
  for (let i = 0; i < 128; i++) sender.answer();
  const stopped = loop.stop();
  sender.answer();
  await stopped;
  assert.deepEqual([...loop.accepted], [3, ...new Array<number>(63).fill(2)]);
  const ledger = new Ledger(workload);
  for (const message of inflated) ledger.take(message, 0, message.length);
  assert.equal(ledger.verdict(loop.accepted).lost + ledger.verdict(loop.accepted).duplicated, 0);
});
