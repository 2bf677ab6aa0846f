import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '#components/kit/component.ts';
import type { RingPair } from '#shared/control.ts';
import { ANSWER_BYTES, FrameView } from '#shared/frame.ts';
import { createGate, Gate } from '#shared/gate.ts';
import { Outcome } from '#shared/outcome.ts';
import type { PlanEntry } from '#shared/plan.ts';
import { RingReader, RingWriter } from '#shared/ring.ts';
import { LOGS, METRICS, TRACES } from '#shared/signal.ts';
import { createRingPair, Producer } from '#shard/producer.ts';
import { FakeClock } from '#test/support/fake-clock.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { makeTraces } from '#test/support/payloads.ts';

const request = makeTraces({ spans: 5, seed: 1 });
const entries = (...traces: string[]): PlanEntry[] => [{ index: 3, id: 'in', next: { traces, metrics: [], logs: [] } }];
function made(thread: string | null = null): { producer: Producer; meter: FakeMeter } {
  const meter = new FakeMeter();
  const offered = meter.counter({ name: 'offered', help: '' });
  return { producer: new Producer({ workers: 1, clock: new FakeClock(), meter, thread, offered }), meter };
}
const offer = (entry: Entry, answers: Outcome[]): void =>
  entry.offer(TRACES, request, null, (outcome) => void answers.push(outcome));

/** Answers the oldest frame as a worker would. */
function answer({ frames, answers }: RingPair, outcome: Outcome): void {
  const reader = new RingReader(frames);
  assert.ok(reader.peek());
  const view = new FrameView();
  view.read(reader);
  reader.release();
  const writer = new RingWriter(answers);
  const at = writer.reserve(ANSWER_BYTES) >> 2;
  writer.words[at] = view.slot;
  writer.words[at + 1] = outcome;
  writer.commit();
  writer.ring();
}

test('an entry follows what the plan says of its receiver', () => {
  const { producer } = made();
  const entry = producer.entry('in');
  const answers: Outcome[] = [];
  producer.setEntries(entries('x'));
  assert.deepEqual([entry.has(TRACES), entry.has(LOGS)], [true, false]);
  offer(entry, answers);
  producer.setEntries([]);
  assert.equal(entry.has(LOGS), true, 'the last requests of one that is gone are not turned away for good');
  offer(entry, answers);
  assert.deepEqual(answers, [Outcome.workerLost, Outcome.notReady]);
});

test('a worker that goes: answers that it still gave count, the others are lost, and its successor gets fresh rings', () => {
  const { producer } = made();
  producer.setEntries(entries('x'));
  const entry = producer.entry('in');
  const rings = createRingPair(1 << 16);
  producer.attach(0, rings);
  const answers: Outcome[] = [];
  offer(entry, answers);
  offer(entry, answers);
  answer(rings, Outcome.accepted);
  assert.equal(producer.detach(0), 1);
  assert.deepEqual(answers, [Outcome.accepted, Outcome.workerLost]);
  offer(entry, answers);
  assert.equal(answers[2], Outcome.workerLost);
  const fresh = createRingPair(1 << 16);
  producer.attach(0, fresh);
  offer(entry, answers);
  answer(fresh, Outcome.accepted);
  assert.equal(producer.detach(0), 0);
  assert.equal(answers[3], Outcome.accepted);
});

test('refusals are counted by reason, wherever they come from', () => {
  const { producer, meter } = made();
  producer.setEntries(entries('x'));
  const entry = producer.entry('in');
  const answers: Outcome[] = [];
  offer(entry, answers);
  const rings = createRingPair(1 << 16);
  producer.attach(0, rings);
  offer(entry, answers);
  answer(rings, Outcome.queueFull);
  producer.detach(0);
  entry.offer(TRACES, request.subarray(0, 20), null, (o) => void answers.push(o));
  producer.close();
  offer(entry, answers);
  const counted = (reason: string): number => meter.value('millrace_refused_requests_total', { reason });
  assert.deepEqual(
    ['worker_lost', 'queue_full', 'malformed', 'stopping'].map(counted),
    [1, 1, 1, 1],
    JSON.stringify(answers),
  );
});

test('one of several threads labels what cannot be summed, and counts its requests', () => {
  const { producer, meter } = made('ingest-1');
  offer(producer.entry('in'), []);
  producer.publish();
  assert.equal(meter.value('offered'), 1);
  assert.equal(meter.value('millrace_ack_latency_seconds', { thread: 'ingest-1', percentile: '99' }), 0);
  assert.equal(meter.value('millrace_requests_in_flight'), 0);
});

test('admits no request of a signal while all gates before it are closed, and counts it', () => {
  const { producer, meter } = made();
  const [a, b] = [createGate(), createGate()];
  const gated = (...traces: SharedArrayBuffer[]): PlanEntry[] => [{ ...entries('x')[0], gates: { traces } }];
  const entry = producer.entry('in');
  assert.equal(entry.admit(TRACES), Outcome.accepted, 'nothing is known of it yet');
  producer.setEntries(gated(a, b));
  new Gate(a).close(Outcome.memoryLimit);
  assert.equal(entry.admit(TRACES), Outcome.accepted);
  new Gate(b).close(Outcome.memoryLimit);
  assert.deepEqual(
    [TRACES, METRICS, LOGS].map((signal) => entry.admit(signal)),
    [Outcome.memoryLimit, 0, 0],
  );
  assert.equal(meter.value('offered'), 1);
  assert.equal(meter.value('millrace_refused_requests_total', { reason: 'memory_limit' }), 1);
  new Gate(a).open();
  assert.equal(entry.admit(TRACES), Outcome.accepted);
  new Gate(a).close(Outcome.memoryLimit);
  producer.setEntries(entries('x'));
  assert.equal(entry.admit(TRACES), Outcome.accepted, 'the next plan has no gate');
});
