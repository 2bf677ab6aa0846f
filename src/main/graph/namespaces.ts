/** Which imports a custom component needs: those whose names its block, and the bodies behind it, use. */
import type { BlockStatement } from '#config/syntax/ast.ts';
import type { Definitions } from './definitions.ts';
import type { BlockNode } from './nodes.ts';

/** Their labels. A loop: bodies may use each other in a chain of any length. */
export function namespacesOf(node: BlockNode, definitions: Definitions): readonly string[] {
  if ((node.kind !== 'instance' && node.kind !== 'foreach') || definitions.imports.size === 0) return [];
  const labels = new Set<string>();
  const seen = new Set<BlockStatement>();
  const open = [node.block];
  for (let block = open.pop(); block !== undefined; block = open.pop()) {
    const name = block.name.text;
    const [label = '', ...rest] = name.split('.');
    if (rest.length > 0 && definitions.imports.has(label)) labels.add(label);
    const holder = HOLDERS.has(name) ? block : definitions.declares.get(name)?.block;
    if (holder === undefined || seen.has(holder)) continue;
    seen.add(holder);
    for (const statement of holder.body) if (statement.kind === 'block') open.push(statement);
  }
  return [...labels];
}

/** Blocks in whose bodies components stand. */
const HOLDERS: ReadonlySet<string> = new Set(['foreach', 'template', 'declare']);
