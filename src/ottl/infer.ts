/**
 * Which context a group of statements or conditions stands in, where the configuration does not say: the innermost one that their
 * paths name, or one inside of it, that has all the paths, functions and enums of the group. Facts: Collector contrib
 * `pkg/ottl/context_inferrer.go`; unlike there, what one group needs is asked for all at once.
 */
import { CONTEXTS, type ContextName } from './context.ts';
import { OttlError } from './error.ts';
import type { Converter, Editor } from './functions/function.ts';
import type { Argument, CallExpr, Expr, PathExpr, Statement } from './syntax/ast.ts';

/** From the innermost to the outermost. */
const ORDER: readonly ContextName[] = ['log', 'datapoint', 'metric', 'spanevent', 'span', 'scope', 'resource'];

interface Needs {
  readonly paths: PathExpr[];
  readonly calls: CallExpr[];
  readonly names: string[];
}

export interface Part {
  readonly text: string;
  readonly tree: Statement | Expr;
}
type Known = ReadonlyMap<string, Pick<Converter | Editor, 'contexts'>>;

/** `among`: the contexts of the signal. Throws OttlError: a path without its context, or no context has everything. */
export function inferContext(
  parts: readonly Part[],
  among: readonly ContextName[],
  ...known: readonly Known[]
): ContextName {
  const candidates = ORDER.filter((name) => among.includes(name));
  const needs = parts.map(({ text, tree }) => ({ text, needs: needsOf(tree) }));
  for (const { text, needs: one } of needs) for (const path of one.paths) checkPrefix(text, path, candidates);
  const first = needs.flatMap(({ needs: one }) => one.paths.map(prefixOf));
  const inner = candidates.findIndex((name) => first.includes(name));
  // Without any path, as far out as its functions allow.
  const order = first.length === 0 ? [...candidates].reverse() : candidates.slice(0, inner + 1).reverse();
  const fitting = order.find((name) => needs.every(({ needs: one }) => fits(name, one, known)));
  if (fitting !== undefined) return fitting;
  const { text } = parts[0];
  throw new OttlError(
    `no context has all the paths, functions and enums that stand here together (${[...new Set(first)].join(', ')})`,
    text,
    0,
    text.length,
    'put them into groups of their own',
  );
}

function fits(name: ContextName, { paths, calls, names }: Needs, known: readonly Known[]): boolean {
  const context = CONTEXTS[name];
  const has = (call: string): boolean =>
    known.every((functions) => functions.get(call)?.contexts?.includes(name) !== false);
  return (
    paths.every((path) => context.sections.has(prefixOf(path))) &&
    calls.every((call) => has(call.name)) &&
    names.every((one) => Object.hasOwn(context.enums, one) || known.some((functions) => functions.has(one)))
  );
}

const prefixOf = (path: PathExpr): string =>
  path.fields[0].name === 'instrumentation_scope' ? 'scope' : path.fields[0].name;

function checkPrefix(text: string, path: PathExpr, candidates: readonly ContextName[]): void {
  if (candidates.some((name) => name === prefixOf(path))) return;
  const whole = path.fields.map(({ name }) => name).join('.');
  const having = candidates.filter((name) => Object.hasOwn(CONTEXTS[name].own.paths, whole));
  throw new OttlError(
    `the path \`${whole}\` does not say what it is of`,
    text,
    path.start,
    path.end,
    having.length === 0 ? undefined : `write ${having.map((name) => `${name}.${whole}`).join(' or ')}`,
  );
}

function needsOf(tree: Statement | Expr): Needs {
  const needs: Needs = { paths: [], calls: [], names: [] };
  if ('editor' in tree) {
    visit(tree.editor, needs);
    if (tree.where !== null) visit(tree.where, needs);
  } else visit(tree, needs);
  return needs;
}

function visit(expr: Expr, needs: Needs): void {
  const each = (exprs: readonly Expr[]): void => {
    for (const one of exprs) visit(one, needs);
  };
  switch (expr.kind) {
    case 'path':
      needs.paths.push(expr);
      return each(expr.fields.flatMap((field) => field.keys));
    case 'call':
      needs.calls.push(expr);
      each(expr.args.map((argument: Argument) => argument.value));
      return each(expr.keys);
    case 'name':
      needs.names.push(expr.name);
      return;
    case 'list':
      return each(expr.items);
    case 'map':
      return each(expr.items.map((item) => item.value));
    case 'math':
      return each([expr.first, ...expr.rest.map((step) => step.value)]);
    case 'compare':
      return each([expr.left, expr.right]);
    case 'logic':
      return each(expr.terms);
    case 'group':
      return visit(expr.inner, needs);
    case 'negate':
    case 'not':
      return visit(expr.value, needs);
    default:
  }
}
