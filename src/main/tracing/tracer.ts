/**
 * Makes millrace's own spans: of evaluations of the configuration and of requests to the admin server. They enter the pipeline like
 * a receiver's requests, at the consumers that the `tracing` block names. Main thread only, and nothing that has to do with
 * the data that flows through.
 */
import type { Entry } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import type { TracingArgs } from '../graph/blocks/tracing.ts';
import { KIND, type Attributes, type SpanRecord } from './span-encoder.ts';
import { SpanQueue } from './span-queue.ts';
import { isKept, newSpanId, newTraceId, type RemoteContext } from './trace-context.ts';

export interface TracerOptions {
  readonly version: string;
  /** Of the id that the plan gives them. */
  readonly entry: Entry;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly log: Logger;
}

/** A span of this process that others are inside of. */
export interface Parent {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
}

export type Work = Pick<SpanRecord, 'name' | 'startMs' | 'endMs' | 'attributes' | 'status' | 'message'>;

export class Tracer {
  readonly #clock: Clock;
  readonly #queue: SpanQueue;
  #fraction = 0;
  #on = false;

  constructor({ version, entry, clock, meter, log }: TracerOptions) {
    this.#clock = clock;
    this.#queue = new SpanQueue({ entry, version, clock, meter, log, resource: resourceOf(version) });
  }

  /** From now on spans are made like this; where they go is in the plan. */
  configure({ sampling_fraction, write_to }: Pick<TracingArgs, 'sampling_fraction' | 'write_to'>): void {
    const on = write_to.length > 0;
    if (this.#on && !on) this.#queue.flush(true);
    this.#on = on;
    this.#fraction = sampling_fraction;
  }

  /** Whether anybody gets spans. */
  get on(): boolean {
    return this.#on;
  }

  /** Milliseconds since the epoch that go on from the present time without jumps. */
  stopwatch(): () => number {
    const begin = this.#clock.now();
    const beginMonotonic = this.#clock.monotonicMs();
    return () => begin + (this.#clock.monotonicMs() - beginMonotonic);
  }

  /** Adds a trace that began here, if it is one to keep; `inside` adds the spans within. */
  root(work: Work, inside: (parent: Parent) => void): void {
    const traceId = newTraceId();
    if (!this.#on || !isKept(traceId, this.#fraction)) return;
    const spanId = newSpanId();
    inside({ traceId, spanId });
    this.#add(work, KIND.internal, { traceId, spanId, parentId: null, remoteParent: false, state: '' });
  }

  /** Adds a span inside another one. */
  child({ traceId, spanId }: Parent, work: Work): void {
    const ids = { traceId, spanId: newSpanId(), parentId: spanId, remoteParent: false, state: '' };
    this.#add(work, KIND.internal, ids);
  }

  /** Adds the span of a request that was answered. Whoever sent it decides whether it is kept; without such a one, we do. */
  request(work: Work, remote: RemoteContext | null): void {
    const traceId = remote?.traceId ?? newTraceId();
    if (!this.#on || !(remote?.sampled ?? isKept(traceId, this.#fraction))) return;
    this.#add(work, KIND.server, {
      traceId,
      spanId: newSpanId(),
      parentId: remote?.spanId ?? null,
      remoteParent: remote !== null,
      state: remote?.state ?? '',
    });
  }

  /** Offers what is left; later spans are not made. */
  stop(): void {
    this.#on = false;
    this.#queue.flush(true);
  }

  #add(
    { name, startMs, endMs, attributes, status, message }: Work,
    kind: SpanRecord['kind'],
    ids: Pick<SpanRecord, 'traceId' | 'spanId' | 'parentId' | 'remoteParent' | 'state'>,
  ): void {
    this.#queue.add({ ...ids, name, kind, startMs, endMs, attributes, status, message });
  }
}

function resourceOf(version: string): Attributes {
  return {
    'service.name': 'millrace',
    'service.version': version,
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.version.slice(1),
    'telemetry.sdk.name': 'millrace',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.version': version,
  };
}
