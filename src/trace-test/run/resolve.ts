/** Which component a test means: by its id, or by the name that it has in Collector YAML. */
import { nearest } from '#config/diag/suggest.ts';
import type { GraphNode } from '#main/graph/graph.ts';

export type Resolved = { readonly id: string } | { readonly problem: string };

/** `written` null: the only one. `what` is how messages call them: `receiver`. */
export function resolve(written: string | null, nodes: readonly GraphNode[], what: string): Resolved {
  const ids = nodes.map(({ id }) => id);
  if (ids.length === 0) return { problem: `the configuration has no ${what}` };
  if (written === null)
    return ids.length === 1 ? { id: ids[0] } : { problem: `say which ${what} is meant: ${ids.join(', ')}` };
  if (ids.includes(written)) return { id: written };
  const called = nodes.filter((node) => isCalled(node, written)).map(({ id }) => id);
  if (called.length === 1) return { id: called[0] };
  if (called.length > 1) return { problem: `${JSON.stringify(written)} could be ${called.join(' or ')}` };
  const near = nearest(written, ids);
  const hint = near === undefined ? `there is ${ids.join(', ')}` : `did you mean ${near}?`;
  return { problem: `the configuration has no ${what} ${JSON.stringify(written)}; ${hint}` };
}

/** `otlp/second`: a label made of the conversion ends in the name. */
function isCalled({ component: { otelcol }, label }: GraphNode, written: string): boolean {
  if (otelcol === undefined) return false;
  const [type, name = ''] = written.split('/', 2);
  const suffix = name.replaceAll(/[^\p{L}\p{Nd}_]/gu, '_');
  return (
    [otelcol.type, ...(otelcol.aliases ?? [])].includes(type) &&
    (label === suffix || label.endsWith(`_${suffix}`) || suffix === '')
  );
}
