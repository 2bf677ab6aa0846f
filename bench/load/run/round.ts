/**
 * One round: a fresh sink, a fresh system, a fresh generator; the phases of the scenario's plan, drain, verdict. Nothing is left
 * running when it ends, however it ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type {
  GeneratorAnswers,
  GeneratorQuestion,
  GeneratorSettings,
  LoadWindow,
  SinkAnswers,
  SinkQuestion,
  SinkSettings,
  Totals,
} from '../messages.ts';
import { Child } from '../process/child.ts';
import { pin } from '../process/pin.ts';
import { readUsage } from '../process/usage.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Verdict } from '../sink/ledger.ts';
import { FAST } from '../sink/pace.ts';
import type { PeerCommand } from '../system/peer.ts';
import { startSystem } from '../system/start.ts';
import type { SpanBalance, System, SystemName } from '../system/system.ts';
import { phasesOf, type Phase, type PhaseName } from './plan.ts';
import type { Sample } from './samples.ts';

/** What a round needs beside its scenario. */
export interface Setting {
  readonly workloadFile: string;
  /** Of the workload, on average. */
  readonly bytesPerSpan: number;
  /** Send numbers if requests are repeated, else 0. */
  readonly repeatedNumbers: number;
  readonly workers: number;
  readonly built: boolean;
  readonly nodeFlags: readonly string[];
  readonly peer: PeerCommand | null;
  /** CPUs of the system, and of generator and sink; null = wherever. */
  readonly cpus: { readonly system: string; readonly load: string } | null;
}

/** CPU seconds of the three sides; null where the platform does not tell. */
export interface CpuSeconds {
  readonly system: number | null;
  readonly generator: number | null;
  readonly sink: number | null;
}

export interface PhaseResult {
  readonly name: PhaseName;
  readonly seconds: number;
  /** Spans that reached the sink. */
  readonly received: number;
  readonly load: LoadWindow;
  readonly cpu: CpuSeconds;
}

/** Everything that was seen; judge.ts says what it is worth. */
export interface Round {
  readonly system: SystemName;
  readonly phases: readonly PhaseResult[];
  readonly samples: readonly Sample[];
  /** How long each change of the configuration took, ms. */
  readonly reloads: readonly number[];
  /** Of the system's process tree, before it was told to end. */
  readonly rssPeakBytes: number | null;
  readonly totals: Totals;
  readonly verdict: Verdict;
  readonly balance: SpanBalance | null;
  /** What was wrong with the system's end; null if nothing. */
  readonly badEnd: string | null;
  /** Why the sink ended a connection; null if it did not. */
  readonly broken: string | null;
}

export type Watch = (phase: Phase, sample: Sample, leftS: number) => void;

/** For so long the system's own count may take to settle after the last answer. */
const SETTLE_MS = 5000;
const POLL_MS = 100;
/** Until the last request in flight is answered. */
const STOP_DEADLINE_MS = 300_000;
const MOST_SAMPLES = 3600;

type Sink = Child<SinkQuestion, SinkAnswers>;
type Generator = Child<GeneratorQuestion, GeneratorAnswers>;

export async function runRound(name: SystemName, s: Scenario, setting: Setting, watch: Watch): Promise<Round> {
  const sinkSettings: SinkSettings = { workloadFile: setting.workloadFile, repeatedNumbers: setting.repeatedNumbers };
  await using sink: Sink = new Child('sink', 'load/sink/process.ts', [JSON.stringify(sinkSettings)]);
  const { listening: sinkPort } = await sink.hear<{ listening: number }>();
  await using system = await startSystem(name, { ...s, ...setting, sinkPort }, setting.peer);
  const settings: GeneratorSettings = {
    workloadFile: setting.workloadFile,
    protocol: s.protocol,
    compression: s.compressionIn,
    port: system.port,
    inFlight: s.inFlight,
    connections: s.connections,
  };
  await using generator: Generator = new Child('generator', 'load/generator/process.ts', [JSON.stringify(settings)]);
  await generator.hear();
  if (setting.cpus !== null) {
    pin(system.pid, setting.cpus.system);
    for (const child of [generator, sink]) pin(child.pid, setting.cpus.load);
  }

  const phases: PhaseResult[] = [];
  const samples: Sample[] = [];
  const reloads: number[] = [];
  const scene = { sink, system, generator, spans: s.spans, samples, reloads, intervalMs: intervalMs(s) };
  for (const phase of phasesOf(s)) {
    const found = phases.find((result) => result.name === 'capacity');
    const result = await runPhase(phase, found === undefined ? 0 : found.received / found.seconds, scene, watch);
    if (phase.name !== 'warm-up') phases.push(result);
  }
  // a sink that was slow on purpose need not be while the rest drains
  await sink.ask({ ask: 'behave', behaviour: FAST });
  const { totals, accepted } = await generator.ask({ ask: 'stop' }, STOP_DEADLINE_MS);
  const balance = await settledBalance(system);
  const rssPeakBytes = readUsage(system.pid)?.rssPeakBytes ?? null;
  const badEnd = await system.drain();
  const { verdict, broken } = await sink.ask({ ask: 'verdict', accepted });
  return { system: name, phases, samples, reloads, rssPeakBytes, totals, verdict, balance, badEnd, broken };
}

