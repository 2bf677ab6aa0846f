/** The command line of `npm run bench:load`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Compression, Protocol } from './messages.ts';
import { PAYLOAD_NAMES, type PayloadName } from './payload/catalog.ts';
import { MAX_SPANS } from './payload/workload.ts';
import { override, type Scenario } from './scenario/scenario.ts';
import { findScenarios } from './scenario/table.ts';
import { peerName, type PeerCommand } from './system/peer.ts';
import { MILLRACE, NAIVE, type SystemName } from './system/system.ts';

export const USAGE = `npm run bench:load -- [options]

Measures the collector between a load generator and a black-hole sink, beside a naive gateway or another collector, in
interleaved rounds.

  --scenario NAME    what is run: default, one or more of --scenario=list (separated by commas), or all
  --peer CMD         measures another collector beside millrace: a command with {config}, {listen}, {sink} in it
  --peer-config FILE template of the configuration written for {config}; without it OpenTelemetry Collector YAML
  --peer-name NAME   what reports call it (default: the name of its program)
  --system S         both (millrace and naive), millrace or naive; each scenario has its own default

What is measured; without these as the scenario says:
  --duration N       length of each measured window, or of the main phase: 5, 30s, 10m, 1h
  --seconds N        the same
  --rounds N         rounds per system
  --warm-up N        seconds of load before each window
  --workers N        worker threads of the collector (default 1)
  --rate N           spans per second, in an open loop (0: closed loop, as fast as answers come)
  --in-flight N      requests in flight at most
  --connections N    connections of the generator
  --payload P        ${PAYLOAD_NAMES.join(', ')}
  --spans N          spans per request, up to ${MAX_SPANS}
  --protocol P       grpc or http, in and out
  --compression C    none, gzip or zstd: of the requests
  --compression-out C  the same, of the exports
  --sink-rate N      spans per second that the sink takes (0: all)
  --sink-delay N     milliseconds before each of its answers

How:
  --built            measures what \`npm run build\` made, as the package ships it, instead of the sources
  --node-flag F      passes a flag of Node or V8 to the collector; may be repeated
  --cpu-profile DIR  writes CPU profiles of the collector's threads there (they cost some speed)
  --cpus A/B         keeps the system on CPUs A, generator and sink on CPUs B (lists as taskset takes them)
  --idle             measures the memory of a collector that does nothing, instead
  --report FILE.md   where the report goes (default: bench/out/DATE-SCENARIO.md); its charts lie beside it
  --json             the report as JSON on stdout
  --help
`;

/** What is not part of a scenario. */
export interface Options {
  /** With the command line's values. */
  readonly scenarios: readonly Scenario[];
  readonly list: boolean;
  /** null: each scenario's own. */
  readonly systems: readonly SystemName[] | null;
  readonly peer: PeerCommand | null;
  readonly workers: number;
  /** The collector of `dist/` instead of the sources. */
  readonly built: boolean;
  /** For the collector's process. */
  readonly nodeFlags: readonly string[];
  readonly cpus: { readonly system: string; readonly load: string } | null;
  readonly idle: boolean;
  /** null: the default place. */
  readonly report: string | null;
  readonly json: boolean;
  readonly help: boolean;
}

const MOST_IN_FLIGHT = 4096;
const LONGEST_S = 7 * 24 * 3600;

