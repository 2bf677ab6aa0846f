import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Admission } from '#shard/admission.ts';
import { Congestion } from '#shard/congestion.ts';
import { RequestTable } from '#shard/requests.ts';
import { Turn } from '#shard/turn.ts';
import { FrameView } from '#shared/frame.ts';
import { Outcome } from '#shared/outcome.ts';
import { RingReader, RingWriter, createRing } from '#shared/ring.ts';
import { TRACES } from '#shared/signal.ts';
import { listSpanIds } from '#test/support/otlp-proto.ts';
import { makeTraces } from '#test/support/payloads.ts';

interface Door {
  readonly admission: Admission;
  readonly requests: RequestTable;
  readonly readers: RingReader[];
  readonly answers: [Outcome, number, string | undefined][];
  readonly clock: { ms: number };
  offer(bytes: Buffer, metadata?: ReadonlyMap<string, readonly string[]>): void;
}

function door(workers: number, ringBytes = 1 << 20): Door {
  const clock = { ms: 0 };
  const congestion = new Congestion(workers, () => clock.ms);
  const requests = new RequestTable(
    workers,
    () => clock.ms,
    congestion,
    () => {},
  );
  const admission = new Admission(workers, requests, congestion, new Turn());
  const readers: RingReader[] = [];
  for (let w = 0; w < workers; w++) {
    const memory = createRing(ringBytes);
    admission.attach(w, new RingWriter(memory));
    readers.push(new RingReader(memory));
  }
  const answers: Door['answers'] = [];
  return {
    admission,
    requests,
    readers,
    answers,
    clock,
    offer: (bytes, metadata) =>
      admission.offer(7, TRACES, bytes, metadata ?? null, (o, n, detail) => answers.push([o, n, detail])),
  };
}

function frames(reader: RingReader): { view: FrameView; bytes: Buffer; metadata: unknown }[] {
  const found: { view: FrameView; bytes: Buffer; metadata: unknown }[] = [];
  while (reader.peek()) {
    const view = new FrameView();
    view.read(reader);
    found.push({
      view,
      bytes: Buffer.from(reader.data.subarray(view.payloadStart, view.payloadEnd)),
      metadata: view.metadata(reader),
    });
    reader.release();
  }
  return found;
}

const request = makeTraces({ spans: 50, resources: 3, seed: 11 });

test('one worker: the request goes as it came, with its entry, items and metadata', () => {
  const { offer, readers, answers, requests } = door(1);
  offer(request, new Map([['x-tenant', ['a', 'b']]]));
  const [frame] = frames(readers[0]);
  assert.ok(frame);
  assert.deepEqual([frame.view.signal, frame.view.entry, frame.view.items], [TRACES, 7, 50]);
  assert.ok(frame.bytes.equals(request));
  assert.deepEqual(frame.metadata, new Map([['x-tenant', ['a', 'b']]]));
  assert.deepEqual(answers, []);
  requests.answer(frame.view.slot, 0, Outcome.accepted);
  assert.deepEqual(answers, [[Outcome.accepted, 50, undefined]]);
});

test('the payload lies congruent mod 8 with its source', () => {
  const { offer, readers } = door(1);
  for (let shift = 0; shift < 8; shift++) {
    const shifted = Buffer.concat([Buffer.alloc(shift), request]).subarray(shift);
    offer(shifted);
    const reader = readers[0];
    assert.ok(reader.peek());
    const view = new FrameView();
    view.read(reader);
    assert.equal((reader.data.byteOffset + view.payloadStart) % 8, shifted.byteOffset % 8);
    assert.ok(reader.data.subarray(view.payloadStart, view.payloadEnd).equals(request));
    reader.release();
  }
});

