/**
 * What a component is. `component.ts` of each component exports one {@link Component} as `component`; its `worker.ts`
 * exports `create: CreateWorkerPart`, its `main.ts` exports `create: CreateMainPart`.
 *
 * Which parts a component has says where it runs: a receiver has a main part (sockets live on the main thread, or with
 * `--ingest-threads` in each ingest thread a copy of the part with listeners of its own), a processor or exporter has a worker
 * part (one whole copy in each worker, sharing nothing). A component that gives values to expressions has a provider
 * (`provider.ts`, on the main thread).
 */
import type { Counterpart } from '#config/schema/otelcol.ts';
import type { BodySchema, Infer, Shape } from '#config/schema/schema.ts';
import type { AddressShare } from '#net/server/listen.ts';
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { Metadata } from '#shared/metadata.ts';
import type { Meter } from '#shared/meter.ts';
import type { Outcome } from '#shared/outcome.ts';
import type { Signal } from '#shared/signal.ts';
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
  /** Signals its exported `input` takes; empty for receivers. */
  readonly accepts: readonly Signal[];
  /** Its counterpart in the OpenTelemetry Collector, which `convert` makes it of. */
  readonly otelcol?: Counterpart;
  /** What expressions see of it besides `input`. Present iff `provider` is. */
  readonly exports?: BodySchema<Shape>;
  /** Runs where the configuration is evaluated; gives the values of `exports`. */
  readonly provider?: () => Promise<{ readonly create: CreateProvider<never, object> }>;
  /** `never`: whoever loads a part hands it the arguments that its own schema decoded (`as never`). */
  readonly main?: () => Promise<{ readonly create: CreateMainPart<never> }>;
  readonly worker?: () => Promise<{ readonly create: CreateWorkerPart<never> }>;
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
  readonly next: Readonly<Record<'traces' | 'metrics' | 'logs', Consumer>>;
  readonly workerIndex: number;
  readonly workerCount: number;
}

export interface WorkerPart<A> {
  /** Present iff the component exports an input. */
  readonly input?: Consumer;
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
}
export type CreateWorkerPart<A> = (args: A, ctx: WorkerContext) => WorkerPart<A>;

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

/** A receiver's way into the pipeline. Lives where the receiver does; backed by the shard and the rings. */
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

export interface MainFlags {
  /** `--http.driver`. */
  readonly httpDriver: 'auto' | 'node' | 'uws';
  /** `--receive.size`: bound of each thread's `receive`. */
  readonly receiveBytes: number;
}

export interface MainContext extends PartContext {
  readonly entry: Entry;
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
