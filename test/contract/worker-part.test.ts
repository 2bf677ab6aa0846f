/**
 * The contract that every worker part keeps (`kit/component.ts`), run over the registry: start and stop in any order, a stop
 * that flushes and then is silent, nothing lost or doubled whatever the destination answers, no buffering past the bound, no
 * handle left.
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { COMPONENTS } from '#components/list.ts';
import { INGEST_COMPONENTS, loadMainPart } from '#components/ingest-list.ts';
import { WORKER_COMPONENTS, loadWorkerPart } from '#components/worker-list.ts';
import type { Component, WorkerPart } from '#components/kit/component.ts';
import { systemClock } from '#shared/clock.ts';
import { isAccepted, isRefused, Outcome } from '#shared/outcome.ts';
import { FLOW_NAMES, PROMETHEUS, type Flow } from '#shared/signal.ts';
import { argsOf } from '#test/support/decode-args.ts';
import { numbered, numbersIn, range } from '#test/support/numbered-items.ts';
import { startOtlpSink, type Answer, type OtlpSink } from '#test/support/otlp-sink.ts';
import { workerContext, type TestWorkerContext } from '#test/support/worker-context.ts';
import { SUBJECTS, type Subject } from './subjects.ts';

/** What a destination answers to its nth request. */
type Mood = (n: number) => 'ok' | 'retry' | 'reject';
const MOODS: Readonly<Record<string, Mood>> = {
  succeed: () => 'ok',
  'retryable, then ok': (n) => (n % 3 === 0 ? 'ok' : 'retry'),
  permanent: () => 'reject',
  mixed: (n) => (n % 4 === 1 ? 'reject' : n % 4 === 2 ? 'retry' : 'ok'),
};

interface World {
  readonly part: WorkerPart<unknown>;
  readonly ctx: TestWorkerContext;
  readonly sink: OtlpSink;
  /** Numbers of the items that the destination took, of those that came in as this. */
  arrived(flow: Flow): number[];
}

async function make(t: TestContext, component: Component, subject: Subject, mood: Mood = () => 'ok'): Promise<World> {
  const sink = await startOtlpSink();
  t.after(() => sink.close());
  let asked = 0;
  const isOtlp = subject.signals[0] < PROMETHEUS;
  const answers: Record<ReturnType<Mood>, Answer> = {
    ok: { kind: 'ok' },
    retry: isOtlp ? { kind: 'grpc', code: 14, message: 'busy' } : { kind: 'http', status: 503 },
    reject: isOtlp ? { kind: 'grpc', code: 3, message: 'no' } : { kind: 'http', status: 400 },
  };
  sink.answerer = () => answers[mood(++asked)];
  // Real time: sinks are real sockets here.
  const ctx = { ...workerContext(`${component.name}.x`), clock: systemClock } as unknown as TestWorkerContext;
  const outcomes = { ok: Outcome.accepted, retry: Outcome.queueFull, reject: Outcome.downstreamRejected };
  for (const name of FLOW_NAMES) ctx.next[name].answer = () => outcomes[mood(++asked)];
  const { create } = await loadWorkerPart(component.name);
  const part = create(argsOf(component.args, subject.args(sink)) as never, ctx) as WorkerPart<unknown>;
  const arrived = (flow: Flow): number[] => {
    if (subject.destination === 'next') return ctx.next[FLOW_NAMES[subject.gives ?? flow]].taken.flatMap(numbersIn);
    const otlp = flow < PROMETHEUS;
    return sink.accepted
      .filter(({ signal }) => !otlp || signal === FLOW_NAMES[flow])
      .flatMap(({ bytes }) => numbersIn({ signal: flow, bytes }));
  };
  return { part, ctx, sink, arrived };
}

/** Of what came in as this flow. Whoever takes one flow only may count by what it makes of it. */
function dropped(ctx: TestWorkerContext, subject: Subject, flow: Flow): number {
  const name = 'millrace_component_dropped_items_total';
  if (!ctx.meter.names.includes(name)) return 0;
  return ctx.meter.value(name, subject.signals.length === 1 ? {} : { signal: FLOW_NAMES[flow] });
}

const held = (ctx: TestWorkerContext): number =>
  ctx.meter.names.includes('millrace_component_held_items') ? ctx.meter.value('millrace_component_held_items') : 0;

