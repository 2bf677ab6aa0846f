/** A scenario is a declaration; `run/` carries it out. The command line overrides its values. */
import type { Compression, Protocol } from '../messages.ts';
import type { PayloadName } from '../payload/catalog.ts';
import type { EditName, ExportQueue, SystemName } from '../system/system.ts';

/** Which phases a round has (run/plan.ts) and what it is judged by (run/judge.ts). */
export type Plan = 'windows' | 'overload' | 'outage' | 'soak' | 'reload';

/** Of the OpenTelemetry Collector's testbed, for its own rows; shown beside the result. */
export interface Limits {
  /** Of one core. */
  readonly cpuPercent: number;
  readonly ramMiB: number;
}

export interface Scenario {
  readonly name: string;
  /** One line for the list. */
  readonly about: string;
  readonly plan: Plan;
  readonly payload: PayloadName;
  /** Per request. */
  readonly spans: number;
  /** In and out. */
  readonly protocol: Protocol;
  readonly compressionIn: Compression;
  readonly compressionOut: Compression;
  /** Spans per second in an open loop; 0 = closed loop, as fast as answers come. */
  readonly rate: number;
  /** Most requests in flight. */
  readonly inFlight: number;
  readonly connections: number;
  /** Spans per second that the sink takes; 0 = all. */
  readonly sinkRate: number;
  /** The sink answers so much later. */
  readonly sinkDelayMs: number;
  readonly queue: ExportQueue;
  /** Span metrics and a service graph are made of what passes; by the naive gateway too. */
  readonly derive: boolean;
  /** The processor that spans pass before the batch; of millrace only. */
  readonly edit: EditName;
  /** Of the measured window, or of the plan's main phase. */
  readonly durationSeconds: number;
  readonly warmUpSeconds: number;
  /** Interleaved rounds of each system. */
  readonly rounds: number;
  /** Measured if the command line names none. */
  readonly systems: readonly SystemName[];
  readonly limits: Limits | null;
}

/** A short queue that holds the lane back when it is full: the sink's speed reaches the generator, not the memory. */
export const SHORT_QUEUE: ExportQueue = { sizer: 'requests', size: 32, block: true };
/** A queue that refuses when it is full, counted in spans so that its bytes can be told. */
export const REFUSING_QUEUE: ExportQueue = { sizer: 'items', size: 65_536, block: false };

const DEFAULTS: Omit<Scenario, 'name' | 'about'> = {
  plan: 'windows',
  payload: 'shop',
  spans: 512,
  protocol: 'grpc',
  compressionIn: 'none',
  compressionOut: 'none',
  rate: 0,
  inFlight: 16,
  connections: 4,
  sinkRate: 0,
  sinkDelayMs: 0,
  queue: SHORT_QUEUE,
  derive: false,
  edit: 'none',
  durationSeconds: 5,
  warmUpSeconds: 2,
  rounds: 5,
  systems: ['millrace', 'naive'],
  limits: null,
};

/** Most requests in flight in an open loop that does not say: enough that a stall of the system does not stop the schedule. */
export const OPEN_LOOP_IN_FLIGHT = 256;
/** HTTP/1.1 has one request at a time on a connection: as many connections as requests in flight. */
const connectionsFor = (protocol: Protocol, inFlight: number): number =>
  protocol === 'http' ? inFlight : Math.min(DEFAULTS.connections, inFlight);

/** What is not given is as in `default`. */
export function scenario(name: string, about: string, values: Partial<Omit<Scenario, 'name' | 'about'>>): Scenario {
  const merged = { ...DEFAULTS, ...values };
  const inFlight = values.inFlight ?? (merged.rate > 0 ? OPEN_LOOP_IN_FLIGHT : DEFAULTS.inFlight);
  return {
    ...merged,
    name,
    about,
    inFlight,
    connections: values.connections ?? connectionsFor(merged.protocol, inFlight),
  };
}

/** The scenario with other values, as the command line gives them. What depends on them and is not given follows. */
export function override(base: Scenario, values: Partial<Omit<Scenario, 'name' | 'about'>>): Scenario {
  const changesLoop = values.rate !== undefined || values.protocol !== undefined || values.inFlight !== undefined;
  if (!changesLoop) return { ...base, ...values };
  const { name, about, inFlight, connections, ...rest } = base;
  const wasOpen = base.rate > 0;
  const isOpen = (values.rate ?? base.rate) > 0;
  return scenario(name, about, {
    ...rest,
    ...(wasOpen === isOpen || base.plan !== 'windows' ? { inFlight } : {}),
    // a number of its own, not the protocol's
    ...(connections === connectionsFor(base.protocol, inFlight) ? {} : { connections }),
    ...values,
  });
}
