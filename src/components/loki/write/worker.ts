/** loki.write in a worker: every endpoint gets every line, or nobody does. */
import type { Label } from '#codec/loki/labels.ts';
import { sortedLabels } from '#codec/loki/labels.ts';
import { countLines } from '#codec/loki/streams.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { droppedCounter } from '#components/kit/exporter/instruments.ts';
import { LimitedLog } from '#components/kit/limited-log.ts';
import { Outcome } from '#shared/outcome.ts';
import { LOKI, type Flow } from '#shared/signal.ts';
import { Endpoint, type Change } from './endpoint.ts';
import type { Args, EndpointArgs } from './schema.ts';

/** Throws a MillraceError when a URL, a header or a TLS file cannot be used. Connects with the first batch. */
export function create(args: Args, ctx: WorkerContext, random: () => number = Math.random): WorkerPart<Args> {
  return new Write(args, ctx, random);
}

class Write implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: ({ bytes, items }) => this.#consume(bytes, items) };
  readonly #ctx: WorkerContext;
  readonly #log: LimitedLog;
  readonly #random: () => number;
  /** By name, or URL. */
  #endpoints: ReadonlyMap<string, Endpoint>;
  /** No longer in the configuration; they send what they hold. */
  readonly #leaving = new Set<Endpoint>();
  #external: readonly Label[];
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext, random: () => number) {
    this.#ctx = ctx;
    this.#log = new LimitedLog(ctx.log, ctx.clock);
    this.#random = random;
    this.#external = sortedLabels(Object.entries(args.external_labels));
    this.#endpoints = endpointsOf(this.#made(args, new Map()));
    this.#remark(args);
  }

  start(): void {}

  update(args: Args): void {
    const old = this.#endpoints;
    const made = this.#made(args, old);
    for (const { endpoint, change } of made.values()) if (change !== null) endpoint.update(change);
    this.#endpoints = endpointsOf(made);
    this.#external = sortedLabels(Object.entries(args.external_labels));
    for (const [key, endpoint] of old) {
      if (this.#endpoints.has(key)) continue;
      this.#leaving.add(endpoint);
      void endpoint.stop(Infinity, true).then(() => this.#leaving.delete(endpoint));
    }
    this.#remark(args);
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#stopped = true;
    await Promise.all([...this.#endpoints.values(), ...this.#leaving].map((e) => e.stop(deadlineMs, removed)));
    this.#log.flush();
  }

  /** Those that were there before are unchanged yet. Nothing is left of it when one cannot be made. */
  #made(args: Args, old: ReadonlyMap<string, Endpoint>): ReadonlyMap<string, Made> {
    const made = new Map<string, Made>();
    try {
      for (const one of args.endpoint) {
        const key = keyOf(one, made);
        const known = old.get(key);
        if (known !== undefined) made.set(key, { endpoint: known, change: known.prepare(one, args.max_streams) });
        else
          made.set(key, {
            endpoint: new Endpoint(one, args.max_streams, this.#ctx, this.#log, this.#random),
            change: null,
          });
      }
    } catch (thrown) {
      for (const { endpoint, change } of made.values())
        void (change === null ? endpoint.stop(0, false) : change.push?.destroy());
      throw thrown;
    }
    return made;
  }

  #remark({ wal }: Args): void {
    if (wal?.enabled === true && this.#ctx.workerIndex === 0)
      this.#ctx.log.warn('there is no write-ahead log: lines are held in memory, the wal block has no effect');
  }

  #consume(bytes: Buffer, items: number): Outcome {
    if (this.#stopped) return Outcome.stopping;
    const endpoints = [...this.#endpoints.values()];
    try {
      // Once for all: nothing may be taken of a message that cannot be read to its end.
      countLines(bytes);
    } catch (error) {
      if (error instanceof ProtobufError) return Outcome.malformed;
      throw error;
    }
    const full = endpoints.filter((endpoint) => !hasRoom(endpoint, bytes.length));
    if (full.some((endpoint) => endpoint.refuses)) return Outcome.queueFull;
    for (const endpoint of endpoints) {
      if (full.includes(endpoint)) endpoint.overflow(bytes, this.#external);
      else endpoint.add(bytes, this.#external);
    }
    if (endpoints.length === 0) droppedCounter(this.#ctx.meter, LOKI, 'no_endpoint').add(items);
    return Outcome.accepted;
  }
}

/** An endpoint, and how it has to change; null: it is new. */
interface Made {
  readonly endpoint: Endpoint;
  readonly change: Change | null;
}

function endpointsOf(made: ReadonlyMap<string, Made>): ReadonlyMap<string, Endpoint> {
  return new Map([...made].map(([key, { endpoint }]) => [key, endpoint]));
}

function hasRoom(endpoint: Endpoint, bytes: number): boolean {
  if (endpoint.hasRoom(bytes)) return true;
  endpoint.flush();
  return endpoint.hasRoom(bytes);
}

/** The same URL may stand in two endpoints, for two tenants say. */
function keyOf({ name, url }: EndpointArgs, taken: ReadonlyMap<string, unknown>): string {
  const base = name ?? url;
  let key = base;
  for (let i = 2; taken.has(key); i++) key = `${base} ${i}`;
  return key;
}
