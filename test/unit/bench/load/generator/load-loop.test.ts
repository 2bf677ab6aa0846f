import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadLoop } from '#bench/load/generator/load-loop.ts';
import { ACCEPTED, failed, type Answer, type Sender, type Shot } from '#bench/load/generator/sender.ts';
import { makeWorkload } from '#bench/load/payload/catalog.ts';
import { RepeatedArrivals, UniqueArrivals, type Accepted } from '#bench/load/sink/arrivals.ts';
import { Ledger } from '#bench/load/sink/ledger.ts';
import { SendSet } from '#bench/load/send-set.ts';

const workload = makeWorkload('shop', 4);
const HEAD = 3;
const BUSY: Answer = { outcome: 'refused', retryable: true, text: 'HTTP status 503: busy' };

/** Answers when told to. */
class FakeSender implements Sender {
  readonly flying: { readonly shot: Shot; readonly done: (answer: Answer) => void }[] = [];
  readonly ledger = new Ledger(workload, new UniqueArrivals(4));
  prepare(message: Buffer, spanIdAt: Uint32Array): Shot {
    return { bytes: Buffer.concat([Buffer.alloc(HEAD, 0xaa), message]), spanIdAt: spanIdAt.map((at) => at + HEAD) };
  }
  send(shot: Shot, done: (answer: Answer) => void): void {
    this.flying.push({ shot, done });
  }
  close(): void {}
  /** Answers the oldest request; accepted ones go into the ledger. */
  answer(answer: Answer = ACCEPTED): void {
    const { shot, done } = this.flying.shift() as (typeof this.flying)[number];
    assert.deepEqual(shot.bytes.subarray(0, HEAD), Buffer.alloc(HEAD, 0xaa));
    if (answer.outcome === 'accepted') this.ledger.take(shot.bytes, HEAD, shot.bytes.length);
    done(answer);
  }
}

const closed = (inFlight: number): { inFlight: number; rate: number } => ({ inFlight, rate: 0 });
function numbers(accepted: Accepted): number[] {
  assert.equal(accepted.numbers, 'unique');
  const set = new SendSet(accepted.accepted);
  return Array.from({ length: 1000 }, (_, n) => n).filter((n) => set.has(n));
}

test('keeps exactly N requests in flight and stops when the last is answered', async () => {
  const sender = new FakeSender();
  const loop = new LoadLoop(workload, sender, 'none', 8);
  loop.run(closed(8));
  assert.equal(sender.flying.length, 8);
  for (let i = 0; i < 100; i++) sender.answer();
  assert.equal(sender.flying.length, 8);
  const stopped = loop.stop();
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  assert.deepEqual(loop.totals, {
    sent: 108,
    accepted: 108,
    refused: 0,
    notRetryable: 0,
    failed: 0,
    unsent: 0,
    firstTrouble: null,
  });
  const verdict = sender.ledger.verdict(loop.accepted);
  assert.equal(verdict.received, 432);
  assert.equal(verdict.lost + verdict.duplicated + verdict.unexpected + verdict.foreign + verdict.altered, 0);
});

test('a buffer in flight is not stamped again, however the answers come back', async () => {
  const sender = new FakeSender();
  const loop = new LoadLoop(workload, sender, 'none', 64);
  loop.run(closed(64));
  const stuck = sender.flying.shift();
  assert.ok(stuck !== undefined);
  const before = Buffer.from(stuck.shot.bytes);
  for (let i = 0; i < 500; i++) sender.answer();
  assert.ok(stuck.shot.bytes.equals(before));
  const stopped = loop.stop();
  sender.flying.push(stuck);
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  assert.equal(sender.ledger.verdict(loop.accepted).lost, 0);
});

