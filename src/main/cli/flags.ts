/**
 * The flags of each command, declared once: parsing (`args.ts`), the help text (`help.ts`) and the environment variables
 * all read these tables. Names and defaults of Alloy's flags: grafana/alloy v1.18 `internal/alloycli`.
 */
import { sizeText } from '#config/schema/size.ts';
import { parseAddress } from '#net/server/listen.ts';
import { DEFAULT_RECEIVE_BYTES, MAX_RECEIVE_BYTES, MIN_RECEIVE_BYTES } from '#net/server/receive-memory.ts';
import { errorText } from '#shared/errors.ts';
import { DEFAULT_RING_BYTES, MAX_RING_BYTES, MIN_RING_BYTES } from '#shared/ring.ts';
import { availableParallelism } from 'node:os';

interface FlagBase {
  /** Without dashes: `server.http.listen-addr`. */
  readonly name: string;
  readonly doc: string;
  /** One letter: `-w`. */
  readonly short?: string;
  /** Belongs to one call of the command: no environment variable sets it. */
  readonly local?: true;
  /** Accepted for the sake of existing command lines; setting it has no effect yet and is said so in a warning. */
  readonly inert?: true;
}

export interface TextFlag extends FlagBase {
  readonly kind: 'text';
  readonly default: string;
  /** What is wrong with a value; null: nothing. */
  readonly check?: (value: string) => string | null;
}
/** May be given several times. */
export interface ListFlag extends FlagBase {
  readonly kind: 'list';
  readonly default: readonly string[];
}
export interface BoolFlag extends FlagBase {
  readonly kind: 'bool';
  readonly default: boolean;
}
export interface ChoiceFlag extends FlagBase {
  readonly kind: 'choice';
  readonly default: string;
  readonly choices: readonly string[];
}
/** Whole number. `defaultText` says how the default came about. */
export interface CountFlag extends FlagBase {
  readonly kind: 'count';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly defaultText?: string;
  /** A variable of Go's that counts where nothing else sets the flag. As there, what is no such number is ignored. */
  readonly goVariable?: string;
}
/** Go duration text, milliseconds inside. */
export interface DurationFlag extends FlagBase {
  readonly kind: 'duration';
  readonly default: number;
  readonly defaultText: string;
}
/** Size text such as 64MiB, bytes inside. */
export interface SizeFlag extends FlagBase {
  readonly kind: 'size';
  readonly default: number;
  readonly defaultText: string;
  readonly min: number;
  readonly max: number;
}
export type Flag = TextFlag | ListFlag | BoolFlag | ChoiceFlag | CountFlag | DurationFlag | SizeFlag;

export const text = (name: string, dflt: string, doc: string): TextFlag => ({ kind: 'text', name, default: dflt, doc });
export const bool = (name: string, dflt: boolean, doc: string): BoolFlag => ({
  kind: 'bool',
  name,
  default: dflt,
  doc,
});
/** A flag of one call. */
export const local = <F extends Flag>(flag: F): F => ({ ...flag, local: true });
/** A flag of one letter, too. */
export const short = <F extends Flag>(letter: string, flag: F): F => ({ ...flag, short: letter });
const inert = <F extends Flag>(flag: F): F => ({ ...flag, inert: true });
const inertText = (name: string, dflt = ''): TextFlag => inert(text(name, dflt, 'No effect yet.'));
const inertCount = (name: string, dflt: number): CountFlag =>
  inert({ kind: 'count', name, default: dflt, min: 0, max: 2 ** 31 - 1, doc: 'No effect yet.' });
const inertDuration = (name: string, dflt: number, defaultText: string): DurationFlag =>
  inert({ kind: 'duration', name, default: dflt, defaultText, doc: 'No effect yet.' });
const inertBool = (name: string, dflt = false): BoolFlag => inert(bool(name, dflt, 'No effect yet.'));

export const LISTEN_ADDR: TextFlag = {
  ...text('server.http.listen-addr', '127.0.0.1:12345', 'Address of the admin server: UI, API, metrics, health.'),
  check: (value) => {
    try {
      parseAddress(value);
      return null;
    } catch (thrown) {
      return errorText(thrown);
    }
  },
};
export const HELP = short('h', local(bool('help', false, 'Show this help.')));

