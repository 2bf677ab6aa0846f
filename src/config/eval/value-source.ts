/**
 * Finds the piece of source text that a piece of a value came from: as deep as literals go, then the expression that gave
 * the rest.
 */
import type { Expr } from '#config/syntax/ast.ts';
import type { Source } from '#config/syntax/source.ts';
import type { ValueSource } from './body.ts';
import { writtenAt } from './literal.ts';

/** Longer or multi-line expressions are cut, for a message is one line. */
const MAX_TEXT = 60;
const MAX_REMARKS = 3;

type Place = Pick<Expr, 'start' | 'end'>;

export function exprText(source: Source, expr: Expr): string {
  const text = source.text.slice(expr.start, Math.min(expr.end, expr.start + MAX_TEXT + 1)).replaceAll(/\s+/g, ' ');
  return expr.end - expr.start > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text;
}

/** How a step into a value is written after the text of an expression. */
export function accessText(step: string | number): string {
  return typeof step === 'number' ? `[${step}]` : `.${step}`;
}

/** What functions remarked about their results, and where they were called. */
export class Remarks {
  readonly #list: { readonly call: Expr; readonly text: string }[] = [];

  add(call: Expr, text: string): void {
    this.#list.push({ call, text });
  }

  /** Those made inside `expr`, in one line. */
  within(expr: Expr): string | undefined {
    const inside = this.#list.filter(({ call }) => call.start >= expr.start && call.end <= expr.end);
    const texts = [...new Set(inside.map(({ text }) => text))];
    return texts.length === 0 ? undefined : texts.slice(0, MAX_REMARKS).join('; ');
  }
}

export function valueSource(source: Source, root: Expr, remarks: Remarks): ValueSource {
  return {
    locate(path, within) {
      let expr = root;
      let depth = 0;
      for (; depth < path.length; depth++) {
        const inner = element(unwrap(expr), path[depth]);
        if (inner === undefined) break;
        expr = inner;
      }
      const inside = within !== undefined && depth === path.length ? insideOf(unwrap(expr), within) : undefined;
      const { start, end } = inside ?? expr;
      return {
        text: exprText(source, expr),
        span: source.span(start, end),
        rest: path.slice(depth),
        remark: remarks.within(expr),
      };
    },
  };
}

function unwrap(expr: Expr): Expr {
  return expr.kind === 'paren' ? unwrap(expr.inner) : expr;
}

/** Where a part of a literal's text stands in the source. */
function insideOf(expr: Expr, within: { readonly start: number; readonly end: number }): Place | undefined {
  if (expr.kind !== 'literal' || expr.token !== 'STRING') return undefined;
  const start = writtenAt(expr.text, within.start);
  const end = writtenAt(expr.text, within.end);
  return start === undefined || end === undefined ? undefined : { start: expr.start + start, end: expr.start + end };
}

function element(expr: Expr, step: string | number): Expr | undefined {
  if (typeof step === 'number') return expr.kind === 'array' ? expr.elements[step] : undefined;
  return expr.kind === 'object' ? expr.fields.findLast((field) => field.name.text === step)?.value : undefined;
}
