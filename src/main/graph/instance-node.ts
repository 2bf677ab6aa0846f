/**
 * Instances of custom components: the attributes of the block are the module's arguments, its `export` blocks are what
 * expressions see. Facts: grafana/alloy v1.18 `internal/runtime/internal/controller/node_custom_component.go`.
 */
import { at, hasErrors } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import type { Scope } from '#config/eval/scope.ts';
import { UNKNOWN, type Value } from '#config/eval/value.ts';
import { decode } from '#config/schema/schema.ts';
import type { BlockStatement, File } from '#config/syntax/ast.ts';
import { argumentBlock } from './blocks/module-blocks.ts';
import { Definitions, type Declaration, type Found } from './definitions.ts';
import type { LoadContext, Values } from './load-context.ts';
import { NOTHING, type Frame, type NodeResult } from './frame.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode, Part } from './nodes.ts';

/** The exports that an instance will have. */
export function plannedInstance(found: Found): Value {
  if (found === undefined || found === 'unknown') return UNKNOWN;
  const labels = blocksOf(found.block, 'export').flatMap(({ label }) => (label === null ? [] : [label.text]));
  return new Map(labels.map((label) => [label, UNKNOWN]));
}

export async function loadInstance(module: ModuleLoad, node: BlockNode): Promise<NodeResult> {
  const { context, frame } = module;
  const name = node.block.name.text;
  const found = frame.definitions.find(name);
  if (found === undefined) {
    const help = didYouMean(name, frame.definitions.names());
    context.error('unknown_name', `cannot find the definition of component name "${name}"`, node.span, help);
    module.names.set(node.id, UNKNOWN);
    return NOTHING;
  }
  const given = givenArguments(module, node, found);
  if (found === 'unknown') {
    module.names.set(node.id, UNKNOWN);
    return NOTHING;
  }
  const again = frame.chain.findIndex(({ block }) => block === found.block);
  if (again >= 0) {
    const chain = [...frame.chain.slice(again), found].map((one) => one.name).join(' -> ');
    context.error(
      'recursive',
      `custom component "${name}" contains itself: ${chain}`,
      node.span,
      'a module must end somewhere: remove this use',
    );
    module.names.set(node.id, UNKNOWN);
    return NOTHING;
  }
  if (frame.check) {
    await checkDeclaration(module, found);
    return NOTHING;
  }
  const id = module.globalId(node.id);
  const args = context.memoized(
    `${id} arguments`,
    node.block,
    [found.block, ...module.inputs(node)],
    () => completeArguments(module, node, found, given),
    (made) => made.every,
  );
  const loaded = await module.inner(
    bodyFrame(found, frame, {
      id,
      values: new Map([['argument', args.values]]),
      where: `in ${name} "${node.label}" at ${at(node.span)}`,
      check: false,
    }),
  );
  // The same object as long as it holds the same: what depends on it need not be evaluated again.
  const exports = context.memoized(
    `${id} exports`,
    node.block,
    [...loaded.exports.keys(), ...loaded.exports.values()],
    () => loaded.exports,
    () => true,
  );
  const planned = module.names.get(node.id);
  module.names.set(node.id, exports.size === 0 && planned === UNKNOWN ? UNKNOWN : exports);
  const instance = {
    id,
    name,
    label: node.label,
    args: args.shown,
    exports,
    references: module.references(node),
    referencedBy: module.referencedBy(node),
  };
  return { nodes: loaded.nodes, modules: [instance, ...loaded.modules] };
}

/** Looks at a body with arguments that nobody knows. Each is looked at once. */
export async function checkDeclaration(module: ModuleLoad, declaration: Declaration): Promise<void> {
  const { context, frame } = module;
  if (context.checked.has(declaration.block)) return;
  context.checked.add(declaration.block);
  const values = new Map<string, Value>();
  for (const block of blocksOf(declaration.block, 'argument')) {
    decodeArgument(context, block, declaration.file, context.options.stdlib);
    if (block.label !== null) values.set(block.label.text, new Map([['value', UNKNOWN as Value]]));
  }
  const id = `(check ${declaration.name})`;
  const argument = new Map([['argument', values as Value]]);
  await module.inner(bodyFrame(declaration, frame, { id, values: argument, where: undefined, check: true }));
}