/** Throws an Error with a sentence for the user when an argument is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string', default: 'default' },
      peer: { type: 'string' },
      'peer-config': { type: 'string' },
      'peer-name': { type: 'string' },
      system: { type: 'string' },
      duration: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      'warm-up': { type: 'string' },
      workers: { type: 'string', default: '1' },
      rate: { type: 'string' },
      'in-flight': { type: 'string' },
      connections: { type: 'string' },
      payload: { type: 'string' },
      spans: { type: 'string' },
      protocol: { type: 'string' },
      compression: { type: 'string' },
      'compression-out': { type: 'string' },
      'sink-rate': { type: 'string' },
      'sink-delay': { type: 'string' },
      built: { type: 'boolean', default: false },
      'node-flag': { type: 'string', multiple: true, default: [] },
      'cpu-profile': { type: 'string' },
      cpus: { type: 'string' },
      idle: { type: 'boolean', default: false },
      report: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const own = overrides(values);
  return {
    scenarios: values.scenario === 'list' ? [] : findScenarios(values.scenario).map((s) => override(s, own)),
    list: values.scenario === 'list',
    systems: systemsOf(values.system),
    peer: peerOf(values.peer, values['peer-config'], values['peer-name']),
    workers: integer('workers', values.workers, 1, 256),
    built: values.built,
    nodeFlags: [...values['node-flag'], ...profile(values['cpu-profile'])],
    cpus: cpusOf(values.cpus),
    idle: values.idle,
    report: values.report === undefined ? null : resolve(values.report),
    json: values.json,
    help: values.help,
  };
}

type Values = Readonly<Record<string, unknown>>;

/** What the command line says about the scenario itself, and nothing else. */
function overrides(values: Values): Partial<Omit<Scenario, 'name' | 'about'>> {
  const given = <T>(name: string, read: (name: string, text: string) => T): { value: T } | null => {
    const text = values[name];
    return typeof text === 'string' ? { value: read(name, text) } : null;
  };
  const whole =
    (low: number, high: number) =>
    (name: string, text: string): number =>
      integer(name, text, low, high);
  const compression = (name: string, text: string): Compression => oneOf(name, text, ['none', 'gzip', 'zstd']);
  const found: readonly (readonly [keyof Scenario, { readonly value: unknown } | null])[] = [
    ['durationSeconds', given('duration', duration) ?? given('seconds', duration)],
    ['rounds', given('rounds', whole(1, 1000))],
    ['warmUpSeconds', given('warm-up', (name, text) => number(name, text, 0, 600))],
    ['rate', given('rate', whole(0, 1e9))],
    ['inFlight', given('in-flight', whole(1, MOST_IN_FLIGHT))],
    ['connections', given('connections', whole(1, MOST_IN_FLIGHT))],
    ['payload', given('payload', (name, text): PayloadName => oneOf(name, text, PAYLOAD_NAMES))],
    ['spans', given('spans', whole(1, MAX_SPANS))],
    ['protocol', given('protocol', (name, text): Protocol => oneOf(name, text, ['grpc', 'http']))],
    ['compressionIn', given('compression', compression)],
    ['compressionOut', given('compression-out', compression)],
    ['sinkRate', given('sink-rate', whole(0, 1e9))],
    ['sinkDelayMs', given('sink-delay', whole(0, 60_000))],
  ];
  return Object.fromEntries(found.flatMap(([key, value]) => (value === null ? [] : [[key, value.value]])));
}

function systemsOf(text: string | undefined): readonly SystemName[] | null {
  if (text === undefined) return null;
  const system = oneOf('system', text, ['both', MILLRACE, NAIVE]);
  return system === 'both' ? [MILLRACE, NAIVE] : [system];
}

function peerOf(
  command: string | undefined,
  template: string | undefined,
  name: string | undefined,
): PeerCommand | null {
  if (command === undefined) {
    if (template !== undefined || name !== undefined) throw new Error('--peer-config and --peer-name need --peer');
    return null;
  }
  const called = name ?? peerName(command);
  if (called === MILLRACE || called === NAIVE) throw new Error(`--peer-name=${called}: another name is wanted`);
  return { name: called, command, template: template === undefined ? null : resolve(template) };
}

function cpusOf(text: string | undefined): Options['cpus'] {
  if (text === undefined) return null;
  const [system, load, ...more] = text.split('/');
  const list = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;
  if (system === undefined || load === undefined || more.length > 0 || !list.test(system) || !list.test(load))
    throw new Error(`--cpus=${text}: two lists of CPUs such as 0/1 or 0-1/2,3 are wanted`);
  return { system, load };
}

function profile(directory: string | undefined): string[] {
  return directory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(directory)}`];
}

const UNITS: Readonly<Record<string, number>> = { '': 1, ms: 0.001, s: 1, m: 60, h: 3600 };

/** In seconds. */
function duration(name: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  const seconds = match === null ? NaN : Number(match[1]) * (UNITS[match[2] ?? ''] ?? NaN);
  if (!(seconds >= 0.1 && seconds <= LONGEST_S))
    throw new Error(`--${name}=${text}: a time such as 5, 30s, 10m or 1h is wanted, at least 0.1 s and at most a week`);
  return seconds;
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
