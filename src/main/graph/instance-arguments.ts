/** What an instance of a custom component gives its module: the attributes of its block, and the defaults of the rest. */
import { diagnostic, type Diagnostic } from '#config/diag/diagnostic.ts';
import { didYouMean } from '#config/diag/suggest.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { UNKNOWN, type Value } from '#config/eval/value.ts';
import { declaredArguments } from './declaration.ts';
import type { Declaration } from './definitions.ts';
import type { Values } from './load-context.ts';
import type { ModuleLoad } from './module.ts';
import type { BlockNode } from './nodes.ts';

export interface InstanceArguments {
  /** `argument.NAME.value` of each argument: what the body knows as `argument`. */
  readonly values: Values;
  /** As they were given. */
  readonly given: Values;
  readonly diagnostics: readonly Diagnostic[];
}

export function instanceArguments(module: ModuleLoad, node: BlockNode, declaration: Declaration): InstanceArguments {
  const declared = declaredArguments(declaration, module.context.options.stdlib);
  const known = declared.map(({ label }) => label);
  const { given, diagnostics } = givenArguments(module, node, known);
  const values = new Map<string, Value>();
  for (const { label, optional, default: fallback } of declared) {
    if (!given.has(label) && !optional)
      diagnostics.push(
        diagnostic(
          'error',
          'missing',
          `missing required argument "${label}" of custom component "${node.block.name.text}"`,
          node.span,
        ),
      );
    const value = given.get(label) ?? (optional ? fallback : UNKNOWN);
    values.set(label, new Map([['value', value]]));
  }
  return { values, given, diagnostics };
}

/** `known`: null when nobody can tell which arguments there are. */
export function givenArguments(
  module: ModuleLoad,
  node: BlockNode,
  known: readonly string[] | null,
): { readonly given: Map<string, Value>; readonly diagnostics: Diagnostic[] } {
  const evaluated = evaluateBody(node.file.source, node.block.body, module.scope);
  const diagnostics = [...evaluated.diagnostics];
  const custom = `custom component "${node.block.name.text}"`;
  const given = new Map<string, Value>();
  for (const statement of evaluated.body) {
    const { name, nameSpan } = statement;
    const error = (code: string, message: string, help?: string): void =>
      void diagnostics.push(diagnostic('error', code, message, nameSpan, help));
    if (statement.kind === 'block') error('kind', `${custom} takes no blocks`, `write ${name} = ... for an argument`);
    else if (known !== null && !known.includes(name))
      error('unknown_name', `${custom} has no argument "${name}"`, didYouMean(name, known));
    else if (given.has(name)) error('duplicate', `attribute "${name}" may only be provided once`);
    else given.set(name, statement.value ?? UNKNOWN);
  }
  return { given, diagnostics };
}
