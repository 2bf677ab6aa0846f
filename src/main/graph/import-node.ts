/** `import.*` blocks: the custom components of another module, under a namespace. */
import { isDeepStrictEqual } from 'node:util';
import { hasErrors } from '#config/diag/diagnostic.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { decode } from '#config/schema/schema.ts';
import { Definitions } from './definitions.ts';
import { NOTHING, type Import, type NodeResult } from './frame.ts';
import type { ImportedModule } from './imports/import-block.ts';
import { parseSource } from './load-context.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';
import type { ProviderOrder } from './providers.ts';

/** Imports inside imports. A module that comes back as another text each time ends here. */
const MAX_DEPTH = 16;

export async function loadImport(module: ModuleLoad, node: BlockNode & { kind: 'import' }): Promise<NodeResult> {
  const { context, frame } = module;
  const { importBlock } = node;
  const evaluated = evaluateBody(node.file.source, node.block.body, module.scope);
  const decoded = decode(importBlock.args, evaluated.body, node.span);
  const found = [...evaluated.diagnostics, ...decoded.diagnostics];
  module.report(node, found);
  const self: Import = { kind: importBlock.name, args: decoded.args, label: node.label };
  if (!decoded.sound || hasErrors(found) || isRefused(module, node, self)) return NOTHING;

  const create: ProviderOrder['create'] = (ctx) => Promise.resolve(importBlock.create(decoded.args, ctx as never));
  const imported = (await module.provided(node, importBlock.name, decoded.args, create, importBlock.local)) as
    ImportedModule | undefined;
  if (imported === undefined) return NOTHING;
  const files = imported.sources.map((source) => parseSource(source));
  for (const { file } of files) {
    if (imported.secret === true) context.report.conceal(file.source.name);
    else context.texts.set(file.source.name, file.source.text);
  }
  const syntax = files.flatMap(({ diagnostics }) => diagnostics);
  module.report(node, syntax);
  if (hasErrors(syntax)) return NOTHING;
  const definitions = new Definitions(null, imported.path === '' ? frame.definitions.path : imported.path);
  const inner = await module.inner({
    id: module.globalId(node.id),
    kind: 'library',
    parts: files.flatMap(({ file }) => file.body.map((statement) => ({ statement, file }))),
    definitions,
    values: new Map(),
    outer: new Map(),
    chain: frame.chain,
    imports: [...frame.imports, self],
    where: [],
    check: frame.check,
  });
  frame.definitions.imports.set(node.label, definitions);
  return { nodes: inner.nodes, modules: inner.modules };
}

function isRefused(module: ModuleLoad, node: BlockNode, self: Import): boolean {
  const { imports } = module.frame;
  const again = imports.findIndex(({ kind, args }) => kind === self.kind && isDeepStrictEqual(args, self.args));
  if (again >= 0) {
    const chain = [...imports.slice(again), self].map(({ kind, label }) => `${kind} "${label}"`).join(' -> ');
    module.error(
      node,
      'recursive',
      `the module imports itself: ${chain}`,
      node.span,
      'imports must end somewhere: remove this one',
    );
    return true;
  }
  if (imports.length >= MAX_DEPTH) {
    module.error(
      node,
      'recursive',
      `imports are nested more than ${MAX_DEPTH} deep`,
      node.span,
      'does a module import itself?',
    );
    return true;
  }
  if (self.kind === 'import.file' && imports.at(-1)?.kind === 'import.http') {
    module.error(
      node,
      'misplaced',
      'a module that came over import.http may not import files',
      node.span,
      'use import.http here, too',
    );
    return true;
  }
  return false;
}
