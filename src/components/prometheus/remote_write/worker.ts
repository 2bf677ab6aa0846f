/** prometheus.remote_write in a worker: every endpoint gets each batch once. */
import { createHash } from 'node:crypto';
import { measure } from '#codec/prometheus/write-request.ts';
import { ProtobufError } from '#codec/protobuf/limits.ts';
import type { Batch, Consumer } from '#components/kit/batch.ts';
import type { WorkerContext, WorkerPart } from '#components/kit/component.ts';
import { fanOut, type Taken } from '#components/kit/fan-out.ts';
import { shownUrl } from '#net/client/http-url.ts';
import { isRefused, Outcome } from '#shared/outcome.ts';
import { PROMETHEUS, type Flow } from '#shared/signal.ts';
import { Endpoint, type EndpointIdentity, type Prepared } from './endpoint.ts';
import { componentInstruments, type ComponentInstruments } from './instruments.ts';
import type { Args, EndpointArgs } from './schema.ts';

/** How long an endpoint that left the configuration may take to send what it holds. */
const LEAVE_MS = 60_000;

/** Throws a MillraceError when a TLS file cannot be used. Connects with the first batch. */
export function create(args: Args, ctx: WorkerContext): WorkerPart<Args> {
  return new RemoteWrite(args, ctx);
}

