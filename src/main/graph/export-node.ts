/** `export` blocks: what users of a custom component read. */
import { evaluateBody } from '#config/eval/evaluate.ts';
import { UNKNOWN, type Value } from '#config/eval/value.ts';
import { decode } from '#config/schema/schema.ts';
import { exportBlock } from './blocks/module-blocks.ts';
import { NOTHING, type NodeResult } from './frame.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';

export function evaluateExport(module: ModuleLoad, node: BlockNode): NodeResult {
  const evaluated = evaluateBody(node.file.source, node.block.body, module.scope);
  const decoded = decode(exportBlock.args, evaluated.body, node.span);
  module.report(node, [...evaluated.diagnostics, ...decoded.diagnostics]);
  const value = decoded.sound ? (decoded.args.value as Value | undefined) : undefined;
  module.exports.set(node.label, value ?? UNKNOWN);
  return NOTHING;
}
