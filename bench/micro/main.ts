/**
 * `npm run bench`: nanoseconds a span of each step of the way, in one thread, beside protobufjs on the same requests.
 *
 *     npm run bench -- [--spans 512] [--time-ms 500] [--json]
 */
import { Bench } from 'tinybench';
import { readCounts } from '#bench/counts.ts';
import { machineFacts, machineLine } from '#bench/load/report/machine.ts';
import { table } from '#bench/load/report/table.ts';
import { makeWorkload } from '#bench/load/payload/catalog.ts';
import { makeCases, REFERENCE, type Case } from './cases.ts';

interface Result {
  readonly name: string;
  /** Over all calls: garbage collection that a step causes is part of its cost. */
  readonly meanNsPerSpan: number;
  readonly medianNsPerSpan: number;
  readonly megabytesPerSecond: number;
  /** How many times cheaper than the reference, by the means. */
  readonly timesCheaper: number;
  readonly calls: number;
}

async function measure(one: Case, timeMs: number): Promise<Omit<Result, 'timesCheaper'>> {
  const bench = new Bench({ time: timeMs, warmupTime: Math.min(timeMs, 250), throws: true });
  bench.add(one.name, one.make());
  await bench.run();
  const result = bench.getTask(one.name)?.result;
  if (result?.state !== 'completed') throw new Error(`${one.name} was not measured`);
  const nsPerCall = result.latency.mean * 1e6;
  return {
    name: one.name,
    meanNsPerSpan: nsPerCall / one.spans,
    medianNsPerSpan: (result.latency.p50 * 1e6) / one.spans,
    megabytesPerSecond: (one.bytes / nsPerCall) * 1000,
    calls: result.latency.samplesCount,
  };
}

async function measureAll(cases: readonly Case[], timeMs: number): Promise<Result[]> {
  const measured: Omit<Result, 'timesCheaper'>[] = [];
  for (const one of cases) measured.push(await measure(one, timeMs));
  const reference = measured.find((m) => m.name === REFERENCE)?.meanNsPerSpan ?? NaN;
  return measured.map((m) => ({ ...m, timesCheaper: reference / m.meanNsPerSpan }));
}

const { spans, 'time-ms': timeMs, json } = readCounts('npm run bench --', { spans: 512, 'time-ms': 500 });
const requests = makeWorkload('shop', spans).payloads.map((payload) => payload.bytes);
const results = await measureAll(makeCases(requests, spans), timeMs);
const machine = machineFacts();
if (json) process.stdout.write(`${JSON.stringify({ machine, spansPerRequest: spans, results }, null, 2)}\n`);
else {
  const rows = results.map((r) => [
    r.name,
    r.meanNsPerSpan.toFixed(1),
    r.medianNsPerSpan.toFixed(1),
    Math.round(r.megabytesPerSecond).toLocaleString('en'),
    r.timesCheaper.toFixed(1),
    String(r.calls),
  ]);
  const lines = table([['step', 'ns/span', 'median', 'MB/s', `times cheaper than ${REFERENCE}`, 'calls'], ...rows]);
  process.stdout.write(`${machineLine(machine)}\n${spans} spans a request\n\n${lines.join('\n')}\n`);
}
