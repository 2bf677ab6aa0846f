/**
 * `foreach`: the template is a module for each item. Its id is made of the item, so that an item keeps its components when
 * others come and go. Facts: grafana/alloy v1.18 `internal/runtime/internal/controller/node_config_foreach.go`.
 */
import { createHash } from 'node:crypto';
import { at, hasErrors } from '#config/diag/diagnostic.ts';
import type { EvaluatedBlock } from '#config/eval/body.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { printValue } from '#config/eval/print.ts';
import { isObject, UNKNOWN, type Value } from '#config/eval/value.ts';
import { decode } from '#config/schema/schema.ts';
import { isIdentifier } from '#config/syntax/quote.ts';
import { foreachBlock } from './blocks/module-blocks.ts';
import { Definitions } from './definitions.ts';
import { NOTHING, type Frame, type NodeResult } from './frame.ts';
import type { GraphNode, ModuleInstance } from './graph.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';

export async function loadForeach(module: ModuleLoad, node: BlockNode): Promise<NodeResult> {
  const { context, frame } = module;
  const { source } = node.file;
  const attributes = node.block.body.filter(
    (statement) => statement.kind === 'attr' || statement.name.text !== 'template',
  );
  const templates = node.block.body.filter((s) => s.kind === 'block' && s.name.text === 'template');
  const evaluated = evaluateBody(source, attributes, module.scope);
  // The template's body is no part of the block's arguments.
  const empty = templates.map(({ name }): EvaluatedBlock => {
    return { kind: 'block', name: 'template', nameSpan: source.span(name.start, name.end), label: '', body: [] };
  });
  const decoded = decode(foreachBlock.args, [...evaluated.body, ...empty], node.span);
  context.report([...evaluated.diagnostics, ...decoded.diagnostics], frame.where);
  const template = templates[0];
  if (template?.kind !== 'block') return NOTHING;
  const { args, sound } = decoded;
  const name = typeof args.var === 'string' && isIdentifier(args.var) ? args.var : undefined;
  if (sound && name === undefined)
    context.error(
      'invalid',
      `var must be a name, got ${JSON.stringify(args.var)}`,
      node.span,
      'for example var = "each"',
    );
  const outer = module.visible();
  const item = (id: string, value: Value, where: string | undefined, check: boolean): Frame => ({
    id,
    kind: 'template',
    parts: template.body.map((statement) => ({ statement, file: node.file })),
    definitions: new Definitions(frame.definitions, frame.definitions.path),
    values: name === undefined ? frame.values : new Map([...frame.values, [name, value]]),
    outer,
    chain: frame.chain,
    where,
    check,
  });
  if (name !== undefined) await module.inner(item(`(check ${node.id})`, UNKNOWN, undefined, true));
  if (!sound || name === undefined || hasErrors(evaluated.diagnostics) || frame.check) return NOTHING;

  const nodes: GraphNode[] = [];
  const modules: ModuleInstance[] = [];
  const counts = new Map<string, number>();
  for (const value of args.collection) {
    const fingerprint = fingerprintOf(value, args.id, args.hash_string_id);
    const count = (counts.get(fingerprint) ?? 0) + 1;
    counts.set(fingerprint, count);
    const label = `foreach_${fingerprint}_${count}`;
    const id = `${module.globalId(node.id)}/${label}`;
    const where = `for item ${label} of ${node.id} at ${at(node.span)}`;
    const inner = await module.inner(item(id, value, where, false));
    nodes.push(...inner.nodes);
    modules.push(
      {
        id,
        name: 'foreach',
        label,
        args: new Map([[name, value]]),
        exports: new Map(),
        references: module.references(node),
        referencedBy: [],
      },
      ...inner.modules,
    );
  }
  return { nodes, modules };
}

/** What tells an item from others: itself, or its field `key`. */
function fingerprintOf(item: Value, key: string, hashed: boolean): string {
  const field = key === '' || !isObject(item) ? item : (item.get(key) ?? item);
  if (typeof field === 'string') return hashed ? hash(field) : field.replaceAll(/[^\p{L}\p{Nd}]/gu, '_');
  if (typeof field === 'bigint' || typeof field === 'number' || typeof field === 'boolean')
    return String(field).replaceAll(/[^\p{L}\p{Nd}]/gu, '_');
  return hash(printValue(field));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
