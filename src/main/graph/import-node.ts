/** `import.*` blocks: the custom components of another module, under a namespace. */
import { hasErrors } from '#config/diag/diagnostic.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { decode } from '#config/schema/schema.ts';
import { Definitions } from './definitions.ts';
import { NOTHING, type NodeResult } from './frame.ts';
import type { ImportedModule } from './imports/import-block.ts';
import { parseSource } from './load-context.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';
import type { ProviderOrder } from './providers.ts';

/** Imports inside imports; a module that imports itself ends here. */
const MAX_DEPTH = 16;

export async function loadImport(module: ModuleLoad, node: BlockNode & { kind: 'import' }): Promise<NodeResult> {
  const { context, frame } = module;
  const { importBlock } = node;
  const evaluated = evaluateBody(node.file.source, node.block.body, module.scope);
  const decoded = decode(importBlock.args, evaluated.body, node.span);
  const unresolved = module.unresolved(node);
  const found = [...(unresolved.length > 0 ? [] : evaluated.diagnostics), ...decoded.diagnostics];
  context.report(found, frame.where);
  if (!decoded.sound || hasErrors(found)) return NOTHING;
  if (frame.kind === 'library' && frame.id.split('/').length > MAX_DEPTH) {
    const help = 'does a module import itself?';
    context.error('recursive', `imports are nested more than ${MAX_DEPTH} deep`, node.span, help);
    return NOTHING;
  }
  const create: ProviderOrder['create'] = (ctx) => Promise.resolve(importBlock.create(decoded.args, ctx as never));
  const imported = (await module.provided(node, importBlock.name, decoded.args, create, importBlock.local)) as
    ImportedModule | undefined;
  if (imported === undefined) return NOTHING;
  const files = imported.sources.map((source) => parseSource(source));
  for (const { file, diagnostics } of files) {
    if (imported.secret !== true) context.texts.set(file.source.name, file.source.text);
    context.report(diagnostics);
  }
  if (files.some(({ diagnostics }) => hasErrors(diagnostics))) return NOTHING;
  const definitions = new Definitions(null, imported.path);
  const inner = await module.inner({
    id: module.globalId(node.id),
    kind: 'library',
    parts: files.flatMap(({ file }) => file.body.map((statement) => ({ statement, file }))),
    definitions,
    values: new Map(),
    outer: new Map(),
    chain: frame.chain,
    where: undefined,
    check: frame.check,
  });
  frame.definitions.imports.set(node.label, definitions);
  return { nodes: inner.nodes, modules: inner.modules };
}
