/**
 * One worker's whole copy of the pipeline: its parts, the wires between them, and the way from one plan to the next.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Consumer } from '#components/kit/batch.ts';
import type { CreateWorkerPart, WorkerContext, WorkerPart } from '#components/kit/component.ts';
import type { Clock } from '#shared/clock.ts';
import { MillraceError, errorText } from '#shared/errors.ts';
import { Gate } from '#shared/gate.ts';
import type { Logger } from '#shared/log.ts';
import type { Meter } from '#shared/meter.ts';
import { nodeLabels } from '#shared/node-id.ts';
import type { Plan, PlanEntry, PlanNode, Wires } from '#shared/plan.ts';
import { FLOWS, FLOW_NAMES, SIGNAL_NAMES, type Flow, type FlowName, type Signal } from '#shared/signal.ts';
import { Wire } from './wire.ts';

type OutputWires = Readonly<Record<FlowName, Wire>>;

interface Node {
  plan: PlanNode;
  readonly part: WorkerPart<unknown>;
  readonly out: OutputWires;
  /** Its `stop` has been called. */
  stopping: boolean;
}

export interface PipelineOptions {
  readonly workerIndex: number;
  readonly workerCount: number;
  readonly log: Logger;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Finds a component's worker part by its dotted name. */
  readonly load: (component: string) => Promise<{ readonly create: CreateWorkerPart<never> }>;
  readonly health: (nodeId: string, state: 'healthy' | 'unhealthy', message: string) => void;
  /** A part asks to be harvested. */
  readonly harvestDue: (nodeId: string) => void;
  /**
   * A part that hands something over has stopped, and the collector comes to its end. Resolves when what was handed over has been
   * passed on, at the latest after `deadlineMs`.
   */
  readonly handOver: (nodeId: string, deadlineMs: number) => Promise<void>;
  /** No part of this id is left: what it counted may be forgotten. */
  readonly gone: (nodeId: string) => void;
}

export class Pipeline {
  readonly #options: PipelineOptions;
  /** In plan order: sinks first. */
  #nodes = new Map<string, Node>();
  /** By entry index. */
  readonly #entries = new Map<number, OutputWires>();
  /** Nodes that have left the plan and still flush; each leaves when it has stopped. */
  readonly #leaving = new Map<Node, Promise<void>>();

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  /** Where a frame goes; undefined if its entry is gone or has no consumer for the signal (any more, or not yet). */
  entry(index: number, signal: Signal): Consumer | undefined {
    const wire = this.#entries.get(index)?.[SIGNAL_NAMES[signal]];
    return wire === undefined || wire.leadsNowhere ? undefined : wire;
  }

