/**
 * A loaded configuration: every component with its decoded arguments and its edges. Plain facts, nothing runs yet.
 */
import type { Span } from '#config/diag/diagnostic.ts';
import type { Value } from '#config/eval/value.ts';
import type { Component } from '#components/kit/component.ts';
import type { Plan, PlanEntry, PlanNode, Wires } from '#shared/plan.ts';
import { LOGS, LOKI, METRICS, PROMETHEUS, TRACES, type Flow } from '#shared/signal.ts';
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

/** The workers' part of a graph. `entries` numbers every id of {@link entryIds}. */
export function planOf(graph: Graph, entries: ReadonlyMap<string, number>): Plan {
  const nodes: PlanNode[] = [];
  const plannedEntries: PlanEntry[] = [];
  for (const { id, component, args } of graph.nodes) {
    const next = wiresOf(args);
    if (component.worker !== undefined) nodes.push({ id, component: component.name, args, next });
    const index = entries.get(id);
    if (index === undefined) continue;
    plannedEntries.push(component.merge === undefined ? { index, id, next } : { index, id, next, merged: true });
  }
  const tracing = entries.get(TRACING_ENTRY);
  const traces = graph.settings.tracing.write_to.map((ref) => ref.nodeId);
  if (tracing !== undefined && traces.length > 0)
    plannedEntries.push({ index: tracing, id: TRACING_ENTRY, next: { traces, metrics: [], logs: [] } });
  return { nodes, entries: plannedEntries };
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
