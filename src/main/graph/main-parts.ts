/**
 * The main parts: receivers with their sockets. They run here, or where `ingest` runs them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Entry, MainContext, MainPart } from '#components/kit/component.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import type { Clock } from '#shared/clock.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { PartHost } from '../supervisor/fleet.ts';
import type { GraphNode } from './graph.ts';
import type { HealthBoard } from './health.ts';

const PLACE = 'main';

export interface MainPartsOptions {
  readonly log: Logger;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly health: HealthBoard;
  readonly flags: MainContext['flags'];
  readonly entry: (id: string) => Entry;
  /** Runs the parts elsewhere; null: they run on this thread. */
  readonly ingest: PartHost | null;
}

interface Running {
  node: GraphNode;
  readonly part: MainPart<unknown>;
}

export class MainParts {
  readonly #options: MainPartsOptions;
  readonly #running = new Map<string, Running>();
  readonly #receive: ReceiveMemory;

  constructor(options: MainPartsOptions) {
    this.#options = options;
    this.#receive = new ReceiveMemory(options.flags.receiveBytes, options.clock);
  }

  /** Stops the parts that `wanted` does not hold any more. */
  async stopAllBut(wanted: readonly GraphNode[], deadlineMs: number): Promise<void> {
    const keep = new Set(wanted.map((node) => node.id));
    await this.#stop(
      [...this.#running.keys()].filter((id) => !keep.has(id)),
      deadlineMs,
    );
  }

  /** Updates the parts whose arguments differ, starts those that are new. Rejects with the first failure; the rest is left as it is then. */
  async bringTo(wanted: readonly GraphNode[]): Promise<void> {
    for (const node of wanted) {
      if (node.component.main === undefined) continue;
      const present = this.#running.get(node.id);
      if (present === undefined) await this.#start(node);
      else if (!isDeepStrictEqual(present.node.args, node.args)) await this.#update(present, node);
      else present.node = node;
    }
  }

  /** Sets the gauges of what main receives; with ingest threads they do. */
  publish(): void {
    const { ingest, meter } = this.#options;
    if (ingest === null) this.#receive.publish(meter);
  }

  async stop(deadlineMs: number): Promise<void> {
    await this.#stop([...this.#running.keys()], deadlineMs);
  }

  async #start(node: GraphNode): Promise<void> {
    const { health } = this.#options;
    const part = await this.#make(node);
    health.withdraw(node.id, PLACE);
    try {
      await part.start();
    } catch (thrown) {
      // One of its sockets may be open already.
      await part.stop(0);
      throw named(node.id, thrown);
    }
    this.#running.set(node.id, { node, part });
    if (!health.has(node.id, PLACE)) health.report(node.id, PLACE, 'healthy', 'started component');
  }

  async #make({ id, component, args }: GraphNode): Promise<MainPart<unknown>> {
    const { ingest } = this.#options;
    if (ingest !== null) return ingest.part(id, component.name, args);
    const { create } = await (component.main as NonNullable<GraphNode['component']['main']>)();
    return create(args as never, this.#context(id));
  }

  async #update(running: Running, node: GraphNode): Promise<void> {
    try {
      await running.part.update(node.args);
      running.node = node;
    } catch (thrown) {
      throw named(node.id, thrown);
    }
  }

  async #stop(ids: readonly string[], deadlineMs: number): Promise<void> {
    const { health, log } = this.#options;
    await Promise.all(
      ids.map(async (id) => {
        const { part } = this.#running.get(id) as Running;
        this.#running.delete(id);
        try {
          await part.stop(deadlineMs);
          health.report(id, PLACE, 'exited', 'component shut down cleanly');
        } catch (thrown) {
          log.error('a component failed to shut down', { ...nodeLabels(id), err: errorText(thrown) });
          health.report(id, PLACE, 'exited', `component shut down with error: ${errorText(thrown)}`);
        }
      }),
    );
  }

  #context(id: string): MainContext {
    const { log, clock, meter, health, flags, entry } = this.#options;
    const labels = nodeLabels(id);
    return {
      id,
      log: log.with(labels),
      clock,
      meter: meter.with(labels),
      health: (state, message) => health.report(id, PLACE, state, message),
      entry: entry(id),
      receive: this.#receive,
      flags,
    };
  }
}

/** The operator has to learn which component it was. */
function named(id: string, thrown: unknown): MillraceError {
  const text = errorText(thrown);
  if (thrown instanceof MillraceError && text.includes(id)) return thrown;
  return new MillraceError(thrown instanceof MillraceError ? thrown.code : 'start_failed', `${id}: ${text}`, {
    cause: thrown,
  });
}