  /** Loads the code of what is new in `plan`: reading files takes longer than all of {@link apply}, and nothing has to wait for it. */
  async prepare(plan: Plan): Promise<void> {
    const wanted = new Set(plan.nodes.filter(({ id }) => !this.#nodes.has(id)).map(({ component }) => component));
    await Promise.allSettled([...wanted].map((component) => this.#options.load(component)));
  }

  /**
   * Brings the pipeline to `plan`. Nodes with equal component and arguments stay untouched, changed ones are updated in
   * place, new ones start before anything leads to them. Those that are gone are flushed behind it, upstream first, for at
   * most `deadlineMs`: data flows on meanwhile. A part that cannot start or update brings everything back to the plan in
   * force, and the promise rejects with a MillraceError that names it.
   */
  async apply(plan: Plan, deadlineMs: number): Promise<void> {
    const next = new Map<string, Node>();
    const added: Node[] = [];
    const before = new Map([...this.#nodes.values()].map((node) => [node, node.plan]));
    try {
      await this.#add(plan, next, added);
      for (const wanted of plan.nodes) {
        const node = next.get(wanted.id) as Node;
        this.#wire(node.out, wanted.next, next);
        const { args } = node.plan;
        node.plan = wanted;
        if (!isDeepStrictEqual(args, wanted.args)) await named(wanted.id, () => node.part.update(wanted.args as never));
      }
    } catch (thrown) {
      await this.#goBack(before, added, deadlineMs);
      throw thrown;
    }
    const gone = [...this.#nodes.values()].filter((node) => next.get(node.plan.id) !== node);
    this.#nodes = next;
    this.#applyEntries(plan.entries);
    this.#leave(gone, () => deadlineMs, true);
  }

  async #add(plan: Plan, next: Map<string, Node>, added: Node[]): Promise<void> {
    for (const wanted of plan.nodes) {
      const present = this.#nodes.get(wanted.id);
      if (present !== undefined && present.plan.component === wanted.component) {
        next.set(wanted.id, present);
        continue;
      }
      const node = await this.#create(wanted);
      added.push(node);
      next.set(wanted.id, node);
      await named(wanted.id, () => node.part.start());
      this.#wire(node.out, wanted.next, next);
    }
  }

  async #goBack(before: ReadonlyMap<Node, PlanNode>, added: readonly Node[], deadlineMs: number): Promise<void> {
    for (const [node, plan] of before) {
      const { args } = node.plan;
      node.plan = plan;
      this.#wire(node.out, plan.next, this.#nodes);
      if (!isDeepStrictEqual(args, plan.args)) await node.part.update(plan.args);
    }
    this.#leave(added, () => deadlineMs, true);
  }

  /**
   * Stops nodes, given in plan order (sinks first): each after those that lead to it, also those that left earlier and still
   * flush into it. `deadlineMs` is asked when a node's turn has come.
   */
  #leave(nodes: readonly Node[], deadlineMs: () => number, removed: boolean): void {
    for (const node of [...nodes].reverse()) {
      const upstream = [...this.#leaving].filter(([other]) => leadsTo(other, node)).map(([, stopped]) => stopped);
      const stopped = Promise.all(upstream)
        .then(() => this.#stop(node, deadlineMs(), removed))
        .finally(() => this.#left(node, removed));
      this.#leaving.set(node, stopped);
    }
  }

  async #stop(node: Node, deadlineMs: number, removed: boolean): Promise<void> {
    const { clock, handOver } = this.#options;
    const end = clock.monotonicMs() + deadlineMs;
    node.stopping = true;
    await node.part.stop(deadlineMs, removed);
    // What follows flushes after it: it may not take all the time that is left.
    if (node.part.harvest !== undefined && !removed) await handOver(node.plan.id, (end - clock.monotonicMs()) / 2);
  }

  /** The next parcel of a part; null = no more, or there is no such part. */
  harvest(nodeId: string): Uint8Array<ArrayBuffer> | null {
    const leaving = (): Node | undefined => [...this.#leaving.keys()].find((node) => node.plan.id === nodeId);
    return (this.#nodes.get(nodeId) ?? leaving())?.part.harvest?.() ?? null;
  }

  #left(node: Node, removed: boolean): void {
    this.#leaving.delete(node);
    if (!removed) return;
    const { id } = node.plan;
    if (!this.#nodes.has(id) && ![...this.#leaving.keys()].some((other) => other.plan.id === id))
      this.#options.gone(id);
  }

  /** Stops every part, upstream first, so that each flush still finds its next component alive. */
  async stop(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const end = clock.monotonicMs() + deadlineMs;
    const left = (): number => Math.max(0, end - clock.monotonicMs());
    // Those that a reload took away have insisted for long enough.
    for (const node of this.#leaving.keys()) if (node.stopping) void node.part.stop(left(), false);
    const nodes = [...this.#nodes.values()];
    this.#nodes = new Map();
    this.#leave(nodes, left, false);
    await Promise.all(this.#leaving.values());
  }

  async #create(plan: PlanNode): Promise<Node> {
    const { log, clock, meter, workerIndex, workerCount, health } = this.#options;
    const out = outputWires();
    const labels = nodeLabels(plan.id);
    const ctx: WorkerContext = {
      id: plan.id,
      log: log.with(labels),
      clock,
      meter: meter.with(labels),
      health: (state, message) => health(plan.id, state, message),
      next: out,
      workerIndex,
      workerCount,
      harvestDue: () => this.#options.harvestDue(plan.id),
      gate: new Gate(plan.gate),
    };
    const { create } = await this.#options.load(plan.component);
    return { plan, part: await named(plan.id, () => create(plan.args as never, ctx)), out, stopping: false };
  }

  #wire(out: OutputWires, wires: Wires, nodes: ReadonlyMap<string, Node>): void {
    for (const flow of FLOWS) {
      const name = FLOW_NAMES[flow];
      const ids = wires[name] ?? [];
      out[name].lead(
        ids,
        ids.map((id) => inputOf(nodes, id)),
      );
    }
  }

  #applyEntries(entries: readonly PlanEntry[]): void {
    const wanted = new Set(entries.map((e) => e.index));
    for (const index of this.#entries.keys()) if (!wanted.has(index)) this.#entries.delete(index);
    for (const entry of entries) {
      let wires = this.#entries.get(entry.index);
      if (wires === undefined) this.#entries.set(entry.index, (wires = outputWires()));
      this.#wire(wires, entry.next, this.#nodes);
    }
  }
}

const outputWires = (): OutputWires => ({
  traces: new Wire(),
  metrics: new Wire(),
  logs: new Wire(),
  prometheus: new Wire(),
  loki: new Wire(),
});

/** Runs a step of a part; what it throws comes out as a MillraceError that says which node it was. */
async function named<T>(nodeId: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (thrown) {
    const code = thrown instanceof MillraceError ? thrown.code : 'part_failed';
    throw new MillraceError(code, `${nodeId}: ${errorText(thrown)}`, { cause: thrown });
  }
}

function leadsTo({ out }: Node, { part: { input } }: Node): boolean {
  return input !== undefined && FLOWS.some((flow) => out[FLOW_NAMES[flow]].leadsTo(input));
}

function inputOf(nodes: ReadonlyMap<string, Node>, id: string): Consumer<Flow> {
  const input = nodes.get(id)?.part.input;
  if (input === undefined) throw new MillraceError('bad_plan', `the plan leads to ${id}, which has no input`);
  return input;
}