/** Flags of all commands that read a configuration. */
export const CONFIG_FLAGS: readonly Flag[] = [
  {
    kind: 'choice',
    name: 'config.format',
    default: 'auto',
    choices: ['auto', 'alloy', 'otelcol', 'prometheus', 'promtail', 'static'],
    doc: 'The language: alloy, or otelcol for Collector YAML; auto goes by the file name. The others are not offered.',
  },
  {
    kind: 'choice',
    name: 'stability.level',
    default: 'generally-available',
    choices: ['generally-available', 'public-preview', 'experimental'],
    doc: 'The least stable components that the configuration may use.',
  },
  bool('config.bypass-conversion-errors', false, 'Run a converted configuration in spite of errors of the conversion.'),
  text('config.extra-args', '', 'Extra arguments of the conversion; that of otelcol takes none.'),
  inertBool('feature.community-components.enabled'),
];

export const DRY_RUN = local(
  bool('dry-run', false, 'Evaluate everything, say what would run, and end: nothing is bound and no data flows.'),
);

export const RUN_FLAGS: readonly Flag[] = [
  LISTEN_ADDR,
  text('server.http.ui-path-prefix', '/', 'Path under which the UI and its API are served.'),
  {
    kind: 'count',
    name: 'workers',
    default: Math.max(1, availableParallelism() - 1),
    min: 1,
    max: 256,
    defaultText: 'cores minus one, or GOMAXPROCS',
    goVariable: 'GOMAXPROCS',
    doc: 'Number of worker threads that process and export.',
  },
  {
    kind: 'count',
    name: 'ingest-threads',
    default: 0,
    min: 0,
    max: 64,
    doc: 'Threads that accept on the same addresses, where the main thread is the limit; 0: the main thread accepts.',
  },
  {
    kind: 'size',
    name: 'ring.size',
    default: DEFAULT_RING_BYTES,
    defaultText: sizeText(DEFAULT_RING_BYTES),
    min: MIN_RING_BYTES,
    max: MAX_RING_BYTES,
    doc: 'Shared memory between each thread that accepts and each worker; a request must fit into it.',
  },
  {
    kind: 'size',
    name: 'receive.size',
    default: DEFAULT_RECEIVE_BYTES,
    defaultText: sizeText(DEFAULT_RECEIVE_BYTES),
    min: MIN_RECEIVE_BYTES,
    max: MAX_RECEIVE_BYTES,
    doc: 'Memory of each accepting thread for requests that still arrive; past it they are refused as retryable.',
  },
  {
    kind: 'choice',
    name: 'http.driver',
    default: 'auto',
    choices: ['auto', 'node', 'uws'],
    doc: 'HTTP server of the receivers: uws needs uWebSockets.js, auto takes it when it is installed.',
  },
  {
    kind: 'duration',
    name: 'feature.component-shutdown-deadline',
    default: 600_000,
    defaultText: '10m',
    doc: 'How long a shutdown may take to flush what was accepted.',
  },
  ...CONFIG_FLAGS,
  DRY_RUN,
  bool('disable-reporting', false, 'Accepted for compatibility: millrace never reports anything to anyone.'),
  inertText('storage.path', 'data-millrace/'),
  inertText('server.http.memory-addr', 'alloy.internal:12345'),
  inertBool('server.http.enable-pprof', true),
  inertBool('server.http.disable-support-bundle'),
  inertBool('server.http.enable-graphql'),
  inertBool('server.http.enable-graphql-playground'),
  inertBool('cluster.enabled'),
  inertText('cluster.node-name'),
  inertText('cluster.join-addresses'),
  inertText('cluster.discover-peers'),
  inertDuration('cluster.rejoin-interval', 60_000, '60s'),
  inertText('cluster.advertise-address'),
  inertText('cluster.advertise-interfaces', 'eth0,en0'),
  inertCount('cluster.max-join-peers', 5),
  inertText('cluster.name'),
  inertBool('cluster.enable-tls'),
  inertText('cluster.tls-ca-path'),
  inertText('cluster.tls-cert-path'),
  inertText('cluster.tls-key-path'),
  inertText('cluster.tls-server-name'),
  inertCount('cluster.wait-for-size', 0),
  inertDuration('cluster.wait-timeout', 0, '0s'),
  inertBool('cluster.use-discovery-v1'),
  inertBool('feature.prometheus.direct-fanout.enabled'),
  inertBool('feature.prometheus.metric-validation-scheme'),
  inert({
    kind: 'choice',
    name: 'windows.priority',
    default: 'normal',
    choices: ['above_normal', 'below_normal', 'normal', 'high', 'idle', 'realtime'],
    doc: 'No effect.',
  }),
  HELP,
];

/** `server.http.listen-addr` -> `MILLRACE_SERVER_HTTP_LISTEN_ADDR`. */
export function environmentName(flag: string): string {
  return `MILLRACE_${flag.toUpperCase().replace(/[.-]/g, '_')}`;
}
