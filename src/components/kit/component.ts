/**
 * What a component is. `component.ts` of each component exports one {@link Component} as `component`; its `worker.ts`
 * exports `create: CreateWorkerPart`, its `main.ts` exports `create: CreateMainPart`.
 *
 * Which parts a component has says where it runs: a receiver has a main part (sockets live on the main thread, or with
 * `--ingest-threads` in each ingest thread a copy of the part with listeners of its own), a processor or exporter has a worker
 * part (one whole copy in each worker, sharing nothing). What its copies count together, as a connector that derives metrics
 * does, is the business of its merge part (`merge.ts`, one on the main thread). A component that gives values to expressions has
 * a provider (`provider.ts`, on the main thread). One that takes data only while something of the whole process allows it has a
 * guard (`guard.ts`, on the main thread).
 */
import type { Counterpart } from '#config/schema/otelcol.ts';
import type { BodySchema, Infer, Shape } from '#config/schema/schema.ts';
import type { AddressShare } from '#net/server/listen.ts';
import type { Clock } from '#shared/clock.ts';
import type { Gate } from '#shared/gate.ts';
import type { Logger } from '#shared/log.ts';
import type { Metadata } from '#shared/metadata.ts';
import type { Meter } from '#shared/meter.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { Flow, LOKI, PROMETHEUS, Signal } from '#shared/signal.ts';
import type { ReceiveMemory } from '#net/server/receive-memory.ts';
import type { Consumer } from './batch.ts';

export type Stability = 'experimental' | 'public-preview' | 'generally-available';

export interface Component<S extends Shape = Shape> {
  /** Alloy's dotted name, e.g. `otelcol.processor.batch`; the folder path is the same. */
  readonly name: string;
  readonly stability: Stability;
  /** One sentence for the reference and the component list. */
  readonly summary: string;
  readonly args: BodySchema<S>;
  /** What its exported `input` (OTLP signals) or `receiver` (PROMETHEUS, LOKI) takes; empty for receivers. */
  readonly accepts: readonly Flow[];
  /** It lets only some of the traces through, so what is counted behind it is not what happened. */
  readonly samples?: true;
  /** It counts spans: a warning says so where it stands behind a component that samples. */
  readonly countsSpans?: true;
  /** Its counterpart in the OpenTelemetry Collector, which `convert` makes it of. */
  readonly otelcol?: Counterpart;
  /** What expressions see of it besides `input`. Present iff `provider` is. */
  readonly exports?: BodySchema<Shape>;
  /** Runs where the configuration is evaluated; gives the values of `exports`. */
  readonly provider?: () => Promise<{ readonly create: CreateProvider<never, object> }>;
  /** `never`: whoever loads a part hands it the arguments that its own schema decoded (`as never`). */
  readonly main?: () => Promise<{ readonly create: CreateMainPart<never> }>;
  readonly worker?: () => Promise<{ readonly create: CreateWorkerPart<never> }>;
  /** Present iff its worker part has `harvest`. */
  readonly merge?: () => Promise<{ readonly create: CreateMergePart<never> }>;
  /** Decides for all copies of its worker part whether they take anything. */
  readonly guard?: () => Promise<{ readonly create: CreateGuard<never> }>;
}

/** Helper that gives `component.ts` its types: `export const component = define({ ... })`. */
export function define<S extends Shape>(component: Component<S>): Component<S> {
  return component;
}

/** What both kinds of part get. `id` is the node id (`otelcol.processor.batch.default`). */
export interface PartContext {
  readonly id: string;
  readonly log: Logger;
  readonly clock: Clock;
  /** Already labelled with `component_id` and `component_path`. */
  readonly meter: Meter;
  /** Reports the component's health; the reason is shown to operators. Start with healthy. */
  readonly health: (state: 'healthy' | 'unhealthy', message: string) => void;
}

export interface WorkerContext extends PartContext {
  /** Where the component's output goes, by signal name; fan-out is done behind it. Never null: without consumers it accepts and discards. */
  readonly next: Readonly<Record<'traces' | 'metrics' | 'logs', Consumer>> & {
    readonly prometheus: Consumer<typeof PROMETHEUS>;
    readonly loki: Consumer<typeof LOKI>;
  };
  readonly workerIndex: number;
  readonly workerCount: number;
  /** Of a part with `harvest`: it should be emptied soon, not only when its merge part thinks of it. Cheap to call often. */
  readonly harvestDue: () => void;
  /** What the component's guard has decided. Without a guard it is always open. */
  readonly gate: Gate;
}

