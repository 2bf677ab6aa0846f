/**
 * The guards: they run here, whatever the number of threads, and each moves a gate that all threads see.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Guard, GuardContext, MemoryReading } from '#components/kit/component.ts';
import { createGate, Gate } from '#shared/gate.ts';
import type { Fleet } from '../supervisor/fleet.ts';
import type { GraphNode } from './graph.ts';
import { mainContext, type MainThread } from './main-context.ts';

export interface GuardsOptions extends MainThread {
  readonly memory: () => MemoryReading;
  readonly fleet: Pick<Fleet, 'collectGarbage'>;
  /** No part of this id is left on this thread: what it counted may be forgotten. */
  readonly forget: (id: string) => void;
}

interface Running {
  node: GraphNode;
  readonly gate: Gate;
  readonly guard: Guard<unknown>;
}

export class Guards {
  readonly #options: GuardsOptions;
  readonly #gates = new Map<string, SharedArrayBuffer>();
  readonly #running = new Map<string, Running>();

  constructor(options: GuardsOptions) {
    this.#options = options;
  }

  /** Memory of a node's gate: the same until a configuration without the node runs. */
  gateOf(id: string): SharedArrayBuffer {
    let gate = this.#gates.get(id);
    if (gate === undefined) this.#gates.set(id, (gate = createGate()));
    return gate;
  }

  /** The workers run with `wanted` already. Guards that are equal in both stay untouched. */
  async bringTo(wanted: readonly GraphNode[]): Promise<void> {
    const guarded = wanted.filter(({ component }) => component.guard !== undefined);
    const kept = new Set(guarded.map(({ id }) => id));
    for (const [id, running] of this.#running) {
      if (kept.has(id)) continue;
      this.#running.delete(id);
      end(running);
      this.#options.forget(id);
    }
    for (const id of this.#gates.keys()) if (!kept.has(id)) this.#gates.delete(id);
    for (const node of guarded) await this.#bring(node);
  }

  stop(): void {
    for (const running of this.#running.values()) end(running);
    this.#running.clear();
  }

  async #bring(node: GraphNode): Promise<void> {
    const present = this.#running.get(node.id);
    if (present === undefined) {
      const { create } = await (node.component.guard as NonNullable<GraphNode['component']['guard']>)();
      const gate = new Gate(this.gateOf(node.id));
      const guard = create(node.args as never, this.#context(node.id, gate)) as Guard<unknown>;
      this.#running.set(node.id, { node, gate, guard });
      guard.start();
    } else if (!isDeepStrictEqual(present.node.args, node.args)) {
      present.guard.update(node.args);
      present.node = node;
    }
  }

  #context(id: string, gate: Gate): GuardContext {
    const { memory, fleet } = this.#options;
    return {
      ...mainContext(id, this.#options),
      gate,
      memory,
      collectGarbage: () => fleet.collectGarbage(),
    };
  }
}

function end({ guard, gate }: Running): void {
  guard.stop();
  gate.open();
}
