/** A syntax tree as Alloy source: right, not pretty. The formatter makes it so. */
import type { Body, Expr, Name, Statement } from '#config/syntax/ast.ts';
import { keyText } from '#config/syntax/quote.ts';

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
      return `{\n${expr.fields.map(({ name, value }) => `${keyOf(name)} = ${exprText(value)},\n`).join('')}}`;
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

function keyOf({ text }: Name): string {
  const key = keyText(text);
  if (key === null) throw new TypeError('a key without a source form cannot be written out');
  return key;
}
