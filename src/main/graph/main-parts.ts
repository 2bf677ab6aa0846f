/**
 * The main parts: receivers with their sockets. They run here, or where `ingest` runs them.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ReceiverEntry, MainContext, MainPart } from '#components/kit/component.ts';
import { ADDRESS_IN_USE } from '#net/server/listen.ts';
import { ReceiveMemory } from '#net/server/receive-memory.ts';
import type { Clock } from '#shared/clock.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { PartHost } from '../supervisor/fleet.ts';
import type { GraphNode } from './graph.ts';
import { mainContext, PLACE, type MainThread } from './main-context.ts';

/** Requests in flight of a removed part are nearly always answered by then, over the wiring that they came in by. */
const DRAIN_MS = 1000;

export interface MainPartsOptions extends MainThread {
  readonly flags: MainContext['flags'];
  readonly entry: (id: string) => ReceiverEntry;
  /** No part of this id is left on this thread: what it counted may be forgotten. */
  readonly forget: (id: string) => void;
  /** Runs the parts elsewhere; null: they run on this thread. */
  readonly ingest: PartHost | null;
}

interface Running {
  node: GraphNode;
  readonly part: MainPart<unknown>;
  /** It has given up addresses, or an update has failed: it may not run as `node` says. */
  unsettled: boolean;
}

export class MainParts {
  readonly #options: MainPartsOptions;
  readonly #running = new Map<string, Running>();
  /** Parts that were removed and still answer their last requests. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #receive: ReceiveMemory;

  constructor(options: MainPartsOptions) {
    this.#options = options;
    this.#receive = new ReceiveMemory(options.flags.receiveBytes, options.clock);
  }

  /** Loads the code of what is new, so that nobody waits for it while receivers give way to each other. */
  async prepare(wanted: readonly GraphNode[]): Promise<void> {
    if (this.#options.ingest !== null) return;
    await Promise.allSettled(
      wanted.filter(({ id }) => !this.#running.has(id)).map(({ component }) => component.main?.()),
    );
  }

  /**
   * Takes away the parts that `wanted` does not hold any more. When it resolves their addresses are free and, unless that takes
   * longer than {@link DRAIN_MS}, their last requests are answered; what is left is answered meanwhile, for at most `deadlineMs`.
   */
  async removeAllBut(wanted: readonly GraphNode[], deadlineMs: number): Promise<void> {
    const keep = new Set(wanted.map((node) => node.id));
    const removed = [...this.#running].filter(([id]) => !keep.has(id));
    if (removed.length === 0) return;
    await Promise.all(removed.map(([id, { part }]) => this.#tried(id, () => part.vacate(null))));
    const stopped = removed.map(([id, { part }]) => this.#remove(id, part, deadlineMs));
    await inTime(Promise.all(stopped), DRAIN_MS, this.#options.clock);
  }

  /**
   * Updates the parts whose arguments differ and starts those that are new. Rejects with the first failure; the rest is left as it
   * is then.
   *
   * Parts may want addresses that others still have: those that find theirs in use come again when the others have moved. If
   * nobody can move, as when two swap, they all give up what they leave, and only then listen.
   */
  async bringTo(wanted: readonly GraphNode[]): Promise<void> {
    let left: readonly GraphNode[] = wanted.filter(({ component }) => component.main !== undefined);
    let vacated = false;
    for (;;) {
      const { waiting, failure } = await this.#bringSome(left);
      if (failure === null) return;
      if (waiting.length === left.length) {
        const running = waiting.filter(({ id }) => this.#running.has(id));
        if (vacated || waiting.length === 1 || running.length === 0) throw failure;
        await Promise.all(running.map((node) => this.#vacate(node)));
        vacated = true;
      }
      left = waiting;
    }
  }

  /** `waiting`: those whose address somebody has, and the error of the first. */
  async #bringSome(
    nodes: readonly GraphNode[],
  ): Promise<{ readonly waiting: readonly GraphNode[]; readonly failure: MillraceError | null }> {
    const waiting: GraphNode[] = [];
    let failure: MillraceError | null = null;
    for (const node of nodes) {
      try {
        await this.#bring(node);
      } catch (thrown) {
        if (!(thrown instanceof MillraceError) || thrown.code !== ADDRESS_IN_USE) throw thrown;
        failure ??= thrown;
        waiting.push(node);
      }
    }
    return { waiting, failure };
  }

  async #bring(node: GraphNode): Promise<void> {
    const present = this.#running.get(node.id);
    if (present === undefined) await this.#start(node);
    else if (present.unsettled || !isDeepStrictEqual(present.node.args, node.args)) await this.#update(present, node);
    else present.node = node;
  }

  async #vacate(node: GraphNode): Promise<void> {
    const running = this.#running.get(node.id) as Running;
    running.unsettled = true;
    await running.part.vacate(node.args);
  }

  /** Sets the gauges of what main receives; with ingest threads they do. */
  publish(): void {
    const { ingest, meter } = this.#options;
    if (ingest === null) this.#receive.publish(meter);
  }

  async stop(deadlineMs: number): Promise<void> {
    const running = [...this.#running];
    this.#running.clear();
    const stopped = running.map(async ([id, { part }]) => {
      const error = await this.#tried(id, () => part.stop(deadlineMs));
      const end = error === null ? 'cleanly' : `with error: ${error}`;
      this.#options.health.report(id, PLACE, 'exited', `component shut down ${end}`);
    });
    await inTime(Promise.all([...stopped, ...this.#leaving]), deadlineMs, this.#options.clock);
    await Promise.all(stopped);
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
      this.#options.forget(node.id);
      throw named(node.id, thrown);
    }
    this.#running.set(node.id, { node, part, unsettled: false });
    if (!health.has(node.id, PLACE)) health.report(node.id, PLACE, 'healthy', 'started component');
  }

  async #make({ id, component, args }: GraphNode): Promise<MainPart<unknown>> {
    const { ingest } = this.#options;
    if (ingest !== null) return ingest.part(id, component.name, args);
    const { create } = await (component.main as NonNullable<GraphNode['component']['main']>)();
    return create(args as never, this.#context(id));
  }

  async #update(running: Running, node: GraphNode): Promise<void> {
    running.unsettled = true;
    try {
      await running.part.update(node.args);
    } catch (thrown) {
      throw named(node.id, thrown);
    }
    running.node = node;
    running.unsettled = false;
  }

  #remove(id: string, part: MainPart<unknown>, deadlineMs: number): Promise<void> {
    this.#running.delete(id);
    const removed = this.#tried(id, () => part.stop(deadlineMs, true)).then(() => {
      this.#leaving.delete(removed);
      // Its successor may run by now.
      if (!this.#running.has(id)) this.#options.forget(id);
    });
    this.#leaving.add(removed);
    return removed;
  }

  /** null, or what went wrong, which is logged. */
  async #tried(id: string, step: () => Promise<void>): Promise<string | null> {
    try {
      await step();
      return null;
    } catch (thrown) {
      const err = errorText(thrown);
      this.#options.log.error('a component failed to shut down', { ...nodeLabels(id), err });
      return err;
    }
  }

  #context(id: string): MainContext {
    const { flags, entry } = this.#options;
    return {
      ...mainContext(id, this.#options),
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

/** Waits for `work`, at most `ms`. */
async function inTime(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  let cancel = (): void => {};
  const late = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
  await Promise.race([work, late]);
  cancel();
}
