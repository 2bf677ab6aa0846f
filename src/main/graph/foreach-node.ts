/**
 * `foreach`: the template is a module for each item. Its id is made of the item, so that an item keeps its components when
 * others come and go. Facts: grafana/alloy v1.18 `internal/runtime/internal/controller/node_config_foreach.go`.
 */
import { at, diagnostic, type Diagnostic } from '#config/diag/diagnostic.ts';
import type { EvaluatedBlock } from '#config/eval/body.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { isObject, UNKNOWN, type Value } from '#config/eval/value.ts';
import { decode, type Infer } from '#config/schema/schema.ts';
import type { BlockStatement } from '#config/syntax/ast.ts';
import { isIdentifier } from '#config/syntax/quote.ts';
import { foreachBlock } from './blocks/module-blocks.ts';
import { Definitions } from './definitions.ts';
import { fingerprint } from './fingerprint.ts';
import { NOTHING, type Frame, type NodeResult } from './frame.ts';
import type { GraphNode, ModuleInstance } from './graph.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';

export async function loadForeach(module: ModuleLoad, node: BlockNode): Promise<NodeResult> {
  const { context, frame } = module;
  const id = module.globalId(node.id);
  // Kept as long as nothing changes, so that the items are the same objects.
  const { args, sound, diagnostics } = context.memoized(
    `${id} arguments`,
    node.block,
    module.inputs(node),
    () => evaluateArguments(module, node),
    (made) => made.sound && made.diagnostics.length === 0,
  );
  module.report(node, diagnostics);
  const template = templatesOf(node)[0];
  const name = typeof args.var === 'string' && isIdentifier(args.var) ? args.var : undefined;
  if (template === undefined || name === undefined) return NOTHING;

  const outer = module.around(node);
  const item = (itemId: string, value: Value, where: readonly string[], check: boolean): Frame => ({
    id: itemId,
    kind: 'template',
    parts: template.body.map((statement) => ({ statement, file: node.file })),
    definitions: new Definitions(frame.definitions, frame.definitions.path),
    values: new Map([...frame.values, [name, value]]),
    outer,
    chain: frame.chain,
    imports: frame.imports,
    where,
    check,
  });
  // What is wrong with every item is told without one. Inside an instance the first look has done that.
  if (frame.where.length === 0) await module.inner(item(id, UNKNOWN, [], true));
  if (!sound || frame.check) return NOTHING;

  const nodes: GraphNode[] = [];
  const modules: ModuleInstance[] = [];
  const labels = labelsOf(args);
  const items = args.collection.map((value, i) => {
    const here = `for item ${labels[i]} of ${node.id} at ${at(node.span)}`;
    return module.inner(item(`${id}/${labels[i]}`, value, [here, ...frame.where], false));
  });
  for (const inner of await Promise.all(items)) {
    nodes.push(...inner.nodes);
    modules.push(...inner.modules);
  }
  const foreach: ModuleInstance = {
    id,
    name: 'foreach',
    label: node.label,
    args: new Map<string, Value>([
      ['collection', args.collection],
      ['var', args.var],
    ]),
    exports: new Map(),
    references: module.references(node),
    referencedBy: [],
    moduleIds: labels.map((label) => `${id}/${label}`),
  };
  return { nodes, modules: [foreach, ...modules] };
}

type Arguments = Infer<typeof foreachBlock.args>;

function templatesOf({ block }: BlockNode): readonly BlockStatement[] {
  return block.body.filter((s): s is BlockStatement => s.kind === 'block' && s.name.text === 'template');
}

function evaluateArguments(
  module: ModuleLoad,
  node: BlockNode,
): { readonly args: Arguments; readonly sound: boolean; readonly diagnostics: readonly Diagnostic[] } {
  const { source } = node.file;
  const templates: readonly unknown[] = templatesOf(node);
  const rest = node.block.body.filter((statement) => !templates.includes(statement));
  const evaluated = evaluateBody(source, rest, module.scope);
  // A template's body is no part of the block's arguments.
  const empty = templatesOf(node).map(({ name, label }): EvaluatedBlock => {
    const nameSpan = source.span(name.start, name.end);
    return { kind: 'block', name: 'template', nameSpan, label: label?.text ?? '', body: [] };
  });
  const { args, sound, diagnostics } = decode(foreachBlock.args, [...evaluated.body, ...empty], node.span);
  const found = [...evaluated.diagnostics, ...diagnostics];
  if (typeof args.var === 'string' && !isIdentifier(args.var)) {
    const written = evaluated.body.find((statement) => statement.kind === 'attr' && statement.name === 'var');
    const span = written?.kind === 'attr' ? written.valueSpan : node.span;
    found.push(diagnostic('error', 'invalid', `${JSON.stringify(args.var)} is not a name`, span, 'for example "each"'));
  }
  if (sound && args.id !== '' && args.collection.some((one) => isObject(one) && !one.has(args.id)))
    found.push(diagnostic('warn', 'unknown_name', `some items have no field "${args.id}" for their id`, node.span));
  return { args, sound, diagnostics: found };
}

/** Unique and in the order of the items: equal items are counted. */
function labelsOf({ collection, id, hash_string_id: hashed }: Arguments): readonly string[] {
  const counts = new Map<string, number>();
  return collection.map((value) => {
    const field = id !== '' && isObject(value) ? (value.get(id) ?? value) : value;
    const print = fingerprint(field, hashed);
    const count = (counts.get(print) ?? 0) + 1;
    counts.set(print, count);
    return `foreach_${print}_${count}`;
  });
}
