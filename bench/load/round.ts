/**
 * One round: a fresh sink, a fresh system, a fresh generator; warm-up, one measured window, drain, verdict. Nothing is left
 * running when it ends, however it ends.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from './ledger.ts';
import type {
  GeneratorAnswers,
  GeneratorQuestion,
  GeneratorSettings,
  LoadWindow,
  SinkAnswers,
  SinkQuestion,
  Totals,
} from './messages.ts';
import type { Options } from './options.ts';
import { Peer } from './peer.ts';
import { readUsage } from './process-usage.ts';
import { startSystem, type System, type SystemName } from './systems.ts';

export interface Round {
  readonly system: SystemName;
  /** Spans that reached the sink during the window, per second. */
  readonly spansPerSecond: number;
  /** Of the system's process tree; null where the platform does not tell, or if nothing arrived. */
  readonly cpuSecondsPerMillionSpans: number | null;
  readonly rssPeakBytes: number | null;
  readonly latency: LoadWindow;
  readonly totals: Totals;
  readonly verdict: Verdict;
  readonly exitCode: number | null;
  /** Everything that makes the round a failure, in words. */
  readonly failures: readonly string[];
}

export async function runRound(name: SystemName, options: Options, workloadFile: string): Promise<Round> {
  await using sink = new Peer<SinkQuestion, SinkAnswers>('sink', 'sink.ts', [workloadFile]);
  const { listening: sinkPort } = await sink.hear<{ listening: number }>();
  await using system = await startSystem(name, { ...options, sinkPort });
  const settings: GeneratorSettings = {
    workloadFile,
    protocol: options.protocol,
    compression: options.compression,
    port: system.port,
    inFlight: options.inFlight,
    rate: options.rate,
  };
  await using generator = new Peer<GeneratorQuestion, GeneratorAnswers>('generator', 'generator.ts', [
    JSON.stringify(settings),
  ]);
  await generator.hear();

  await generator.ask({ ask: 'start' });
  await delay(options.warmUpSeconds * 1000);
  await generator.ask({ ask: 'open' });
  const before = await measure(sink, system);
  await delay(options.seconds * 1000);
  const after = await measure(sink, system);
  const { window } = await generator.ask({ ask: 'close' });
  const { totals, accepted } = await generator.ask({ ask: 'stop' });
  const rssPeakBytes = readUsage(system.pid)?.rssPeakBytes ?? null;
  const exitCode = await system.drain();
  const { verdict, broken } = await sink.ask({ ask: 'verdict', accepted });

  const spans = after.received - before.received;
  return {
    system: name,
    spansPerSecond: spans / ((after.atMs - before.atMs) / 1000),
    cpuSecondsPerMillionSpans:
      spans === 0 || before.cpuSeconds === null || after.cpuSeconds === null
        ? null
        : (after.cpuSeconds - before.cpuSeconds) / (spans / 1e6),
    rssPeakBytes,
    latency: window,
    totals,
    verdict,
    exitCode,
    failures: failuresOf(spans, totals, verdict, exitCode, broken, system),
  };
}

interface Reading {
  readonly atMs: number;
  readonly received: number;
  readonly cpuSeconds: number | null;
}

async function measure(sink: Peer<SinkQuestion, SinkAnswers>, system: System): Promise<Reading> {
  const { received } = await sink.ask({ ask: 'received' });
  return { atMs: performance.now(), received, cpuSeconds: readUsage(system.pid)?.cpuSeconds ?? null };
}

function failuresOf(
  spans: number,
  totals: Totals,
  verdict: Verdict,
  exitCode: number | null,
  broken: string | null,
  system: System,
): string[] {
  const failures: string[] = [];
  if (exitCode !== 0) failures.push(`exit code ${exitCode} after SIGTERM: ${system.stderr().slice(-2000)}`);
  if (spans === 0)
    failures.push(`nothing reached the sink in the window (${totals.firstTrouble ?? 'no request was refused'})`);
  if (broken !== null) failures.push(`the sink ended a connection: ${broken}`);
  if (totals.failed > 0) failures.push(`${totals.failed} requests were not answered: ${totals.firstTrouble}`);
  if (verdict.lost > 0) failures.push(`${verdict.lost} accepted spans did not arrive`);
  if (verdict.duplicated > 0) failures.push(`${verdict.duplicated} spans arrived more than once`);
  if (verdict.unexpected > 0) failures.push(`${verdict.unexpected} spans of refused requests arrived`);
  if (verdict.foreign > 0) failures.push(`${verdict.foreign} spans arrived that nobody sent`);
  if (verdict.altered > 0) failures.push(`${verdict.altered} of ${verdict.compared} compared spans were altered`);
  return failures;
}
