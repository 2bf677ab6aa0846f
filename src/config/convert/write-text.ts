/** A syntax tree as Alloy source: right, not pretty. The formatter makes it so. */
import type { Body, Expr, Statement } from '#config/syntax/ast.ts';

export function writeText(body: Body): string {
  return body.map((statement) => `${statementText(statement)}\n`).join('');
}

function statementText(statement: Statement): string {
  if (statement.kind === 'attr') return `${statement.name.text} = ${exprText(statement.value)}`;
  const label = statement.label === null ? '' : `"${statement.label.text}" `;
  return `${statement.name.text} ${label}{\n${writeText(statement.body)}}`;
}

export function exprText(expr: Expr): string {
  switch (expr.kind) {
    case 'literal':
      return expr.text;
    case 'identifier':
      return expr.name;
    case 'array':
      return `[${expr.elements.map(exprText).join(', ')}]`;
    case 'object':
      return `{\n${expr.fields.map(({ name, quoted, value }) => `${quoted ? `"${name.text}"` : name.text} = ${exprText(value)},\n`).join('')}}`;
    case 'paren':
      return `(${exprText(expr.inner)})`;
    case 'access':
      return `${exprText(expr.left)}.${expr.name.text}`;
    case 'index':
      return `${exprText(expr.left)}[${exprText(expr.index)}]`;
    case 'call':
      return `${exprText(expr.left)}(${expr.args.map(exprText).join(', ')})`;
    case 'unary':
      return `${expr.operator}${exprText(expr.operand)}`;
    case 'binary':
      return `${exprText(expr.left)} ${expr.operator} ${exprText(expr.right)}`;
  }
}
