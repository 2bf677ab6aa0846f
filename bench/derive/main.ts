/**
 * What many derived series cost the main thread: memory, flushes, scrapes, and how much processor time each of them takes in one
 * turn of the event loop at most.
 *
 *     npm run bench:derive -- [--series 100000] [--workers 2] [--json]
 *
 * Series are those of span metrics: two instruments, 16 bounds, keys of 150 bytes, attributes of 200, 100 resources. Workers count
 * them in tables of their own; their parcels are merged one in a turn, as in the collector. Consumers take every request at once.
 */
import { AttributeWriter } from '#components/kit/series/attributes.ts';
import type { MergeContext, MergePart } from '#components/kit/component.ts';
import { seriesMerge } from '#components/kit/series/merge.ts';
import type { SeriesPlan } from '#components/kit/series/plan.ts';
import { SeriesTable } from '#components/kit/series/table.ts';
import { readCounts } from '#bench/counts.ts';
import { machineFacts, machineLine } from '#bench/load/report/machine.ts';
import { table } from '#bench/load/report/table.ts';
import { leftOutCounter, derivedText } from '#main/admin/derived.ts';
import { systemClock } from '#shared/clock.ts';
import { Outcome } from '#shared/outcome.ts';
import { FakeMeter } from '#test/support/fake-meter.ts';
import { RecordingLog } from '#test/support/recording-log.ts';

const BOUNDS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];
const PERIODS = 3;
/** What a worker counts between two harvests. */
const ROWS_PER_HARVEST = 2000;

const PLAN: SeriesPlan = {
  scopeName: 'spanmetricsconnector',
  groups: [
    {
      instruments: [
        { name: 'traces.span.metrics.calls', description: '', unit: '', kind: 'sum', startsAtZero: true },
        { name: 'traces.span.metrics.duration', description: '', unit: 'ms', kind: 'histogram', bounds: BOUNDS },
      ],
      limit: 0,
    },
  ],
  temporality: 'cumulative',
  flushIntervalMs: 3_600_000,
  startsWith: 'series',
  emitsEmpty: false,
  resourceExpirationMs: 0,
  seriesExpirationMs: 0,
  expiryIntervalMs: 0,
  resourceCacheSize: 1000,
  timestampCacheSize: 1000,
  identity: '',
};

const { series, workers, json } = readCounts('npm run bench:derive --', { series: 100_000, workers: 2 });

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const mebibytes = (bytes: number): number => bytes / 1024 / 1024;

interface Memory {
  readonly rss: number;
  readonly heap: number;
  readonly buffers: number;
}

/** After a collection where that can be had (`--expose-gc`). */
function memory(): Memory {
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { rss: mebibytes(rss), heap: mebibytes(heapUsed), buffers: mebibytes(arrayBuffers) };
}