export interface WorkerPart<A> {
  /** Present iff the component exports an input or a receiver. */
  readonly input?: Consumer<Flow>;
  start(): void | Promise<void>;
  /** New arguments while running. Loses nothing. */
  update(args: A): void | Promise<void>;
  /**
   * Flushes what it holds into `next` or its destination, then emits nothing any more. Resolves when done, at the latest
   * `deadlineMs` milliseconds after the call; what could not be flushed by then is dropped and counted. `removed`: a reload took
   * the part away and the collector goes on. What follows lives on or waits for this part, so it insists for the whole deadline;
   * unless it is called again without `removed`: then it insists no longer.
   */
  stop(deadlineMs: number, removed?: boolean): Promise<void>;
  /**
   * Present iff the component has a merge part. Hands over the next parcel of what was counted since the last harvest, in memory
   * of its own that nobody here touches again (its ArrayBuffer is transferred whole); null = that was all. A parcel is at most
   * {@link PARCEL_BYTES} long, or one record. Called again and again until null, between batches, also after `stop`.
   */
  harvest?(): Uint8Array<ArrayBuffer> | null;
}
export type CreateWorkerPart<A> = (args: A, ctx: WorkerContext) => WorkerPart<A>;

/** What main merges in one turn of its event loop: some milliseconds of work. */
export const PARCEL_BYTES = 256 * 1024;

export interface MergeContext extends PartContext {
  /**
   * Leads to the component's consumers, over the rings. Metrics go by their resource: points of one resource always reach the
   * same worker, in order.
   */
  readonly entry: Entry;
  /** What a request to the entry should not exceed by much: the rings may be too small for it, then it is rejected. */
  readonly requestBytes: number;
  /**
   * Empties the worker part of every worker: each parcel comes to `merge` in a turn of its own. Resolves when every worker has
   * said that it has no more, or is gone. A call while one is under way begins another after it. Never rejects.
   */
  readonly harvest: () => Promise<void>;
}

/**
 * What the copies of a worker part have counted comes together here, on the main thread, so that the result does not depend on
 * the number of workers. Turns have to be short: the thread also accepts.
 */
export interface MergePart<A> {
  start(): void;
  /** One parcel of one worker; its memory is the part's. Parcels made under other arguments are recognized and counted as lost. */
  merge(parcel: Uint8Array<ArrayBuffer>): void;
  /** A worker part has asked to be harvested. */
  due(): void;
  /**
   * Harvests, and emits what there is through `entry`; resolves when consumers have it, or at the deadline. Before a reload that
   * changes or removes the component, and at the end.
   */
  flush(deadlineMs: number): Promise<void>;
  /** The workers run with these arguments already. */
  update(args: A): void;
  /** Ends timers; emits nothing any more. */
  stop(): void;
  /** What `/metrics/derived` shows of it, as merged by now. */
  readonly derived?: DerivedMetrics;
}
export type CreateMergePart<A> = (args: A, ctx: MergeContext) => MergePart<A>;

/** Metrics that can be scraped. Names are Prometheus's (semantics 16). */
export interface DerivedMetrics {
  families(): readonly DerivedFamily[];
}
export interface DerivedFamily {
  /** Without the suffix that OpenMetrics gives to samples: `traces_span_metrics_calls` of `traces_span_metrics_calls_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** '' = none */
  readonly unit: string;
  /**
   * The lines of each series in turn, with their newlines. Whoever reads them may pause between two for other work; series that
   * vanish or come meanwhile may or may not be among them, none is there twice. `exemplars`: OpenMetrics.
   */
  series(exemplars: boolean): Iterable<string>;
}

/** Memory of the process, in bytes. */
export interface MemoryReading {
  /** What the process takes, without what it has freed and the allocator keeps. */
  readonly usedBytes: number;
  /** How much there is: the limit of the cgroup, or of the machine. */
  readonly capacityBytes: number;
}

