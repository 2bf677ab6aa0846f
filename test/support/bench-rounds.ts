/** A round in which everything went well, for tests to change. */
import type { LoadWindow } from '#bench/load/messages.ts';
import type { PhaseName } from '#bench/load/run/plan.ts';
import type { PhaseResult, Round } from '#bench/load/run/round.ts';
import type { Sample } from '#bench/load/run/samples.ts';

export const window = (over: Partial<LoadWindow> = {}): LoadWindow => ({
  sent: 100,
  accepted: 100,
  refused: 0,
  notRetryable: 0,
  failed: 0,
  unsent: 0,
  p50Ms: 1,
  p99Ms: 2,
  maxMs: 3,
  ...over,
});

export const phase = (name: PhaseName, over: Partial<PhaseResult> = {}): PhaseResult => ({
  name,
  seconds: 10,
  received: 100 * 512,
  load: window(),
  cpu: { system: 0.1024, generator: 0.0512, sink: 0.0256 },
  ...over,
});

export const sample = (atS: number, name: PhaseName, over: Partial<Sample> = {}): Sample => ({
  atS,
  phase: name,
  sentPerS: 1000,
  refusedPerS: 0,
  goodputPerS: 1000,
  lostRequests: 0,
  p99Ms: 2,
  rssBytes: 100 * 2 ** 20,
  ...over,
});

export const round = (over: Partial<Round> = {}): Round => ({
  system: 'millrace',
  phases: [phase('window')],
  samples: [],
  reloads: [],
  rssPeakBytes: 100 * 2 ** 20,
  totals: { sent: 100, accepted: 100, refused: 0, notRetryable: 0, failed: 0, unsent: 0, firstTrouble: null },
  verdict: {
    received: 100 * 512,
    lost: 0,
    duplicated: 0,
    unexpected: 0,
    altered: 0,
    reencoded: 0,
    compared: 10,
    foreign: 0,
  },
  balance: null,
  badEnd: null,
  broken: null,
  ...over,
});