class RemoteWrite implements WorkerPart<Args> {
  readonly input: Consumer<Flow> = { consume: (batch) => this.#consume(batch) };
  readonly #ctx: WorkerContext;
  readonly #count: ComponentInstruments;
  /** By {@link keyOf}. */
  #endpoints = new Map<string, Endpoint>();
  /** Who has a batch that others refused stays known over a reload. */
  readonly #taken: Taken = new WeakMap();
  /** Batches that are in the books already and come again. */
  readonly #counted = new WeakSet<Batch<Flow>>();
  /** Those that left the configuration and still send what they hold. */
  readonly #leaving = new Map<Endpoint, Promise<void>>();
  #all: Consumer<Flow>;
  #args: Args;
  #started = false;
  #stopped = false;

  constructor(args: Args, ctx: WorkerContext) {
    this.#ctx = ctx;
    this.#args = args;
    this.#count = componentInstruments(ctx.meter);
    for (const [key, { endpoint }] of this.#made(args, this.#endpoints)) this.#endpoints.set(key, endpoint);
    this.#all = this.#fan();
  }

  start(): void {
    this.#started = true;
    for (const endpoint of this.#endpoints.values()) endpoint.start();
    this.#remark(null);
  }

  /**
   * Endpoints with the same name and URL go on; those that are new start; those that are gone send what they hold, before a new one
   * sends anything to the same URL. Throws a MillraceError, and then everything is as it was.
   */
  update(args: Args): void {
    const next = this.#made(args, this.#endpoints);
    for (const [key, endpoint] of this.#endpoints) if (!next.has(key)) this.#leave(endpoint);
    for (const { endpoint, change } of next.values())
      if (change !== null) endpoint.update(change);
      else if (this.#started) endpoint.start(this.#predecessors(endpoint.url));
    const before = this.#args;
    this.#endpoints = new Map([...next].map(([key, { endpoint }]) => [key, endpoint]));
    this.#args = args;
    this.#all = this.#fan();
    if (this.#started) this.#remark(before);
  }

  async stop(deadlineMs: number, removed = false): Promise<void> {
    this.#stopped = true;
    const all = [...this.#endpoints.values(), ...this.#leaving.keys()];
    await Promise.all(all.map((endpoint) => endpoint.stop(deadlineMs, removed)));
  }

  /** The endpoints of a configuration: those that are known, unchanged yet, and new ones. Nothing is left of it when one cannot be. */
  #made(args: Args, known: ReadonlyMap<string, Endpoint>): Map<string, Made> {
    const made = new Map<string, Made>();
    try {
      for (const { identity, endpoint: own } of named(args.endpoint)) {
        const key = keyOf(identity);
        const old = known.get(key);
        if (old !== undefined) made.set(key, { endpoint: old, change: old.prepare(own, args.external_labels) });
        else made.set(key, { endpoint: new Endpoint(identity, own, args.external_labels, this.#ctx), change: null });
      }
    } catch (thrown) {
      discard(made);
      throw thrown;
    }
    return made;
  }

  #leave(endpoint: Endpoint): void {
    const left = endpoint.stop(LEAVE_MS, true).then(() => void this.#leaving.delete(endpoint));
    this.#leaving.set(endpoint, left);
  }

  /** null: nobody is leaving that sends there. */
  #predecessors(url: string): Promise<unknown> | null {
    const found = [...this.#leaving].filter(([endpoint]) => endpoint.url === url).map(([, left]) => left);
    return found.length === 0 ? null : Promise.all(found);
  }

  #fan(): Consumer<Flow> {
    const identities = [...this.#endpoints.keys()];
    const all = [...this.#endpoints.values()];
    const consumers = all.map((endpoint): Consumer<Flow> => ({ consume: (batch) => offer(endpoint, batch, all) }));
    return fanOut(consumers, { taken: this.#taken, identities });
  }

  #consume(batch: Batch<Flow>): Outcome | Promise<Outcome> {
    if (this.#stopped) return Outcome.stopping;
    if (batch.signal !== PROMETHEUS) return Outcome.noConsumer;
    if (!this.#counted.has(batch)) {
      try {
        const found = measure(batch.bytes);
        this.#count.in.add(found);
        if (found.newestMs / 1000 > this.#count.highest.value) this.#count.highest.set(found.newestMs / 1000);
      } catch (thrown) {
        if (thrown instanceof ProtobufError) return Outcome.malformed;
        throw thrown;
      }
    }
    const outcome = this.#all.consume(batch);
    if (typeof outcome === 'number' && isRefused(outcome)) this.#counted.add(batch);
    return outcome;
  }

  /** What the configuration says and this does not do, once. */
  #remark(before: Args | null): void {
    const { log, workerIndex } = this.#ctx;
    if (workerIndex !== 0) return;
    if (this.#args.wal !== undefined && before?.wal === undefined)
      log.warn('the wal block has no effect: series wait in memory, and a full queue refuses more', {});
    if (this.#args.endpoint.length === 0 && before?.endpoint.length !== 0)
      log.warn('there is no endpoint: series that come in are discarded', {});
  }
}

/** An endpoint that is down for long does not keep data from those that are not: it alone loses what its queue cannot hold. */
function offer(endpoint: Endpoint, batch: Batch<Flow>, all: readonly Endpoint[]): Outcome {
  const outcome = endpoint.consume(batch);
  if (outcome !== Outcome.queueFull || !endpoint.isDown || all.every((other) => other.isDown)) return outcome;
  endpoint.miss(batch);
  return Outcome.accepted;
}

interface Named {
  readonly identity: EndpointIdentity;
  readonly endpoint: EndpointArgs;
}

interface Made {
  readonly endpoint: Endpoint;
  /** null: the endpoint is new. */
  readonly change: Prepared | null;
}

function discard(made: ReadonlyMap<string, Made>): void {
  for (const { endpoint, change } of made.values())
    if (change === null) void endpoint.stop(0, false);
    else endpoint.discard(change);
}

/** Without a name an endpoint is called by six digits that stand for its URL, and its place among those with the same. */
function named(endpoints: readonly EndpointArgs[]): Named[] {
  const seen = new Map<string, number>();
  return endpoints.map((endpoint) => {
    const { url, name = '' } = endpoint;
    const place = seen.get(url) ?? 0;
    if (name === '') seen.set(url, place + 1);
    const digits = (): string => createHash('md5').update(`${url} ${place}`).digest('hex').slice(0, 6);
    return { identity: { name: name === '' ? digits() : name, url: shownUrl(url) }, endpoint };
  });
}

const keyOf = ({ name, url }: EndpointIdentity): string => `${name} ${url}`;
