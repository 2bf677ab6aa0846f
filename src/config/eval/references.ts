/**
 * Which names an expression leads to: the edges of the component graph.
 */
import type { Span } from '#config/diag/diagnostic.ts';
import type { Body, Expr, Name } from '#config/syntax/ast.ts';
import type { Source } from '#config/syntax/source.ts';

/** A dotted traversal such as `otelcol.processor.batch.default.input`; it ends where an index or a call begins. */
export interface Reference {
  readonly path: readonly string[];
  /** It is called as a function. */
  readonly called: boolean;
  /** The whole traversal. */
  readonly span: Span;
  /** The first `count` names of it. */
  readonly spanOf: (count: number) => Span;
}

/** In the order of the text, nested blocks included. The standard library's names are among them. */
export function references(source: Source, node: Expr | Body): readonly Reference[] {
  const found: Reference[] = [];
  if (isBody(node)) bodyReferences(source, node, found);
  else exprReferences(source, node, found);
  return found;
}

function isBody(node: Expr | Body): node is Body {
  return Array.isArray(node);
}

function bodyReferences(source: Source, body: Body, found: Reference[]): void {
  for (const statement of body) {
    if (statement.kind === 'attr') exprReferences(source, statement.value, found);
    else bodyReferences(source, statement.body, found);
  }
}

function exprReferences(source: Source, root: Expr, found: Reference[]): void {
  // A stack, not recursion: chains to the left may be as long as the file. What is to come first lies on top.
  const stack: Expr[] = [root];
  const callees = new Set<Expr>();
  for (let expr = stack.pop(); expr !== undefined; expr = stack.pop()) {
    const called = callees.has(expr);
    const names: Name[] = [];
    while (expr.kind === 'access') {
      names.push(expr.name);
      expr = expr.left;
    }
    if (expr.kind === 'identifier') {
      names.push({ start: expr.start, end: expr.end, text: expr.name });
      found.push(reference(source, names.reverse(), called));
    } else {
      if (expr.kind === 'call') callees.add(expr.left);
      for (const child of children(expr).toReversed()) stack.push(child);
    }
  }
}

function reference(source: Source, names: readonly Name[], called: boolean): Reference {
  const spanOf = (count: number): Span => source.span(names[0].start, names[count - 1].end);
  return { path: names.map((name) => name.text), called, span: spanOf(names.length), spanOf };
}

function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'identifier':
      return [];
    case 'array':
      return expr.elements;
    case 'object':
      return expr.fields.map((field) => field.value);
    case 'paren':
      return [expr.inner];
    case 'unary':
      return [expr.operand];
    case 'access':
      return [expr.left];
    case 'index':
      return [expr.left, expr.index];
    case 'binary':
      return [expr.left, expr.right];
    case 'call':
      return [expr.left, ...expr.args];
  }
}
