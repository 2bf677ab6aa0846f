/**
 * A loaded configuration: every component with its decoded arguments and its edges. Plain facts, nothing runs yet.
 */
import type { Span } from '#config/diag/diagnostic.ts';
import type { Value } from '#config/eval/value.ts';
import type { Component } from '#components/kit/component.ts';
import { createGate } from '#shared/gate.ts';
import type { Plan, PlanEntry, PlanNode, Wires } from '#shared/plan.ts';
import { LOGS, LOKI, METRICS, PROMETHEUS, SIGNAL_NAMES, TRACES, type Flow, type SignalName } from '#shared/signal.ts';
import type { Settings } from './blocks/settings.ts';
import { consumersOf } from './consumers.ts';

export interface GraphNode {
  /** `otelcol.processor.batch.default`, inside modules with their ids in front (`#shared/node-id.ts`). */
  readonly id: string;
  readonly label: string;
  readonly component: Component;
  /** Of its block's name. */
  readonly span: Span;
  /** Decoded: `Infer<typeof component.args>`. */
  readonly args: unknown;
  /** Ids, within the module, of what its expressions use, in order of first use. */
  readonly references: readonly string[];
  readonly referencedBy: readonly string[];
  /** What expressions see of it, by name. */
  readonly exports: ReadonlyMap<string, Value>;
}

/** An instance of a custom component, or a foreach: the nodes of its modules are among the graph's. */
export interface ModuleInstance {
  /** `my.gateway.a`, inside other modules with their ids in front. */
  readonly id: string;
  /** `my.gateway`; `foreach`. */
  readonly name: string;
  readonly label: string;
  /** As they were given. */
  readonly args: ReadonlyMap<string, Value>;
  readonly exports: ReadonlyMap<string, Value>;
  readonly references: readonly string[];
  readonly referencedBy: readonly string[];
  /** Its own id; of a foreach one for each item. */
  readonly moduleIds: readonly string[];
}

export interface Graph {
  /** Each node after those that it references: sinks first. */
  readonly nodes: readonly GraphNode[];
  readonly modules: readonly ModuleInstance[];
  readonly settings: Settings;
  /** SHA-256 of the sources, hex. */
  readonly hash: string;
}

/** The entry of millrace's own traces; no component has a name like this. */
export const TRACING_ENTRY = 'tracing';

/** Ids of what brings data in, in plan order: those that need an entry. */
export function entryIds(graph: Graph): readonly string[] {
  const ids = graph.nodes
    .filter(({ component }) => component.main !== undefined || component.merge !== undefined)
    .map((node) => node.id);
  return graph.settings.tracing.write_to.length === 0 ? ids : [...ids, TRACING_ENTRY];
}

/** The workers' part of a graph. `entries` numbers every id of {@link entryIds}, `gateOf` gives memory of a guarded node's gate. */
export function planOf(
  graph: Graph,
  entries: ReadonlyMap<string, number>,
  gateOf: (id: string) => SharedArrayBuffer = createGate,
): Plan {
  const nodes: PlanNode[] = [];
  const plannedEntries: PlanEntry[] = [];
  const gates = new Map(
    graph.nodes.filter(({ component }) => component.guard !== undefined).map(({ id }) => [id, gateOf(id)]),
  );
  for (const { id, component, args } of graph.nodes) {
    const next = wiresOf(args);
    const gate = gates.get(id);
    const node = { id, component: component.name, args, next };
    if (component.worker !== undefined) nodes.push(gate === undefined ? node : { ...node, gate });
    const index = entries.get(id);
    if (index === undefined) continue;
    plannedEntries.push({
      index,
      id,
      next,
      ...(component.merge === undefined ? {} : { merged: true }),
      ...(gates.size === 0 ? {} : { gates: gatesBehind(next, gates) }),
    });
  }
  const tracing = entries.get(TRACING_ENTRY);
  const traces = graph.settings.tracing.write_to.map((ref) => ref.nodeId);
  if (tracing !== undefined && traces.length > 0)
    plannedEntries.push({ index: tracing, id: TRACING_ENTRY, next: { traces, metrics: [], logs: [] } });
  return { nodes, entries: plannedEntries };
}

/** See `PlanEntry.gates`. */
function gatesBehind(next: Wires, gates: ReadonlyMap<string, SharedArrayBuffer>): NonNullable<PlanEntry['gates']> {
  const found: Partial<Record<SignalName, SharedArrayBuffer[]>> = {};
  for (const signal of SIGNAL_NAMES) {
    const ids = next[signal];
    const memories = ids.flatMap((id) => gates.get(id) ?? []);
    if (ids.length > 0 && memories.length === ids.length) found[signal] = memories;
  }
  return found;
}

function wiresOf(args: unknown): Wires {
  const ids = (flow: Flow): string[] => consumersOf(args, flow).map((ref) => ref.nodeId);
  const [prometheus, loki] = [ids(PROMETHEUS), ids(LOKI)];
  return {
    traces: ids(TRACES),
    metrics: ids(METRICS),
    logs: ids(LOGS),
    ...(prometheus.length > 0 ? { prometheus } : {}),
    ...(loki.length > 0 ? { loki } : {}),
  };
}