interface Scene {
  readonly sink: Sink;
  readonly system: System;
  readonly generator: Generator;
  readonly spans: number;
  readonly samples: Sample[];
  readonly reloads: number[];
  readonly intervalMs: number;
}

async function runPhase(phase: Phase, capacity: number, scene: Scene, watch: Watch): Promise<PhaseResult> {
  const { sink, generator, samples } = scene;
  await sink.ask({ ask: 'behave', behaviour: phase.sink });
  await generator.ask({ ask: 'load', load: phase.load(capacity) });
  await generator.ask({ ask: 'open' });
  const before = await read(scene);
  const endMs = before.atMs + phase.seconds * 1000;
  const startedS = samples.at(-1)?.atS ?? 0;
  let last = before;
  const reloading = reloadUntil(endMs, phase.reloadEveryMs, scene);
  while (last.atMs < endMs) {
    await delay(Math.min(scene.intervalMs, endMs - last.atMs));
    const { slice } = await generator.ask({ ask: 'slice' });
    const now = await read(scene);
    const perS = 1000 / (now.atMs - last.atMs);
    const sample: Sample = {
      atS: startedS + (now.atMs - before.atMs) / 1000,
      phase: phase.name,
      sentPerS: slice.sent * scene.spans * perS,
      refusedPerS: slice.refused * scene.spans * perS,
      goodputPerS: (now.received - last.received) * perS,
      lostRequests: slice.failed + slice.unsent,
      p99Ms: slice.p99Ms,
      rssBytes: now.rssBytes,
    };
    if (phase.name !== 'warm-up') samples.push(sample);
    watch(phase, sample, (endMs - now.atMs) / 1000);
    last = now;
  }
  await reloading;
  const { window } = await generator.ask({ ask: 'close' });
  const between = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : b - a);
  return {
    name: phase.name,
    seconds: (last.atMs - before.atMs) / 1000,
    received: last.received - before.received,
    load: window,
    cpu: {
      system: between(before.cpu.system, last.cpu.system),
      generator: between(before.cpu.generator, last.cpu.generator),
      sink: between(before.cpu.sink, last.cpu.sink),
    },
  };
}

async function reloadUntil(endMs: number, everyMs: number | undefined, { system, reloads }: Scene): Promise<void> {
  const { reload } = system;
  if (everyMs === undefined || reload === null) return;
  for (let nth = 1; performance.now() + everyMs < endMs; nth++) {
    await delay(everyMs);
    const startMs = performance.now();
    await reload(nth);
    reloads.push(performance.now() - startMs);
  }
}

interface Reading {
  readonly atMs: number;
  readonly received: number;
  readonly rssBytes: number | null;
  readonly cpu: CpuSeconds;
}

async function read({ sink, system, generator }: Scene): Promise<Reading> {
  const { received } = await sink.ask({ ask: 'received' });
  const usage = readUsage(system.pid);
  const cpuOf = (pid: number): number | null => readUsage(pid)?.cpuSeconds ?? null;
  return {
    atMs: performance.now(),
    received,
    rssBytes: usage?.rssBytes ?? null,
    cpu: { system: usage?.cpuSeconds ?? null, generator: cpuOf(generator.pid), sink: cpuOf(sink.pid) },
  };
}

/** Twice a second where a recovery is timed; and never so often that a run of hours fills the report. */
function intervalMs(s: Scenario): number {
  return Math.max(s.plan === 'overload' ? 500 : 1000, (s.durationSeconds * 1000) / MOST_SAMPLES);
}

/** The system's count when nothing is sent any more: read again until it adds up, since its threads count one by one. */
async function settledBalance(system: System): Promise<SpanBalance | null> {
  let balance = await system.balance();
  for (let waited = 0; waited < SETTLE_MS && balance !== null && !addsUp(balance); waited += POLL_MS) {
    await delay(POLL_MS);
    balance = await system.balance();
  }
  return balance;
}

export function addsUp({ accepted, exported, held, dropped }: SpanBalance): boolean {
  return accepted === exported + held + Object.values(dropped).reduce((sum, n) => sum + n, 0);
}