/** Milliseconds of processor time that `run` takes in this thread: on a machine that does other things too, what counts. */
function timed(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** Counts series `[from, to)` once each and hands over the parcels. */
function* counted(from: number, to: number): Generator<Uint8Array<ArrayBuffer>> {
  const count = new SeriesTable(PLAN, { harvestDue: () => {}, meter: new FakeMeter() });
  count.begin(Date.now());
  const writer = new AttributeWriter();
  for (let at = from; at < to; at++) {
    const name = `checkout-${at % 100}`;
    writer.reset();
    writer.string('service.name', name);
    const resource = Buffer.concat([Buffer.from([0x0a]), writer.buf.subarray(0, writer.length)]);
    const key = Buffer.from(`${name}\0GET /api/v1/${'orders/'.repeat(15)}${at}\0SPAN_KIND_SERVER`.padEnd(150, 'x'));
    writer.reset();
    writer.string('service.name', name);
    writer.string('span.name', `GET /api/v1/${'orders/'.repeat(13)}${at}`);
    writer.string('span.kind', 'SPAN_KIND_SERVER');
    writer.string('status.code', 'STATUS_CODE_UNSET');
    const ofResource = count.resource(Buffer.from(name), 0, name.length, resource, 0, resource.length);
    const row = count.make(0, ofResource, key, 0, key.length, writer.buf, 0, writer.length);
    count.add(0, row, 0, 1);
    count.observe(0, row, 1, at % 20_000, 1);
  }
  for (let parcel = count.harvest(); parcel !== null; parcel = count.harvest()) yield parcel;
}

let longestMergeMs = 0;
let requests = 0;
let requestBytes = 0;
const meter = new FakeMeter();

const ctx: MergeContext = {
  id: 'otelcol.connector.spanmetrics.bench',
  log: new RecordingLog(),
  clock: systemClock,
  meter,
  health: () => {},
  harvest: () => Promise.resolve(),
  requestBytes: 1 << 21,
  entry: {
    has: () => true,
    offer: (_signal, bytes, _metadata, done) => {
      requests++;
      requestBytes += bytes.length;
      setImmediate(() => done(Outcome.accepted, 1));
    },
  },
};

let longestFlushTurnMs = 0;

/** A turn of a flush: what it does comes right behind `run`, and before the next turn. */
function measuredTurn(run: () => void): void {
  setImmediate(() => {
    const before = process.threadCpuUsage();
    setImmediate(() => {
      const { user, system } = process.threadCpuUsage(before);
      longestFlushTurnMs = Math.max(longestFlushTurnMs, (user + system) / 1000);
    });
    run();
  });
}

async function mergeAll(part: MergePart<SeriesPlan>): Promise<void> {
  for (let worker = 0; worker < workers; worker++) {
    for (let from = 0; from < series; from += ROWS_PER_HARVEST) {
      for (const parcel of counted(from, Math.min(series, from + ROWS_PER_HARVEST))) {
        longestMergeMs = Math.max(
          longestMergeMs,
          timed(() => part.merge(parcel)),
        );
        await turn();
      }
    }
  }
}

async function scrape(
  part: MergePart<SeriesPlan>,
): Promise<{ readonly longestMs: number; readonly totalMs: number; readonly bytes: number }> {
  const next = derivedText([part.derived ?? { families: () => [] }], true, leftOutCounter(meter));
  const startMs = performance.now();
  let longestMs = 0;
  let bytes = 0;
  for (let ended = false; !ended;) {
    const tookMs = timed(() => {
      const piece = next();
      ended = piece === null;
      if (piece !== null) bytes += Buffer.from(piece).length;
    });
    longestMs = Math.max(longestMs, tookMs);
    await turn();
  }
  return { longestMs, totalMs: performance.now() - startMs, bytes };
}

for (const parcel of counted(0, 1)) void parcel;
const before = memory();
const part = seriesMerge<SeriesPlan>((plan) => plan, measuredTurn)(PLAN, ctx);
part.start();
await mergeAll(part);
const after = memory();
let flushMs = 0;
for (let period = 0; period < PERIODS; period++) {
  const startMs = performance.now();
  await part.flush(600_000);
  flushMs = Math.max(flushMs, performance.now() - startMs);
}
const scraped = await scrape(part);
const end = memory();
part.stop();

const results = {
  series: meter.value('millrace_derived_series'),
  storeMebibytes: mebibytes(meter.value('millrace_derived_bytes')),
  grown: {
    rss: after.rss - before.rss,
    heap: after.heap - before.heap,
    buffers: after.buffers - before.buffers,
    rssInTheEnd: end.rss - before.rss,
  },
  merge: { longestTurnMs: longestMergeMs },
  flush: {
    ms: flushMs,
    longestTurnMs: longestFlushTurnMs,
    requests: requests / PERIODS,
    mebibytes: mebibytes(requestBytes / PERIODS),
  },
  scrape: { ms: scraped.totalMs, longestTurnMs: scraped.longestMs, mebibytes: mebibytes(scraped.bytes) },
};
const machine = machineFacts();
if (json) process.stdout.write(`${JSON.stringify({ machine, ...results }, null, 2)}\n`);
else {
  const row = (name: string, value: number, unit: string): string[] => [name, `${value.toFixed(1)} ${unit}`];
  const lines = table([
    ['what', 'value'],
    row('memory of the store, by its own count', results.storeMebibytes, 'MiB'),
    row('growth of RSS after merging', results.grown.rss, 'MiB'),
    row('growth of buffers', results.grown.buffers, 'MiB'),
    row('growth of the heap', results.grown.heap, 'MiB'),
    row('growth of RSS after flushes and a scrape', results.grown.rssInTheEnd, 'MiB'),
    row('longest turn of merging', results.merge.longestTurnMs, 'ms'),
    row(
      `flush of ${results.flush.mebibytes.toFixed(0)} MiB in ${results.flush.requests} requests`,
      results.flush.ms,
      'ms',
    ),
    row('longest turn of a flush', results.flush.longestTurnMs, 'ms'),
    row(`scrape of ${results.scrape.mebibytes.toFixed(0)} MiB`, results.scrape.ms, 'ms'),
    row('longest turn of a scrape', results.scrape.longestTurnMs, 'ms'),
  ]);
  process.stdout.write(
    `${machineLine(machine)}\n${results.series} series from ${workers} workers\n\n${lines.join('\n')}\n`,
  );
}