function bodyFrame(
  declaration: Declaration,
  frame: Frame,
  rest: Pick<Frame, 'id' | 'values' | 'where' | 'check'>,
): Frame {
  const parts: Part[] = declaration.block.body.map((statement) => ({ statement, file: declaration.file }));
  return {
    ...rest,
    kind: 'module',
    parts,
    definitions: new Definitions(declaration.home, declaration.home.path),
    outer: new Map(),
    chain: [...frame.chain, declaration],
  };
}

function givenArguments(module: ModuleLoad, node: BlockNode, found: Declaration | 'unknown'): Map<string, Value> {
  const { context, frame, scope } = module;
  const evaluated = evaluateBody(node.file.source, node.block.body, scope);
  const unresolved = module.unresolved(node);
  context.report(unresolved.length > 0 ? [] : evaluated.diagnostics, frame.where);
  const known =
    found === 'unknown' ? null : blocksOf(found.block, 'argument').flatMap(({ label }) => label?.text ?? []);
  const given = new Map<string, Value>();
  for (const statement of evaluated.body) {
    const { name, nameSpan } = statement;
    if (statement.kind === 'block') {
      context.error(
        'unexpected',
        `custom component "${node.block.name.text}" takes no blocks`,
        nameSpan,
        `write ${name} = ... for an argument`,
      );
    } else if (known !== null && !known.includes(name)) {
      context.error(
        'unknown_name',
        `custom component "${node.block.name.text}" has no argument "${name}"`,
        nameSpan,
        didYouMean(name, known),
      );
    } else if (given.has(name)) {
      context.error('duplicate', `attribute "${name}" may only be provided once`, nameSpan);
    } else given.set(name, statement.value ?? UNKNOWN);
  }
  return given;
}

/** `argument.NAME.value` of each argument. */
function completeArguments(
  { context }: ModuleLoad,
  node: BlockNode,
  declaration: Declaration,
  given: ReadonlyMap<string, Value>,
): { readonly values: Values; readonly shown: Values; readonly every: boolean } {
  const values = new Map<string, Value>();
  const shown = new Map<string, Value>();
  let every = true;
  for (const block of blocksOf(declaration.block, 'argument')) {
    if (block.label === null) continue;
    const { text: label } = block.label;
    const declared = decodeArgument(context, block, declaration.file, context.options.stdlib);
    let value = given.get(label);
    if (value === undefined && !declared.optional) {
      context.error(
        'missing',
        `missing required argument "${label}" of custom component "${node.block.name.text}"`,
        node.span,
      );
      every = false;
    }
    value ??= declared.optional ? declared.default : UNKNOWN;
    if (given.has(label)) shown.set(label, value);
    values.set(label, new Map([['value', value]]));
  }
  return { values, shown, every };
}

function decodeArgument(
  context: LoadContext,
  block: BlockStatement,
  file: File,
  scope: Scope,
): { readonly optional: boolean; readonly default: Value } {
  const evaluated = evaluateBody(file.source, block.body, scope);
  const decoded = decode(argumentBlock.args, evaluated.body, file.source.span(block.name.start, block.name.end));
  context.report([...evaluated.diagnostics, ...decoded.diagnostics]);
  if (hasErrors([...evaluated.diagnostics, ...decoded.diagnostics])) return { optional: true, default: UNKNOWN };
  return { optional: decoded.args.optional, default: decoded.args.default ?? null };
}

function blocksOf(block: BlockStatement, name: string): readonly BlockStatement[] {
  return block.body.filter((s): s is BlockStatement => s.kind === 'block' && s.name.text === name);
}
