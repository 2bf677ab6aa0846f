/** The body of a `declare` block as a module: its arguments, its exports, and a look at it without an instance. */
import type { Diagnostic } from '#config/diag/diagnostic.ts';
import { evaluateBody } from '#config/eval/evaluate.ts';
import { layered, scopeOf, type Scope } from '#config/eval/scope.ts';
import { UNKNOWN, type Value } from '#config/eval/value.ts';
import { decode } from '#config/schema/schema.ts';
import type { BlockStatement } from '#config/syntax/ast.ts';
import { argumentBlock } from './blocks/module-blocks.ts';
import { Definitions, type Declaration } from './definitions.ts';
import type { Frame } from './frame.ts';
import type { ModuleLoad } from './module.ts';

export interface DeclaredArgument {
  readonly label: string;
  readonly optional: boolean;
  /** {@link UNKNOWN} when something is wrong with it. */
  readonly default: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/** In the order of writing. What is wrong with a label is told by the body's node table. */
export function declaredArguments(declaration: Declaration, stdlib: Scope): readonly DeclaredArgument[] {
  const { file, home } = declaration;
  const scope = layered(scopeOf(new Map([['module_path', home.path]])), stdlib);
  return blocksOf(declaration, 'argument').map(({ label, body, name }) => {
    const evaluated = evaluateBody(file.source, body, scope);
    const { args, diagnostics, sound } = decode(
      argumentBlock.args,
      evaluated.body,
      file.source.span(name.start, name.end),
    );
    return {
      label,
      optional: sound ? args.optional : true,
      default: sound ? (args.default ?? null) : UNKNOWN,
      diagnostics: [...evaluated.diagnostics, ...diagnostics],
    };
  });
}

export function declaredExports(declaration: Declaration): readonly string[] {
  return blocksOf(declaration, 'export').map(({ label }) => label);
}

/** The body in its place. `frame` is where it is used; its own names come from where it was written. */
export function bodyFrame(
  declaration: Declaration,
  frame: Frame,
  rest: Pick<Frame, 'id' | 'values' | 'where' | 'check'>,
): Frame {
  const { home, block, file } = declaration;
  return {
    ...rest,
    kind: 'module',
    parts: block.body.map((statement) => ({ statement, file })),
    definitions: new Definitions(home, home.path),
    outer: new Map(),
    chain: [...frame.chain, declaration],
    imports: frame.imports,
  };
}

/** Looks at a body with arguments that nobody knows, whether anybody uses it or not. Each is looked at once. */
export async function checkDeclaration(module: ModuleLoad, declaration: Declaration): Promise<void> {
  const { context, frame } = module;
  if (context.checked.has(declaration.block)) return;
  context.checked.add(declaration.block);
  const values = new Map<string, Value>();
  for (const { label, diagnostics } of declaredArguments(declaration, context.options.stdlib)) {
    context.report.add(diagnostics);
    values.set(label, new Map([['value', UNKNOWN as Value]]));
  }
  const argument = new Map([['argument', values as Value]]);
  const id = module.globalId(`declare.${declaration.name}`);
  await module.inner(bodyFrame(declaration, frame, { id, values: argument, where: [], check: true }));
}

type Labelled = Omit<BlockStatement, 'label'> & { readonly label: string };

function blocksOf({ block }: Declaration, name: string): readonly Labelled[] {
  return block.body.flatMap((statement) =>
    statement.kind === 'block' && statement.name.text === name && statement.label !== null
      ? { ...statement, label: statement.label.text }
      : [],
  );
}
