/**
 * The merge parts: where what the workers have counted comes together. They run here, whatever the number of threads.
 */
import { isDeepStrictEqual } from 'node:util';
import type { DerivedMetrics, MergeContext, MergePart } from '#components/kit/component.ts';
import type { Fleet } from '../supervisor/fleet.ts';
import type { GraphNode } from './graph.ts';
import { mainContext, type MainThread } from './main-context.ts';

/** For what a changed or removed part has counted. A reload waits for it. */
const RELOAD_FLUSH_MS = 2000;
/** Scrapers give up after 10 s. */
const SCRAPE_HARVEST_MS = 2000;

export interface MergePartsOptions extends MainThread {
  readonly fleet: Fleet;
  /** No part of this id is left on this thread: what it counted may be forgotten. */
  readonly forget: (id: string) => void;
}

interface Running {
  node: GraphNode;
  readonly part: MergePart<unknown>;
}

export class MergeParts {
  readonly #options: MergePartsOptions;
  readonly #running = new Map<string, Running>();
  /** By node: its harvest that is under way, and one more that waits for its end. */
  readonly #harvests = new Map<string, { running: Promise<void>; waiting: Promise<void> | undefined }>();
  /** When everything has to be over, in monotonic milliseconds. */
  #endMs: () => number;

  constructor(options: MergePartsOptions) {
    this.#options = options;
    this.#endMs = () => options.clock.monotonicMs() + RELOAD_FLUSH_MS;
    options.fleet.onHandOver({
      due: (id) => this.#running.get(id)?.part.due(),
      finishing: async (id) => {
        await this.#running.get(id)?.part.flush(Math.max(0, this.#endMs() - options.clock.monotonicMs()) / 2);
      },
    });
  }

  /** Passes on what was counted by parts that `wanted` changes or does not hold any more. */
  async flushAllBut(wanted: readonly GraphNode[]): Promise<void> {
    const next = new Map(wanted.map((node) => [node.id, node]));
    const changed = [...this.#running.values()].filter(
      ({ node }) => !isDeepStrictEqual(next.get(node.id)?.args, node.args),
    );
    await Promise.all(changed.map(({ part }) => part.flush(RELOAD_FLUSH_MS)));
  }

  /** The workers run with `wanted` already. Parts that are equal in both stay untouched. */
  async bringTo(wanted: readonly GraphNode[]): Promise<void> {
    const merging = wanted.filter(({ component }) => component.merge !== undefined);
    const kept = new Set(merging.map(({ id }) => id));
    for (const [id, { part }] of this.#running) {
      if (kept.has(id)) continue;
      this.#running.delete(id);
      part.stop();
      this.#options.forget(id);
    }
    for (const node of merging) await this.#bring(node);
  }

  /** The collector comes to its end in `deadlineMs`: until then, what stops in the workers is passed on. */
  ending(deadlineMs: number): void {
    const endMs = this.#options.clock.monotonicMs() + deadlineMs;
    this.#endMs = () => endMs;
  }

  stop(): void {
    for (const { part } of this.#running.values()) part.stop();
    this.#running.clear();
  }

  /** Takes from the workers what can be shown, so that {@link derived} shows the present. A worker that is stuck keeps nobody waiting for long. */
  async harvest(): Promise<void> {
    const shown = [...this.#running].filter(([, { part }]) => part.derived !== undefined);
    const harvested = Promise.all(shown.map(([id]) => this.#harvest(id)));
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => (cancel = this.#options.clock.after(SCRAPE_HARVEST_MS, resolve)));
    await Promise.race([harvested, late]);
    cancel();
  }

  /** Of every component that can be scraped, in the order of evaluation. */
  derived(): readonly DerivedMetrics[] {
    return [...this.#running.values()].flatMap(({ part }) => part.derived ?? []);
  }

  async #bring(node: GraphNode): Promise<void> {
    const present = this.#running.get(node.id);
    if (present === undefined) {
      const { create } = await (node.component.merge as NonNullable<GraphNode['component']['merge']>)();
      const part = create(node.args as never, this.#context(node.id)) as MergePart<unknown>;
      this.#running.set(node.id, { node, part });
      part.start();
    } else if (!isDeepStrictEqual(present.node.args, node.args)) {
      present.part.update(node.args);
      present.node = node;
    }
  }

  /** One at a time. A call while one waits for its turn is that one: it sees all that was counted before it begins. */
  #harvest(id: string): Promise<void> {
    const { fleet } = this.#options;
    const present = this.#harvests.get(id);
    if (present?.waiting !== undefined) return present.waiting;
    const take = (parcel: Uint8Array<ArrayBuffer>): void => this.#running.get(id)?.part.merge(parcel);
    const begin = async (): Promise<void> => {
      const running = fleet.harvest(id, take);
      this.#harvests.set(id, { running, waiting: undefined });
      await running;
      if (this.#harvests.get(id)?.running === running && this.#harvests.get(id)?.waiting === undefined)
        this.#harvests.delete(id);
    };
    if (present === undefined) return begin();
    const waiting = present.running.then(begin);
    this.#harvests.set(id, { running: present.running, waiting });
    return waiting;
  }

  #context(id: string): MergeContext {
    const { fleet } = this.#options;
    return {
      ...mainContext(id, this.#options),
      entry: fleet.mergeEntry(id),
      requestBytes: fleet.mergeRequestBytes,
      harvest: () => this.#harvest(id),
    };
  }
}
