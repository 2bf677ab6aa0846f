/** The configuration that a conversion makes: statements that know where in the YAML they came from. */
import type { Expr, File, Name, Statement } from '#config/syntax/ast.ts';
import { parse } from '#config/syntax/parse.ts';
import { quote } from '#config/syntax/quote.ts';
import type { Source } from '#config/syntax/source.ts';
import type { Place } from './node.ts';

export type OutStatement = OutAttr | OutBlock;
export interface OutAttr {
  readonly kind: 'attr';
  readonly name: string;
  /** Alloy source of the value. */
  readonly text: string;
  readonly place: Place;
}
export interface OutBlock {
  readonly kind: 'block';
  readonly name: string;
  readonly label: string | null;
  readonly body: readonly OutStatement[];
  readonly place: Place;
}

/** Plain Alloy source, to be formatted. */
export function sourceText(body: readonly OutStatement[]): string {
  return body
    .map((statement) => {
      if (statement.kind === 'attr') return `${statement.name} = ${statement.text}\n`;
      const label = statement.label === null ? '' : ` ${quote(statement.label)}`;
      // An attribute after a block follows it at once, as Alloy's own writer has it.
      return `${statement.name}${label} {\n${sourceText(statement.body)}}\n`;
    })
    .join('');
}

/** The same as trees whose positions are those of the YAML, one for each document. */
export function filesOf(body: readonly OutStatement[], sources: readonly Source[]): File[] {
  return sources.map((source) => {
    const mine = body.filter((statement) => statement.place.source === source);
    const { file } = parse('converted', sourceText(mine));
    return { source, comments: [], body: file.body.map((statement, i) => placed(statement, mine[i])) };
  });
}

function placed(statement: Statement, out: OutStatement): Statement {
  const { start, end } = out.place;
  const name: Name = { ...statement.name, start, end };
  if (statement.kind === 'attr') return { ...statement, start, end, name, value: moved(statement.value, start, end) };
  const inner = (out as OutBlock).body;
  return {
    ...statement,
    start,
    end,
    name,
    label: statement.label === null ? null : { ...statement.label, start, end },
    body: statement.body.map((one, i) => placed(one, inner[i])),
  };
}

function moved(expr: Expr, start: number, end: number): Expr {
  const at = { start, end };
  switch (expr.kind) {
    case 'literal':
    case 'identifier':
      return { ...expr, ...at };
    case 'array':
      return { ...expr, ...at, elements: expr.elements.map((element) => moved(element, start, end)) };
    case 'object':
      return {
        ...expr,
        ...at,
        fields: expr.fields.map((field) => ({
          ...field,
          name: { ...field.name, ...at },
          value: moved(field.value, start, end),
        })),
      };
    case 'paren':
      return { ...expr, ...at, inner: moved(expr.inner, start, end) };
    case 'access':
      return { ...expr, ...at, left: moved(expr.left, start, end), name: { ...expr.name, ...at } };
    case 'index':
      return { ...expr, ...at, left: moved(expr.left, start, end), index: moved(expr.index, start, end) };
    case 'call':
      return {
        ...expr,
        ...at,
        left: moved(expr.left, start, end),
        args: expr.args.map((arg) => moved(arg, start, end)),
      };
    case 'unary':
      return { ...expr, ...at, operand: moved(expr.operand, start, end) };
    case 'binary':
      return { ...expr, ...at, left: moved(expr.left, start, end), right: moved(expr.right, start, end) };
  }
}
