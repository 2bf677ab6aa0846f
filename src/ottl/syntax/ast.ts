/**
 * The syntax tree of OTTL. Every node has its place in the text; the end is exclusive. Chains of one precedence are flat lists,
 * so that depth is that of brackets alone, which the parser bounds.
 */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type MathOperator = '+' | '-' | '*' | '/';

export type Expr =
  | NilExpr
  | LiteralExpr
  | NameExpr
  | PathExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | MathExpr
  | NegateExpr
  | CompareExpr
  | LogicExpr
  | NotExpr
  | GroupExpr;

export interface NilExpr extends Place {
  readonly kind: 'nil';
}
export interface LiteralExpr extends Place {
  readonly kind: 'literal';
  readonly value: boolean | string | bigint | number | Uint8Array;
}
/** A word in upper case: an enum (`SPAN_KIND_SERVER`), or as an argument a function by its name (`SHA256`). */
export interface NameExpr extends Place {
  readonly kind: 'name';
  readonly name: string;
}
export interface PathExpr extends Place {
  readonly kind: 'path';
  readonly fields: readonly PathField[];
}
export interface PathField extends Place {
  readonly name: string;
  readonly keys: readonly Expr[];
}
export interface CallExpr extends Place {
  readonly kind: 'call';
  readonly name: string;
  readonly nameEnd: number;
  readonly args: readonly Argument[];
  readonly keys: readonly Expr[];
}
export interface Argument {
  /** '' = by its position. */
  readonly name: string;
  readonly value: Expr;
  readonly start: number;
}
export interface ListExpr extends Place {
  readonly kind: 'list';
  readonly items: readonly Expr[];
}
export interface MapExpr extends Place {
  readonly kind: 'map';
  readonly items: readonly { readonly key: string; readonly value: Expr }[];
}
export interface MathExpr extends Place {
  readonly kind: 'math';
  readonly first: Expr;
  readonly rest: readonly { readonly operator: MathOperator; readonly value: Expr }[];
}
export interface NegateExpr extends Place {
  readonly kind: 'negate';
  readonly value: Expr;
}
export interface CompareExpr extends Place {
  readonly kind: 'compare';
  readonly operator: CompareOperator;
  readonly left: Expr;
  readonly right: Expr;
}
export interface LogicExpr extends Place {
  readonly kind: 'logic';
  readonly operator: 'and' | 'or';
  readonly terms: readonly Expr[];
}
export interface NotExpr extends Place {
  readonly kind: 'not';
  readonly value: Expr;
}
/** Parentheses: around a condition or around arithmetic. */
export interface GroupExpr extends Place {
  readonly kind: 'group';
  readonly inner: Expr;
}

/** `editor(arguments) where condition`. */
export interface Statement {
  readonly editor: CallExpr;
  readonly where: Expr | null;
}
