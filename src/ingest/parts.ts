/** The receivers' parts in one ingest thread: main orders, they start, update and stop here as they would on main. */
import type { CreateMainPart, MainContext, MainPart } from '#components/kit/component.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import type { Clock } from '#shared/clock.ts';
import type { BoundAddress, FromThread, IngestTask, PartOrder } from '#shared/control.ts';
import { loggerOver } from '#shared/log-writer.ts';
import type { Meter } from '#shared/meter.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { Producer } from '#shard/producer.ts';
import { SharedAddresses } from './shared-addresses.ts';

export interface PartsOptions {
  readonly task: Pick<IngestTask, 'ingestIndex' | 'flags'>;
  readonly producer: Pick<Producer, 'entry'>;
  readonly meter: Meter;
  readonly clock: Clock;
  /** Finds a component's main part by its dotted name. */
  readonly load: (component: string) => Promise<{ readonly create: CreateMainPart<never> }>;
  readonly send: (message: FromThread) => void;
  /** No part of this id is left: what it counted may be forgotten. */
  readonly gone: (nodeId: string) => void;
}

type BringOrder = Extract<PartOrder, { do: 'start' | 'update' }>;

interface Running {
  readonly part: MainPart<unknown>;
  readonly addresses: SharedAddresses;
  readonly voice: Voice;
}

/** Whether what a part has to say is said by its copy in another thread. */
interface Voice {
  quiet: boolean;
}

export class Parts {
  readonly #options: PartsOptions;
  readonly #running = new Map<string, Running>();
  /** Parts that listen no more and still answer their last requests. */
  readonly #leaving = new Set<MainPart<unknown>>();
  /** By node id: the last order under way. */
  readonly #turns = new Map<string, Promise<void>>();
  readonly #receive: ReceiveMemory;

  constructor(options: PartsOptions) {
    this.#options = options;
    this.#receive = new ReceiveMemory(options.task.flags.receiveBytes, options.clock);
  }

  /**
   * Carries out one order to a part, after the earlier ones to it; a stop that still answers requests keeps nobody waiting.
   * Resolves with what the part listens on then.
   */
  async carryOut(nodeId: string, order: PartOrder): Promise<readonly BoundAddress[]> {
    const before = this.#turns.get(nodeId);
    if (order.do === 'stop') {
      await before;
      await this.#stop(nodeId, order);
      return [];
    }
    const turn = (before ?? Promise.resolve()).then(() =>
      order.do === 'vacate' ? this.#vacate(nodeId, order.args) : this.#bring(nodeId, order),
    );
    const settled = turn.then(noop, noop);
    this.#turns.set(nodeId, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(nodeId) === settled) this.#turns.delete(nodeId);
    }
  }

  async #bring(nodeId: string, order: BringOrder): Promise<readonly BoundAddress[]> {
    const { part, addresses, voice } = this.#running.get(nodeId) ?? (await this.#create(nodeId, order));
    addresses.setKnown(order.known);
    voice.quiet = order.quiet;
    try {
      if (this.#running.has(nodeId)) {
        await part.update(order.args);
      } else {
        await part.start();
        this.#running.set(nodeId, { part, addresses, voice });
      }
    } catch (thrown) {
      // One of its sockets may be open already.
      if (!this.#running.has(nodeId)) {
        await part.stop(0);
        this.#options.gone(nodeId);
      }
      throw thrown;
    } finally {
      voice.quiet = false;
    }
    return addresses.bound;
  }

  async #vacate(nodeId: string, args: unknown): Promise<readonly BoundAddress[]> {
    const running = this.#running.get(nodeId);
    await running?.part.vacate(args);
    return running?.addresses.bound ?? [];
  }

  async #stop(nodeId: string, { deadlineMs, removed }: Extract<PartOrder, { do: 'stop' }>): Promise<void> {
    const running = this.#running.get(nodeId);
    this.#running.delete(nodeId);
    if (running !== undefined) {
      this.#leaving.add(running.part);
      await running.part.stop(deadlineMs);
      this.#leaving.delete(running.part);
    }
    if (removed && !this.#running.has(nodeId)) this.#options.gone(nodeId);
  }

  publish(): void {
    this.#receive.publish(this.#options.meter);
  }

  async stopAll(deadlineMs: number): Promise<void> {
    const parts = [...[...this.#running.values()].map(({ part }) => part), ...this.#leaving];
    this.#running.clear();
    await Promise.all(parts.map((part) => part.stop(deadlineMs)));
  }

  async #create(nodeId: string, { component, args, quiet }: BringOrder): Promise<Running> {
    const { load, task } = this.#options;
    const { create } = await load(component);
    const voice = { quiet };
    // A path cannot be bound twice.
    const addresses = new SharedAddresses(task.ingestIndex === 0);
    return { part: create(args as never, this.#context(nodeId, addresses, voice)), addresses, voice };
  }

  #context(id: string, addresses: SharedAddresses, voice: Voice): MainContext {
    const { task, meter, clock, producer, send } = this.#options;
    const labels = nodeLabels(id);
    const log = loggerOver(
      (level, message, fields) =>
        send({ type: 'log', level: voice.quiet && level !== 'error' ? 'debug' : level, message, fields }),
      { ...labels, thread: `ingest-${task.ingestIndex}` },
    );
    return {
      id,
      log,
      clock,
      meter: meter.with(labels),
      health: (state, message) => send({ type: 'health', nodeId: id, state, message }),
      entry: producer.entry(id),
      receive: this.#receive,
      flags: task.flags,
      share: (listener) => addresses.share(listener),
    };
  }
}

const noop = (): void => {};
