/**
 * References between components as edges: what does not exist, what refers to itself, what goes in circles, and an order in
 * which everything comes after what it refers to.
 */
import { at, diagnostic, type Diagnostic, type Span } from '#config/diag/diagnostic.ts';
import { MAX_FINDINGS } from '#config/diag/findings.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { references, type Reference } from '#config/eval/references.ts';
import { MAX_SUGGESTIONS, type BlockNode, type NodeTable } from './nodes.ts';

export interface Edge {
  readonly to: string;
  /** The first place that makes it. */
  readonly span: Span;
}

export interface Edges {
  /** By id, in the order of first use; no edge to the node itself. */
  readonly out: ReadonlyMap<string, readonly Edge[]>;
  /** Dotted names that lead nowhere. */
  readonly unresolved: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** What else than the nodes of a module can be referred to from inside it. */
export interface Surroundings {
  /** First names that need no edge: of the standard library, of the arguments, of a foreach's variable. */
  readonly known: (reference: Reference) => boolean;
  /** Ids of nodes around a foreach, which its template may use. */
  readonly outer: { has(id: string): boolean };
  /** Nodes that must come first though no expression refers to them: the imports of a custom component. */
  readonly needs: (node: BlockNode) => readonly string[];
}

export function edgesOf(table: NodeTable, around: Surroundings): Edges {
  const out = new Map<string, readonly Edge[]>();
  const unresolved = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  let unknown = 0;
  for (const node of table.nodes.values()) {
    const edges = new Map<string, Edge>(around.needs(node).map((to) => [to, { to, span: node.span }]));
    for (const reference of references(node.file.source, node.block.body)) {
      const to = targetOf(reference, table.nodes);
      if (to === node.id) {
        diagnostics.push(
          diagnostic('error', 'self_reference', `component ${node.id} must not refer to itself`, reference.span),
        );
      } else if (to !== undefined) {
        if (!edges.has(to)) edges.set(to, { to, span: reference.span });
      } else if (
        // What a template refers to is told when the template is looked at.
        node.kind !== 'foreach' &&
        // Of a function that does not exist the evaluator tells.
        !reference.called &&
        !around.known(reference) &&
        targetOf(reference, around.outer) === undefined
      ) {
        unresolved.add(reference.path.join('.'));
        // What is wrong with a block that was written but cannot be used is told there.
        if (targetOf(reference, table.broken) === undefined && unknown++ < MAX_FINDINGS)
          diagnostics.push(unknownReference(reference, unknown <= MAX_SUGGESTIONS ? table.nodes.keys() : []));
      }
    }
    out.set(node.id, [...edges.values()]);
  }
  return { out, unresolved, diagnostics };
}

/** The id among `ids` that a reference begins with, or undefined. The shortest one, as in Alloy. */
export function targetOf({ path }: Reference, ids: { has(id: string): boolean }): string | undefined {
  let id = '';
  for (const name of path) {
    id = id === '' ? name : `${id}.${name}`;
    if (ids.has(id)) return id;
  }
  return undefined;
}

export function unknownReference({ path, span }: Reference, known: Iterable<string>): Diagnostic {
  const byLength = Map.groupBy(known, (id) => id.split('.').length);
  const suggestions = [...byLength].flatMap(([length, ids]) => didYouMean(path.slice(0, length).join('.'), ids) ?? []);
  return diagnostic(
    'error',
    'unknown_reference',
    `component "${path.join('.')}" does not exist or is out of scope`,
    span,
    suggestions[0],
  );
}

export interface Order {
  /** Each node after those that it refers to; otherwise in the order of writing. Without the edges that close a circle. */
  readonly nodes: readonly BlockNode[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Depth first with a stack of its own: a chain of references may be as long as the configuration. */
export function orderOf(table: NodeTable, edges: Edges): Order {
  const done: BlockNode[] = [];
  const diagnostics: Diagnostic[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const root of table.nodes.keys()) {
    if (state.has(root)) continue;
    const path = [{ id: root, next: 0 }];
    state.set(root, 'open');
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const edge = edges.out.get(top.id)?.[top.next++];
      if (edge === undefined) {
        path.pop();
        state.set(top.id, 'done');
        done.push(table.nodes.get(top.id) as BlockNode);
      } else if (state.get(edge.to) === 'open') {
        const from = path.findIndex((step) => step.id === edge.to);
        diagnostics.push(
          circle(
            path.slice(from).map((step) => step.id),
            edges,
          ),
        );
      } else if (!state.has(edge.to)) {
        state.set(edge.to, 'open');
        path.push({ id: edge.to, next: 0 });
      }
    }
  }
  return { nodes: done, diagnostics };
}

/** `ids` refer each to the next one and the last to the first. Told from the place where the first one starts it. */
function circle(ids: readonly string[], edges: Edges): Diagnostic {
  const steps = ids.map((id, i) => {
    const to = ids[(i + 1) % ids.length];
    const edge = edges.out.get(id)?.find((e) => e.to === to) as Edge;
    return { id, span: edge.span };
  });
  const told = steps.map(({ id, span }) => `${id} (${at(span)})`);
  return diagnostic(
    'error',
    'cycle',
    `cycle: ${told.join(' -> ')} -> ${ids[0]}`,
    (steps[0] as { span: Span }).span,
    'data must flow one way: remove one of these references',
  );
}