test('three workers: every span goes to exactly one, and the answer waits for all', () => {
  const { offer, readers, answers, requests } = door(3);
  offer(request);
  const parts = readers.map((reader) => frames(reader));
  assert.ok(parts.every((p) => p.length === 1));
  assert.deepEqual(parts.flatMap(([p]) => listSpanIds(p.bytes)).sort(), listSpanIds(request).sort());
  assert.equal(
    parts.reduce((n, [p]) => n + p.view.items, 0),
    50,
  );
  parts.forEach(([p], w) => {
    assert.deepEqual(answers, []);
    requests.answer(p.view.slot, w, w === 1 ? Outcome.queueFull : Outcome.accepted);
  });
  assert.deepEqual(answers, [[Outcome.queueFull, 50, undefined]]);
});

test('all or nothing: when one ring is full no other ring gets a part', () => {
  const { offer, readers, answers, admission } = door(2, 1 << 16);
  const full = createRing(1 << 16);
  const writer = new RingWriter(full);
  writer.reserve(writer.maxContentBytes);
  writer.commit();
  admission.attach(1, writer);
  offer(request);
  assert.deepEqual(answers, [[Outcome.ringFull, 50, undefined]]);
  assert.equal(readers[0]?.peek(), false);
});

test('a worker that is down refuses retryably', () => {
  const { offer, answers, admission, requests } = door(1);
  admission.detach(0);
  offer(request);
  assert.deepEqual(answers, [[Outcome.workerLost, 50, undefined]]);
  assert.equal(requests.inFlight, 0);
});

test('bad, empty, oversize and late requests', () => {
  const { offer, answers, admission, readers } = door(2, 1 << 16);
  offer(request.subarray(0, request.length - 3));
  assert.equal(answers[0]?.[0], Outcome.malformed);
  assert.match(String(answers[0]?.[2]), /at byte \d+/);
  offer(Buffer.alloc(0));
  assert.deepEqual(answers[1], [Outcome.accepted, 0, undefined]);
  offer(makeTraces({ spans: 400, resources: 1, seed: 1 }));
  assert.equal(answers[2]?.[0], Outcome.tooLarge);
  admission.close();
  offer(request);
  assert.deepEqual(answers[3], [Outcome.stopping, 50, undefined]);
  assert.ok(readers.every((r) => !r.peek()));
});

test('a pipeline that has just had no room is not asked again for a moment', () => {
  const { offer, readers, answers, requests, clock } = door(1);
  offer(request);
  const [first] = frames(readers[0]);
  requests.answer(first?.view.slot, 0, Outcome.batchFull);
  offer(request);
  assert.deepEqual(answers, [
    [Outcome.batchFull, 50, undefined],
    [Outcome.batchFull, 50, undefined],
  ]);
  assert.equal(readers[0]?.peek(), false, 'nothing was written');

  offer(Buffer.from([0x0a, 0x7f]));
  assert.equal(answers.at(-1)?.[0], Outcome.malformed);
  assert.match(String(answers.at(-1)?.[2]), /length beyond the end/);
  offer(Buffer.alloc(0));
  assert.deepEqual(answers.at(-1), [Outcome.accepted, 0, undefined]);

  offer(request, new Map([['tenant', ['a']]]));
  assert.equal(frames(readers[0]).length, 1, 'metadata may lead to another queue');
  clock.ms = 5;
  offer(request);
  assert.equal(frames(readers[0]).length, 1, 'asked again');
});

test('with several workers one that has no room refuses its part, and nothing of the request is written', () => {
  const { offer, readers, answers, requests, clock } = door(2);
  offer(request);
  readers.forEach((reader, w) => {
    const [part] = frames(reader);
    requests.answer(part?.view.slot, w, w === 1 ? Outcome.queueFull : Outcome.accepted);
  });
  offer(request);
  assert.deepEqual(answers.at(-1), [Outcome.queueFull, 50, undefined]);
  assert.ok(readers.every((reader) => !reader.peek()));
  clock.ms = 5;
  offer(request);
  assert.ok(readers.every((reader) => reader.peek()));
});
