/**
 * What compression costs, in one thread: megabytes of telemetry without compression per second of CPU, and how much smaller
 * they get. Requests of 20 and of 512 spans, and batches of 8192 spans.
 *
 *     npm run -s node -- --conditions=source --single-threaded-gc --max-semi-space-size=2 \
 *       bench/micro/compression.ts [--rounds 9] [--time-ms 60] [--json]
 *
 * Every round runs every case once, so that what the machine does beside meets all of them; medians of the rounds.
 */
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { readCounts } from '#bench/counts.ts';
import { machineFacts, machineLine } from '#bench/load/report/machine.ts';
import { table } from '#bench/load/report/table.ts';
import { median } from '#bench/load/report/statistics.ts';
import { makeWorkload } from '#bench/load/payload/catalog.ts';
import { compress } from '#net/compression/compress.ts';
import type { Encoding } from '#net/compression/encoding.ts';
import { inflate } from '#net/compression/inflate.ts';

interface Case {
  readonly name: string;
  readonly pack: (bytes: Buffer) => Buffer;
  /** Measured instead of `pack` where it is given; its result must be the input again. */
  readonly unpack?: (packed: Buffer) => Buffer;
}

interface Sample {
  readonly name: string;
  readonly inputs: readonly Buffer[];
}

interface Result {
  readonly name: string;
  readonly sample: string;
  readonly megabytesPerSecond: number;
  readonly timesSmaller: number;
}

/** As the receivers allow it by default is less; large enough for the batches here. */
const LIMIT_BYTES = 64 * 1024 * 1024;
const BATCH_REQUESTS = 16;

const ours = (encoding: Encoding, level?: number): Case => ({
  name: level === undefined ? encoding : `${encoding} level ${level}`,
  pack: (bytes) => compress(encoding, bytes, level),
});
const back = (encoding: Encoding): Case => ({
  name: `inflate ${encoding}`,
  pack: (bytes) => compress(encoding, bytes),
  unpack: (packed) => inflate(encoding, packed, LIMIT_BYTES),
});
/** The default options of node:zlib, to see what ours change. */
const gzipOfNode = (level: number): Case => ({
  name: `gzip level ${level}, Node's options`,
  pack: (bytes) => gzipSync(bytes, { level }),
});
const zstdOfNode: Case = {
  name: "zstd level 1, Node's options",
  pack: (bytes) => zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
};

const CASES: readonly Case[] = [
  ours('gzip', 1),
  gzipOfNode(1),
  ours('gzip', 6),
  gzipOfNode(6),
  ours('deflate', 1),
  ours('zstd', 1),
  zstdOfNode,
  ours('zstd', 3),
  ours('snappy'),
  ours('x-snappy-framed'),
  ours('lz4'),
  back('gzip'),
  { name: "inflate gzip, Node's options", pack: gzipOfNode(1).pack, unpack: (packed) => gunzipSync(packed) },
  back('deflate'),
  back('zstd'),
  { name: "inflate zstd, Node's options", pack: zstdOfNode.pack, unpack: (packed) => zstdDecompressSync(packed) },
  back('snappy'),
  back('x-snappy-framed'),
  back('lz4'),
];

function samples(): Sample[] {
  const of = (spans: number): Buffer[] => makeWorkload('shop', spans).payloads.map((payload) => payload.bytes);
  const requests = of(512);
  const batches: Buffer[] = [];
  for (let at = 0; at + BATCH_REQUESTS <= requests.length; at += BATCH_REQUESTS)
    batches.push(Buffer.concat(requests.slice(at, at + BATCH_REQUESTS)));
  return [
    { name: '20 spans', inputs: of(20) },
    { name: '512 spans', inputs: requests },
    { name: '8192 spans', inputs: batches },
  ];
}

/** One window: each input in turn, all of them at least once. */
function run(act: (bytes: Buffer) => Buffer, inputs: readonly Buffer[], plainBytes: number, timeMs: number): number {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let turns = 0;
  do {
    for (const input of inputs) act(input);
    turns++;
  } while (performance.now() - start < timeMs);
  const { user, system } = process.cpuUsage(cpu);
  return (turns * plainBytes) / (user + system);
}

function measure({ name: sample, inputs }: Sample, rounds: number, timeMs: number): Result[] {
  const plainBytes = inputs.reduce((sum, input) => sum + input.length, 0);
  const prepared = CASES.map(({ name, pack, unpack }) => {
    const packed = inputs.map(pack);
    if (unpack !== undefined && !packed.every((bytes, i) => unpack(bytes).equals(inputs[i])))
      throw new Error(`${name} does not give back what went in`);
    const packedBytes = packed.reduce((sum, bytes) => sum + bytes.length, 0);
    return { name, act: unpack ?? pack, fed: unpack === undefined ? inputs : packed, packedBytes };
  });
  const windows = prepared.map((): number[] => []);
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (let k = 0; k < prepared.length; k++) {
      // Each round begins elsewhere: what one case leaves to the garbage collector is not always the same neighbour's.
      const i = (k + round * 5) % prepared.length;
      const { act, fed } = prepared[i];
      const speed = run(act, fed, plainBytes, timeMs);
      if (round > 0) windows[i]?.push(speed);
    }
  }
  return prepared.map(({ name, packedBytes }, i) => ({
    name,
    sample,
    megabytesPerSecond: median(windows[i] ?? []),
    timesSmaller: plainBytes / packedBytes,
  }));
}

const { rounds, 'time-ms': timeMs, json } = readCounts('bench/micro/compression.ts', { rounds: 9, 'time-ms': 60 });
const machine = machineFacts();
const all = samples();
const results = all.flatMap((sample) => measure(sample, rounds, timeMs));
if (json) process.stdout.write(`${JSON.stringify({ machine, rounds, results }, null, 2)}\n`);
else {
  const rows = CASES.map(({ name }) => [
    name,
    ...results
      .filter((r) => r.name === name)
      .flatMap((r) => [r.megabytesPerSecond.toFixed(0), r.timesSmaller.toFixed(2)]),
  ]);
  const head = ['', ...all.flatMap(({ name }) => [`${name}: MB/s`, 'smaller'])];
  process.stdout.write(
    `${machineLine(machine)}\nmedians of ${rounds} rounds\n\n${table([head, ...rows]).join('\n')}\n`,
  );
}
