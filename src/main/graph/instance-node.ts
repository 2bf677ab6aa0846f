/**
 * Instances of custom components: the attributes of the block are the module's arguments, its `export` blocks are what
 * expressions see. Facts: grafana/alloy v1.18 `internal/runtime/internal/controller/node_custom_component.go`.
 */
import { at, diagnostic } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { UNKNOWN, type Value } from '#config/eval/value.ts';
import { bodyFrame, checkDeclaration, declaredExports } from './declaration.ts';
import type { Declaration, Found } from './definitions.ts';
import { NOTHING, type NodeResult } from './frame.ts';
import { givenArguments, instanceArguments } from './instance-arguments.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';

/** Custom components inside each other, which are loaded by recursion. */
const MAX_DEPTH = 100;

/** The exports that an instance will have. */
export function plannedInstance(found: Found): Value {
  if (found === undefined || found === 'unknown') return UNKNOWN;
  return new Map(declaredExports(found).map((label) => [label, UNKNOWN]));
}

export async function loadInstance(module: ModuleLoad, node: BlockNode): Promise<NodeResult> {
  const { context, frame } = module;
  const name = node.block.name.text;
  const found = frame.definitions.find(name);
  module.names.set(node.id, plannedInstance(found));
  if (found === undefined) {
    const help = didYouMean(name, frame.definitions.names());
    module.error(node, 'unknown_name', `cannot find the definition of component name "${name}"`, node.span, help);
    return NOTHING;
  }
  if (found === 'unknown') {
    module.report(node, givenArguments(module, node, null).diagnostics);
    return NOTHING;
  }
  const id = module.globalId(node.id);
  const args = context.memoized(
    `${id} arguments`,
    node.block,
    [found.block, ...module.inputs(node)],
    () => instanceArguments(module, node, found),
    (made) => made.diagnostics.length === 0,
  );
  module.report(node, args.diagnostics);
  if (isEndless(module, node, found)) return NOTHING;
  if (frame.check) {
    await checkDeclaration(module, found);
    return NOTHING;
  }
  const here = `in ${name}${node.label === '' ? '' : ` "${node.label}"`} at ${at(node.span)}`;
  const loaded = await module.inner(
    bodyFrame(found, frame, {
      id,
      values: new Map([['argument', args.values]]),
      where: [here, ...frame.where],
      check: false,
    }),
  );
  // The same object as long as it holds the same: what depends on it need not be evaluated again.
  const exports = context.memoized(
    `${id} exports`,
    node.block,
    [found.block, ...loaded.exports.keys(), ...loaded.exports.values()],
    () =>
      new Map<string, Value>([...declaredExports(found).map((label) => [label, UNKNOWN] as const), ...loaded.exports]),
    () => true,
  );
  module.names.set(node.id, exports);
  const instance = {
    id,
    name,
    label: node.label,
    args: args.given,
    exports,
    references: module.references(node),
    referencedBy: module.referencedBy(node),
    moduleIds: [id],
  };
  return { nodes: loaded.nodes, modules: [instance, ...loaded.modules] };
}

/** Whether the custom component would contain itself, or go too deep. */
function isEndless(module: ModuleLoad, node: BlockNode, found: Declaration): boolean {
  const { context } = module;
  const { chain, check } = module.frame;
  const again = chain.findIndex(({ block }) => block === found.block);
  if (again >= 0) {
    const circle = chain.slice(again);
    const message = `custom component "${node.block.name.text}" contains itself: ${[...circle, found].map((one) => one.name).join(' -> ')}`;
    const help = 'a module must end somewhere: remove this use';
    // The same from wherever it is entered.
    if (context.meets(circle.map(({ block }) => block)))
      context.report.add([diagnostic('error', 'recursive', message, node.span, help)], {
        node: module.globalId(node.id),
      });
    return true;
  }
  // What is only looked at is looked at by itself, too.
  if (chain.length >= MAX_DEPTH && !check)
    module.error(node, 'recursive', `custom components are nested more than ${MAX_DEPTH} deep`, node.span);
  return chain.length >= MAX_DEPTH;
}
