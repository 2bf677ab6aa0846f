import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '#bench/load/run/judge.ts';
import { memoryBound, queueBytes } from '#bench/load/run/memory-bound.ts';
import { MAIN_PHASE, phasesOf } from '#bench/load/run/plan.ts';
import type { Round } from '#bench/load/run/round.ts';
import { scenario, type Scenario } from '#bench/load/scenario/scenario.ts';
import { findScenarios } from '#bench/load/scenario/table.ts';
import { phase, round, sample, window } from '#test/support/bench-rounds.ts';

const BYTES = 430;
const plain = scenario('x', 'y', {});
const failed = (s: Scenario, r: Round): string[] =>
  judge(s, r, BYTES).flatMap(({ passed, text }) => (passed ? [] : [text.replace(/[:;(].*/s, '').trim()]));
const one = (name: string): Scenario => findScenarios(name)[0];
const { totals, verdict } = round();

test('a clean round passes', () => {
  assert.deepEqual(failed(plain, round()), []);
});

test('each fault of the ledger fails the round', () => {
  const cases: [Partial<Round>, string][] = [
    [{ verdict: { ...verdict, lost: 1 } }, 'every accepted span arrived'],
    [{ verdict: { ...verdict, duplicated: 1 } }, 'no span arrived twice'],
    [{ verdict: { ...verdict, unexpected: 1 } }, 'nothing of refused requests arrived'],
    [{ verdict: { ...verdict, altered: 1 } }, 'nothing was altered'],
    [{ verdict: { ...verdict, foreign: 1 } }, 'nothing was altered'],
    [{ totals: { ...totals, sent: 101, failed: 1 } }, 'sent = accepted + refused'],
    [{ totals: { ...totals, sent: 0, accepted: 0 } }, 'requests were accepted'],
    [{ badEnd: 'exit code 1' }, 'a clean end after SIGTERM'],
    [{ broken: 'malformed' }, 'the sink ended a connection'],
    [{ phases: [phase('window', { received: 0 })] }, 'spans in the window'],
  ];
  for (const [over, text] of cases) assert.deepEqual(failed(plain, round(over)), [text]);
});

test("the system's own count has to add up, and to agree with the generator's", () => {
  const balance = { accepted: 51_200, refused: 0, exported: 51_000, held: 150, dropped: { rejected: 50 } };
  assert.deepEqual(failed(plain, round({ balance })), []);
  const name = "by the system's own count, accepted = exported + queued + dropped";
  assert.deepEqual(failed(plain, round({ balance: { ...balance, held: 149 } })), [name]);
  assert.deepEqual(failed(plain, round({ balance: { ...balance, accepted: 51_000, held: 0, dropped: {} } })), [name]);
});

test('memory: 256 MiB and what the queue can hold', () => {
  assert.equal(memoryBound({ sizer: 'items', size: 1000, block: false }, 100), 256 * 2 ** 20 + 100_000);
  assert.equal(queueBytes({ sizer: 'requests', size: 2, block: false }, 100), 2 * 3000 * 100);
});

/** Overload as the scenario wants it: capacity 5120 spans/s, three times that offered, goodput at the peak. */
function overload(over: Partial<Round> = {}): Round {
  return round({
    phases: [
      phase('capacity'),
      phase('calm', { load: window({ p99Ms: 10 }) }),
      phase('overload', { load: window({ sent: 300, accepted: 100, refused: 200 }) }),
      phase('recovery'),
    ],
    samples: [sample(1, 'overload'), ...Array.from({ length: 10 }, (_, i) => sample(2 + i, 'recovery'))],
    totals: { ...totals, sent: 300, refused: 200, firstTrouble: 'gRPC status 14' },
    ...over,
  });
}

test('overload: goodput, memory, retryable refusals and recovery', () => {
  const s = one('overload-fast');
  assert.deepEqual(failed(s, overload()), []);
  assert.match(
    judge(s, overload(), BYTES)
      .map(({ text }) => text)
      .join('\n'),
    /offered 3\.0 times the capacity of 5,120 spans\/s/,
  );
  const slow = overload().phases.map((p) => (p.name === 'overload' ? { ...p, received: p.received * 0.94 } : p));
  assert.deepEqual(failed(s, overload({ phases: slow })), ['goodput 94 % of the peak']);
  assert.deepEqual(failed(one('overload-slow'), overload({ phases: slow })), []);
  assert.deepEqual(failed(s, overload({ rssPeakBytes: 400 * 2 ** 20 })), ['RSS peak 400 MiB']);
  assert.deepEqual(failed(s, overload({ totals: { ...overload().totals, notRetryable: 1 } })), [
    'every refusal says "try again"',
  ]);
  const late = overload().samples.map((x) => (x.atS < 10 ? { ...x, p99Ms: 51 } : x));
  assert.deepEqual(failed(s, overload({ samples: late })), ['no recovery within the time watched']);
});

test('outage: duplicates are told and excused, losses are not', () => {
  const s = one('outage');
  const phases = [phase('calm'), phase('outage', { received: 0 }), phase('recovery')];
  assert.deepEqual(failed(s, round({ phases, verdict: { ...verdict, duplicated: 9 } })), []);
  assert.deepEqual(failed(s, round({ phases, verdict: { ...verdict, lost: 1 } })), ['every accepted span arrived']);
});

test('reload: connections that found nobody are excused, losses and duplicates are not, and reloads there must be', () => {
  const s = one('reload');
  const phases = [phase('calm'), phase('reloads')];
  const reloads = [7, 900, 8];
  const fine = { phases, reloads, totals: { ...totals, sent: 103, failed: 3 }, balance: null };
  assert.deepEqual(failed(s, round(fine)), []);
  assert.match(
    judge(s, round(fine), BYTES)
      .map(({ text }) => text)
      .join('\n'),
    /3 reloads, each in 8 ms \(median\), at most 900 ms/,
  );
  assert.deepEqual(failed(s, round({ ...fine, verdict: { ...verdict, lost: 1 } })), ['every accepted span arrived']);
  assert.deepEqual(failed(s, round({ ...fine, verdict: { ...verdict, duplicated: 1 } })), ['no span arrived twice']);
  assert.deepEqual(failed(s, round({ ...fine, totals: { ...totals, sent: 104, failed: 3 } })), [
    'sent = accepted + refused',
  ]);
  assert.deepEqual(failed(s, round({ ...fine, reloads: [] })), ['0 reloads, each in 0 ms']);
});

test('soak: memory that grows by more than a tenth over the later half fails', () => {
  const grown = (bytesPerS: number): Round =>
    round({
      phases: [phase('soak')],
      samples: Array.from({ length: 100 }, (_, i) => sample(i, 'soak', { rssBytes: 1e8 + i * bytesPerS })),
    });
  assert.deepEqual(failed(one('soak'), grown(0)), []);
  assert.deepEqual(failed(one('soak'), grown(300_000)), ['RSS slope over the later half']);
});

test('every plan has its main phase, and the phases of an overload follow the capacity', () => {
  for (const s of findScenarios('all')) {
    const names = phasesOf(s).map(({ name }) => name);
    assert.equal(names[0], 'warm-up');
    assert.ok(names.includes(MAIN_PHASE[s.plan]), s.name);
  }
  const rates = phasesOf(one('overload-fast')).map(({ load }) => load(1000).rate);
  assert.deepEqual(rates, [0, 0, 500, 3000, 500]);
  const away = phasesOf(one('outage')).filter(({ sink }) => !sink.open);
  assert.deepEqual(
    away.map(({ name, seconds }) => [name, seconds]),
    [['outage', 60]],
  );
});