export interface GuardContext extends PartContext {
  /** Open at first. While it is closed the worker parts refuse, and receivers that lead only to closed gates do so at the door. */
  readonly gate: Gate;
  readonly memory: () => MemoryReading;
  /** Makes all threads collect garbage, this one before it returns. */
  readonly collectGarbage: () => void;
}

/** Watches over a gate. Checks have to be short: the thread also accepts. */
export interface Guard<A> {
  start(): void;
  /** The workers run with these arguments already. */
  update(args: A): void;
  /** Ends timers. The gate is opened after it: what was taken before, and still flows, goes through. */
  stop(): void;
}
export type CreateGuard<A> = (args: A, ctx: GuardContext) => Guard<A>;

export interface ProviderContext<E> extends PartContext {
  /** New exports, after `start` has resolved. What depends on them is evaluated again when they differ. */
  publish(exports: E): void;
  /** Folder for files of its own; the system's for temporary files where it is not given. */
  readonly storagePath?: string;
}

/**
 * The part of a component that gives values to the configuration (the content of a file, a list of targets). Lives on the main
 * thread. It has no `update`: with other arguments another one takes its place, which has started before this one stops.
 */
export interface Provider<E> {
  /**
   * Resolves with the first exports; rejects with a MillraceError when there are none to begin with, which is an error of the
   * configuration. Called once. A load waits for it: it has to come to an end by itself, in a time that it sets.
   */
  start(): Promise<E>;
  /** Ends its polling and watching; publishes nothing any more. Also called when `start` has rejected. */
  stop(): Promise<void>;
}
export type CreateProvider<A, E> = (args: A, ctx: ProviderContext<E>) => Provider<E>;

/** A way into the pipeline. Lives where who uses it does; backed by the shard and the rings. */
export interface Entry {
  /** Whether any component takes this signal. */
  has(signal: Signal): boolean;
  /**
   * Offers one request (OTLP protobuf bytes of `signal`). The bytes are read before `offer` returns and may be reused
   * then. `done` is called exactly once, now or later, with the joined outcome of the whole request and the number of items
   * it held. Malformed bytes give {@link Outcome.malformed} and `detail`, which says what is wrong and where; a request
   * without items is accepted and goes nowhere.
   */
  offer(
    signal: Signal,
    bytes: Buffer,
    metadata: Metadata | null,
    done: (outcome: Outcome, items: number, detail?: string) => void,
  ): void;
}

/** A receiver's. */
export interface ReceiverEntry extends Entry {
  /**
   * Asked before a request is read: {@link Outcome.accepted}, or what any request of this signal is to be refused with at present.
   * That counts as a request that was offered and refused. Whoever cannot ask so early need not ask.
   */
  admit(signal: Signal): Outcome;
}

export interface MainFlags {
  /** `--http.driver`. */
  readonly httpDriver: 'auto' | 'node' | 'uws';
  /** `--receive.size`: bound of each thread's `receive`. */
  readonly receiveBytes: number;
}

export interface MainContext extends PartContext {
  readonly entry: ReceiverEntry;
  /** Memory for requests that are still arriving: one bound for all receivers of the thread. */
  readonly receive: ReceiveMemory;
  /** Present when copies of the part in other threads listen on the same addresses: what its address needs, by a name for the listener. */
  readonly share?: (listener: string) => AddressShare;
  /** Process-wide choices made by flags. */
  readonly flags: MainFlags;
}

export interface MainPart<A> {
  /** Binds its sockets; rejects with a MillraceError that names component and address when it cannot. */
  start(): Promise<void>;
  /** Rejects with a MillraceError when it cannot; then it has tried to return to the arguments in force. */
  update(args: A): Promise<void>;
  /**
   * Makes room for other parts before `update(args)`, or with null before `stop`: listens no more where these would stop
   * listening. Requests in flight are answered. An `update` with the arguments in force listens there again.
   */
  vacate(args: A | null): Promise<void>;
  /** Stops accepting, answers what is in flight, closes. At most `deadlineMs` milliseconds. `removed`: the collector goes on. */
  stop(deadlineMs: number, removed?: boolean): Promise<void>;
}
export type CreateMainPart<A> = (args: A, ctx: MainContext) => MainPart<A>;

export type { Infer };
export type { Reshape } from '#config/schema/otelcol.ts';