/** Offers a batch until it is taken or rejected; refusals are tried again, as a sender would. */
async function insist(part: WorkerPart<unknown>, signal: Flow, from: number): Promise<boolean> {
  for (;;) {
    const outcome = await part.input!.consume(numbered(signal, from, 100));
    if (!isRefused(outcome)) return isAccepted(outcome);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('the worker list holds exactly the components that have a worker part, and each is a subject', () => {
  const withWorker = [...COMPONENTS.values()].filter((c) => c.worker !== undefined).map((c) => c.name);
  assert.deepEqual([...WORKER_COMPONENTS].sort(), withWorker.sort());
  assert.deepEqual(Object.keys(SUBJECTS).sort(), withWorker.sort());
  for (const c of COMPONENTS.values())
    assert.ok(c.main !== undefined || c.worker !== undefined || c.provider !== undefined, `${c.name} runs somewhere`);
});

it('the ingest list holds exactly the components that have a main part, and loads it', async () => {
  const withMain = [...COMPONENTS.values()].filter((c) => c.main !== undefined);
  assert.deepEqual([...INGEST_COMPONENTS].sort(), withMain.map((c) => c.name).sort());
  for (const { name, main } of withMain) assert.equal(await loadMainPart(name), await main?.());
  assert.throws(() => loadMainPart('otelcol.processor.batch'), { code: 'no_main_part' });
});

for (const [name, subject] of Object.entries(SUBJECTS)) {
  const component = COMPONENTS.get(name) as Component;
  describe(name, () => {
    it('stops without having started, stops twice, refuses after the stop', async (t) => {
      const { part } = await make(t, component, subject);
      await part.stop(1000);
      await part.stop(1000);
      const second = await make(t, component, subject);
      await second.part.start();
      await second.part.stop(1000);
      if (subject.destination === 'none') return;
      assert.ok(isRefused(await second.part.input!.consume(numbered(subject.signals[0], 0, 1))));
    });

    it('leaves no handle behind', async (t) => {
      const { part, sink } = await make(t, component, subject);
      const before = process.getActiveResourcesInfo().filter((r) => r !== 'Immediate').length;
      await part.start();
      await part.input!.consume(numbered(subject.signals[0], 0, 10));
      await part.stop(5000);
      sink.dropConnections();
      await new Promise((resolve) => setImmediate(resolve));
      const left = (): string[] => process.getActiveResourcesInfo().filter((r) => r !== 'Immediate');
      for (let turn = 0; turn < 100 && left().length > before; turn++)
        await new Promise((resolve) => setImmediate(resolve));
      assert.ok(left().length <= before, `left: ${left().join(', ')}`);
    });

    if (subject.destination === 'none') return;

    it('stop flushes, then nothing is emitted any more', async (t) => {
      const { part, arrived } = await make(t, component, subject);
      await part.start();
      for (const signal of subject.signals) assert.ok(isAccepted(await part.input!.consume(numbered(signal, 0, 30))));
      await part.stop(10_000);
      for (const signal of subject.signals) assert.deepEqual(arrived(signal), range(0, 30));
      await new Promise((resolve) => setImmediate(resolve));
      for (const signal of subject.signals) assert.equal(arrived(signal).length, 30);
    });

    for (const [mood, answer] of Object.entries(MOODS)) {
      it(`conserves every item when its destination answers: ${mood}`, async (t) => {
        const { part, ctx, arrived } = await make(t, component, subject, answer);
        await part.start();
        const rejected = new Map<Flow, number>();
        for (const signal of subject.signals) {
          let accepted = 0;
          for (let i = 0; i < 30; i++) if (await insist(part, signal, i * 100)) accepted += 100;
          // Whoever holds nothing has told its sender of what the next component has rejected.
          if (subject.passesOn === true) rejected.set(signal, 3000 - accepted);
          else assert.equal(accepted, 3000);
        }
        await part.stop(20_000);
        for (const signal of subject.signals) {
          const numbers = arrived(signal);
          assert.equal(new Set(numbers).size, numbers.length, 'nothing arrives twice');
          assert.equal(
            numbers.length + dropped(ctx, subject, signal) + (rejected.get(signal) ?? 0),
            3000,
            `${FLOW_NAMES[signal]}: arrived + dropped + rejected = all`,
          );
          if (mood === 'succeed')
            assert.deepEqual(
              numbers.sort((a, b) => a - b),
              range(0, 3000),
            );
        }
        assert.equal(held(ctx), 0);
      });
    }

    it('never holds more than its bound while its destination takes nothing', async (t) => {
      const { part, ctx } = await make(t, component, subject, () => 'retry');
      await part.start();
      const [first] = subject.signals;
      let accepted = 0;
      for (let i = 0; i < 500; i++)
        if (isAccepted(await part.input!.consume(numbered(first, i * 100, 100)))) accepted += 100;
      assert.ok(accepted <= subject.boundItems, `took ${accepted} items`);
      assert.equal(held(ctx), accepted);
      await part.stop(50);
      assert.equal(dropped(ctx, subject, first), accepted, 'what could not be flushed is counted');
    });
  });
}
