/** Which imports a custom component needs: those whose names its block, and the bodies behind it, use. */
import type { BlockStatement, Body } from '#config/syntax/ast.ts';
import type { Declaration, Definitions } from './definitions.ts';
import type { BlockNode } from './nodes.ts';
import { IMPORT_BLOCKS } from './imports/list.ts';

/** Ids of import nodes, of all kinds that the label may have. */
export function namespacesOf(node: BlockNode, definitions: Definitions): readonly string[] {
  if (node.kind !== 'instance' && node.kind !== 'foreach') return [];
  const labels = new Set<string>();
  visit(node.block, definitions, labels, new Set());
  return [...labels].flatMap((label) => [...IMPORT_BLOCKS.keys()].map((name) => `${name}.${label}`));
}

function visit(block: BlockStatement, definitions: Definitions, labels: Set<string>, seen: Set<Declaration>): void {
  const name = block.name.text;
  const dot = name.indexOf('.');
  if (dot > 0 && definitions.imports.has(name.slice(0, dot))) labels.add(name.slice(0, dot));
  const declaration = dot < 0 ? definitions.declares.get(name) : undefined;
  if (declaration !== undefined && !seen.has(declaration)) {
    seen.add(declaration);
    visitBody(declaration.block.body, definitions, labels, seen);
  }
  if (name === 'foreach' || name === 'template' || name === 'declare') visitBody(block.body, definitions, labels, seen);
}

function visitBody(body: Body, definitions: Definitions, labels: Set<string>, seen: Set<Declaration>): void {
  for (const statement of body) if (statement.kind === 'block') visit(statement, definitions, labels, seen);
}