test('refused and unanswered requests are told apart and not counted as accepted', async () => {
  const sender = new FakeSender();
  const loop = new LoadLoop(workload, sender, 'none', 3);
  loop.run(closed(3));
  sender.answer(BUSY);
  sender.answer(failed('reset'));
  const stopped = loop.stop();
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  const { sent, accepted, refused, notRetryable, failed: broken, firstTrouble } = loop.totals;
  assert.deepEqual([sent, accepted, refused, notRetryable, broken], [3, 1, 1, 0, 1]);
  assert.equal(firstTrouble, 'HTTP status 503: busy');
  assert.deepEqual(numbers(loop.accepted), [2]);
});

test('a window counts the requests accepted while it is open, a slice those since the last', () => {
  const sender = new FakeSender();
  const loop = new LoadLoop(workload, sender, 'none', 2);
  loop.run(closed(2));
  sender.answer();
  loop.openWindow();
  for (let i = 0; i < 5; i++) sender.answer();
  assert.equal(loop.slice().accepted, 5);
  sender.answer();
  assert.equal(loop.slice().accepted, 1);
  const window = loop.closeWindow();
  sender.answer();
  assert.equal(window.accepted, 6);
  assert.ok(window.p50Ms >= 0 && window.p99Ms >= window.p50Ms && window.maxMs >= window.p99Ms);
});

test('compressed requests go out again and again under one send number each', async () => {
  const sender = new FakeSender();
  const inflated: Buffer[] = [];
  const { gunzipSync } = await import('node:zlib');
  sender.ledger.take = (bytes, start, end) => inflated.push(gunzipSync(bytes.subarray(start, end)));
  const loop = new LoadLoop(workload, sender, 'gzip', 1);
  loop.run(closed(1));
  for (let i = 0; i < 128; i++) sender.answer();
  const stopped = loop.stop();
  sender.answer();
  await stopped;
  assert.ok(loop.accepted.numbers === 'repeated');
  assert.deepEqual([...loop.accepted.accepted], [3, ...new Array<number>(63).fill(2)]);
  const ledger = new Ledger(workload, new RepeatedArrivals(4, 64));
  for (const message of inflated) ledger.take(message, 0, message.length);
  assert.equal(ledger.verdict(loop.accepted).lost + ledger.verdict(loop.accepted).duplicated, 0);
});

test('open loop: what is due leaves whatever became of the rest, and refusals do not slow it down', async () => {
  const sender = new FakeSender();
  const loop = new LoadLoop(workload, sender, 'none', 1000);
  loop.run({ inFlight: 1000, rate: 4 * 5000 }); // a request every 0.2 ms
  while (sender.flying.length < 50) await new Promise((turn) => setImmediate(turn));
  const before = loop.totals.sent;
  for (let i = 0; i < 50; i++) sender.answer(BUSY);
  while (loop.totals.sent < before + 50) await new Promise((turn) => setImmediate(turn));
  const stopped = loop.stop();
  while (sender.flying.length > 0) sender.answer();
  await stopped;
  const { sent, accepted, refused } = loop.totals;
  assert.equal(sent, accepted + refused);
  assert.equal(refused, 50);
  assert.equal(sender.ledger.verdict(loop.accepted).lost, 0);
});

test('open loop: no more than the limit is under way, and latency counts from when a request was due', async () => {
  const sender = new FakeSender();
  const loop = new LoadLoop(workload, sender, 'none', 64);
  loop.openWindow();
  const startedMs = performance.now();
  loop.run({ inFlight: 2, rate: 4 * 1000 });
  while (performance.now() < startedMs + 30) await new Promise((turn) => setImmediate(turn));
  assert.equal(sender.flying.length, 2);
  const stalledMs = performance.now() - startedMs;
  for (let i = 0; i < 10; i++) sender.answer(); // each lets one go that has been due for some time
  // the tenth was due 9 ms after the start and answered at once, yet it waited through the stall
  assert.ok(loop.closeWindow().p50Ms >= stalledMs - 15, `${loop.closeWindow().p50Ms} of ${stalledMs}`);
  const stopped = loop.stop();
  while (sender.flying.length > 0) sender.answer();
  await stopped;
});
