/**
 * What gives values to expressions while the configuration is evaluated: components with a provider, and imports. They
 * outlive evaluations: one with the same id and equal arguments goes on, and its present exports are used.
 *
 * A configuration that is being tried is an {@link Attempt}: what it starts is kept when it comes into force, and stopped when
 * it does not; what it does not need any more is stopped only then.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Provider, ProviderContext } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import { errorText, MillraceError } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { HealthBoard } from './health.ts';

const PLACE = 'provider';
/** Nobody waits longer for one that ends. */
const STOP_MS = 5000;

export interface ProviderOrder {
  /** Global id of the node. */
  readonly id: string;
  /** Component or block. */
  readonly name: string;
  readonly args: unknown;
  readonly create: (ctx: ProviderContext<unknown>) => Promise<Provider<unknown>>;
}

/** Gives the exports of a provider, which is started if need be. Rejects with a MillraceError that says why there are none. */
export type Provide = (order: ProviderOrder) => Promise<unknown>;

export interface ProvidersOptions {
  readonly log: Logger;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly health: HealthBoard;
  /** No provider has this id any more: its series go. */
  readonly forget: (id: string) => void;
  /** The exports of a provider that is in force have changed. */
  readonly changed: () => void;
}

interface Running {
  readonly order: ProviderOrder;
  readonly provider: Provider<unknown>;
  exports: unknown;
  /** The last that it has said of itself; null: nothing. */
  health: { readonly state: 'healthy' | 'unhealthy'; readonly message: string } | null;
}

/** A provider that an attempt uses, and the exports that it went by. */
interface Taken {
  readonly running: Running;
  readonly seen: unknown;
}

const STARTED = { state: 'healthy', message: 'started component' } as const;

export class Providers {
  readonly options: ProvidersOptions;
  #running: ReadonlyMap<string, Running> = new Map();

  constructor(options: ProvidersOptions) {
    this.options = options;
  }

  begin(): Attempt {
    return new Attempt(this, this.#running);
  }

  /** An attempt is in force now. What has changed since it looked is told. */
  replace(next: ReadonlyMap<string, Taken>): void {
    this.#running = new Map([...next].map(([id, { running }]) => [id, running]));
    for (const { running } of next.values()) this.#tell(running);
    if ([...next.values()].some(({ running, seen }) => running.exports !== seen)) this.options.changed();
  }

  published(running: Running): void {
    if (this.#isInForce(running)) this.options.changed();
  }

  /** What a candidate says of itself must not be taken for the one that runs. */
  said(running: Running): void {
    if (this.#isInForce(running)) this.#tell(running);
  }

  #tell({ order, health }: Running): void {
    const { state, message } = health ?? STARTED;
    this.options.health.report(order.id, PLACE, state, message);
  }

  #isInForce(running: Running): boolean {
    return this.#running.get(running.order.id) === running;
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    this.#running = new Map();
    await Promise.all(all.map((one) => this.end(one)));
  }

  async end({ order, provider }: Running): Promise<void> {
    const { log, clock } = this.options;
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(STOP_MS, () => {
      log.error('a component does not shut down; it is left alone', nodeLabels(order.id));
      late.resolve();
    });
    try {
      await Promise.race([provider.stop(), late.promise]);
    } catch (thrown) {
      log.error('a component failed to shut down', { ...nodeLabels(order.id), err: errorText(thrown) });
    } finally {
      cancel();
    }
  }
}

export class Attempt {
  readonly #owner: Providers;
  readonly #present: ReadonlyMap<string, Running>;
  readonly #next = new Map<string, Taken>();
  /** Started by this attempt, whether they could begin or not. */
  readonly #started: Running[] = [];

  constructor(owner: Providers, present: ReadonlyMap<string, Running>) {
    this.#owner = owner;
    this.#present = present;
  }

  readonly provide: Provide = async (order) => {
    const present = this.#present.get(order.id);
    if (present !== undefined && present.order.name === order.name && isDeepStrictEqual(present.order.args, order.args))
      return this.#take(present);
    const running = await this.#create(order);
    this.#started.push(running);
    try {
      running.exports = await running.provider.start();
    } catch (thrown) {
      if (thrown instanceof MillraceError) throw thrown;
      throw new MillraceError('provider', errorText(thrown), { cause: thrown });
    }
    return this.#take(running);
  };

  /** What the attempt needs goes on, the rest ends. */
  async commit(): Promise<void> {
    this.#owner.replace(this.#next);
    const gone = [...this.#present.values()].filter((one) => this.#next.get(one.order.id)?.running !== one);
    const { health, forget } = this.#owner.options;
    for (const { order } of gone) {
      if (this.#next.has(order.id)) continue;
      health.withdraw(order.id, PLACE);
      forget(order.id);
    }
    await Promise.all(gone.map((one) => this.#owner.end(one)));
  }

  async rollback(): Promise<void> {
    for (const { order } of this.#started) if (!this.#present.has(order.id)) this.#owner.options.forget(order.id);
    await Promise.all(this.#started.map((one) => this.#owner.end(one)));
  }

  #take(running: Running): unknown {
    const { exports } = running;
    this.#next.set(running.order.id, { running, seen: exports });
    return exports;
  }

  async #create(order: ProviderOrder): Promise<Running> {
    const { log, clock, meter } = this.#owner.options;
    const labels = nodeLabels(order.id);
    let running: Running | null = null;
    let early: Running['health'] = null;
    const provider = await order.create({
      id: order.id,
      log: log.with(labels),
      clock,
      meter: meter.with(labels),
      health: (state, message) => {
        early = { state, message };
        if (running === null) return;
        running.health = early;
        this.#owner.said(running);
      },
      publish: (exports) => {
        if (running === null || isDeepStrictEqual(running.exports, exports)) return;
        running.exports = exports;
        this.#owner.published(running);
      },
    });
    return (running = { order, provider, exports: undefined, health: early });
  }
}
