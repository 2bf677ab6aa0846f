/**
 * What counts spans behind a component that lets only some of them through: its figures are those of the sample. Allowed, since
 * somebody may want just that, and worth a warning, since nearly nobody does.
 */
import { at, diagnostic, type Diagnostic } from '#config/diag/diagnostic.ts';
import { splitId } from '#shared/node-id.ts';
import { TRACES } from '#shared/signal.ts';
import { consumersOf } from './consumers.ts';
import type { GraphNode } from './graph.ts';

export function countedBehindSamplers(nodes: readonly GraphNode[]): Diagnostic[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** By node: the first sampler that its traces have passed. */
  const samplerOf = new Map<string, GraphNode>();
  for (const sampler of nodes) {
    if (sampler.component.samples !== true) continue;
    const next = [sampler];
    for (let node = next.pop(); node !== undefined; node = next.pop()) {
      for (const { nodeId } of consumersOf(node.args, TRACES)) {
        const consumer = byId.get(nodeId);
        if (consumer === undefined || samplerOf.has(nodeId)) continue;
        samplerOf.set(nodeId, sampler);
        next.push(consumer);
      }
    }
  }
  return nodes.flatMap(({ id, component, span }) => {
    const sampler = samplerOf.get(id);
    if (component.countsSpans !== true || sampler === undefined) return [];
    const name = splitId(sampler.id).local;
    return diagnostic(
      'warn',
      'counted_behind_sampler',
      `${splitId(id).local} counts only the spans that ${name} (${at(sampler.span)}) lets through`,
      span,
      `send it the traces before ${name} samples them, or read its metrics as those of the sample`,
    );
  });
}
