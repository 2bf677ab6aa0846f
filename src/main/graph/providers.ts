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
  /** The exports of a provider that is in force have changed. */
  readonly changed: () => void;
}

interface Running {
  readonly order: ProviderOrder;
  readonly provider: Provider<unknown>;
  exports: unknown;
}

export class Providers {
  readonly options: ProvidersOptions;
  #running: ReadonlyMap<string, Running> = new Map();

  constructor(options: ProvidersOptions) {
    this.options = options;
  }

  begin(): Attempt {
    return new Attempt(this, this.#running);
  }

  /** The attempt is in force now. */
  replace(next: ReadonlyMap<string, Running>): void {
    this.#running = next;
  }

  isInForce(running: Running): boolean {
    return this.#running.get(running.order.id) === running;
  }

  async stop(): Promise<void> {
    const all = [...this.#running.values()];
    this.#running = new Map();
    await Promise.all(all.map((one) => this.end(one)));
  }

  async end({ order, provider }: Running): Promise<void> {
    try {
      await provider.stop();
    } catch (thrown) {
      this.options.log.error('a component failed to shut down', { ...nodeLabels(order.id), err: errorText(thrown) });
    }
  }
}

export class Attempt {
  readonly #owner: Providers;
  readonly #present: ReadonlyMap<string, Running>;
  readonly #next = new Map<string, Running>();
  /** Started by this attempt, whether they could begin or not. */
  readonly #started: Running[] = [];

  constructor(owner: Providers, present: ReadonlyMap<string, Running>) {
    this.#owner = owner;
    this.#present = present;
  }

  readonly provide: Provide = async (order) => {
    const present = this.#present.get(order.id);
    if (
      present !== undefined &&
      present.order.name === order.name &&
      isDeepStrictEqual(present.order.args, order.args)
    ) {
      this.#next.set(order.id, present);
      return present.exports;
    }
    const running = await this.#create(order);
    this.#started.push(running);
    try {
      running.exports = await running.provider.start();
    } catch (thrown) {
      if (thrown instanceof MillraceError) throw thrown;
      throw new MillraceError('provider', errorText(thrown), { cause: thrown });
    }
    this.#next.set(order.id, running);
    return running.exports;
  };

  /** What the attempt needs goes on, the rest ends. */
  async commit(): Promise<void> {
    const { health } = this.#owner.options;
    this.#owner.replace(this.#next);
    for (const { order } of this.#started)
      if (!health.has(order.id, PLACE)) health.report(order.id, PLACE, 'healthy', 'started component');
    const gone = [...this.#present.values()].filter((one) => this.#next.get(one.order.id) !== one);
    await Promise.all(gone.map((one) => this.#owner.end(one)));
  }

  async rollback(): Promise<void> {
    await Promise.all(this.#started.map((one) => this.#owner.end(one)));
  }

  async #create(order: ProviderOrder): Promise<Running> {
    const { log, clock, meter, health, changed } = this.#owner.options;
    const labels = nodeLabels(order.id);
    let running: Running | null = null;
    const provider = await order.create({
      id: order.id,
      log: log.with(labels),
      clock,
      meter: meter.with(labels),
      health: (state, message) => health.report(order.id, PLACE, state, message),
      publish: (exports) => {
        if (running === null || isDeepStrictEqual(running.exports, exports)) return;
        running.exports = exports;
        changed();
      },
    });
    return (running = { order, provider, exports: undefined });
  }
}
