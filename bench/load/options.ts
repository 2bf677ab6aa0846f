/** The command line of `npm run bench:load`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Compression, Protocol } from './messages.ts';
import type { SystemName } from './systems.ts';
import { PAYLOADS } from './workload.ts';

export const USAGE = `npm run bench:load -- [options]

Measures the collector between a load generator and a black-hole sink, beside a naive gateway, in interleaved rounds.

  --seconds N       length of each measured window (default 5, at most 60)
  --rounds N        windows per system (default 5)
  --warm-up N       seconds of load before each window (default 2)
  --spans N         spans per request: 512 (default), 20, 1 or any other number up to 65535
  --workers N       worker threads of the collector (default 1)
  --protocol P      grpc (default) or http, in and out
  --compression C   none (default), gzip or zstd: of the requests; exports are not compressed
  --in-flight N     requests in flight (default 16, at most ${PAYLOADS})
  --rate N          spans per second to send at most (default 0: as fast as answers come)
  --system S        both (default), millrace or naive
  --built           measures what \`npm run build\` made, as the package ships it, instead of the sources
  --node-flag F     passes a flag of Node or V8 to the collector; may be repeated
  --cpu-profile DIR writes CPU profiles of the collector's threads there (they cost some speed)
  --idle            measures the memory of a collector that does nothing, instead
  --json            the report as JSON on stdout
  --help
`;

export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly spans: number;
  readonly workers: number;
  readonly protocol: Protocol;
  readonly compression: Compression;
  readonly inFlight: number;
  readonly rate: number;
  readonly systems: readonly SystemName[];
  /** The collector of `dist/` instead of the sources. */
  readonly built: boolean;
  /** For the collector's process. */
  readonly nodeFlags: readonly string[];
  readonly idle: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** Throws an Error with a sentence for the user when an argument is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '5' },
      'warm-up': { type: 'string', default: '2' },
      spans: { type: 'string', default: '512' },
      workers: { type: 'string', default: '1' },
      protocol: { type: 'string', default: 'grpc' },
      compression: { type: 'string', default: 'none' },
      'in-flight': { type: 'string', default: '16' },
      rate: { type: 'string', default: '0' },
      system: { type: 'string', default: 'both' },
      built: { type: 'boolean', default: false },
      'node-flag': { type: 'string', multiple: true, default: [] },
      'cpu-profile': { type: 'string' },
      idle: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const system = oneOf('system', values.system, ['both', 'millrace', 'naive']);
  return {
    // the ledger's cells are bounded: a minute of the fastest run fits
    seconds: number('seconds', values.seconds, 0.1, 60),
    rounds: integer('rounds', values.rounds, 1, 100),
    warmUpSeconds: number('warm-up', values['warm-up'], 0, 30),
    spans: integer('spans', values.spans, 1, 65_535),
    workers: integer('workers', values.workers, 1, 256),
    protocol: oneOf('protocol', values.protocol, ['grpc', 'http']),
    compression: oneOf('compression', values.compression, ['none', 'gzip', 'zstd']),
    inFlight: integer('in-flight', values['in-flight'], 1, PAYLOADS),
    rate: integer('rate', values.rate, 0, 1e9),
    systems: system === 'both' ? ['millrace', 'naive'] : [system],
    built: values.built,
    nodeFlags: [...values['node-flag'], ...profile(values['cpu-profile'])],
    idle: values.idle,
    json: values.json,
    help: values.help,
  };
}

function profile(directory: string | undefined): string[] {
  return directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(directory)}`];
}

function number(name: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= low && value <= high))
    throw new Error(`--${name}=${text}: a number from ${low} to ${high} is wanted`);
  return value;
}

function integer(name: string, text: string, low: number, high: number): number {
  const value = number(name, text, low, high);
  if (!Number.isInteger(value)) throw new Error(`--${name}=${text}: a whole number is wanted`);
  return value;
}

function oneOf<const T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw new Error(`--${name}=${text}: one of ${allowed.join(', ')} is wanted`);
  return found;
}
