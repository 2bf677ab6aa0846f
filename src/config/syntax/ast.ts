/**
 * The syntax tree of a file. Positions are offsets into the file's text: `start` inclusive, `end` exclusive. Comments lie
 * beside the tree, in order, so that a formatter can put them back.
 *
 * Depth: nesting is at most {@link MAX_NESTING}, but operators and accesses of one level make chains to the left (`a + b +
 * c`, `a.b.c`) as long as the file. Walk those with a loop, the rest may recurse.
 */
import type { Source } from './source.ts';
import type { BinaryOperator, LiteralKind, UnaryOperator } from './token.ts';

/** Levels of blocks, brackets, unary operators and `^` inside each other. */
export const MAX_NESTING = 200;

interface Node {
  readonly start: number;
  readonly end: number;
}

export interface Name extends Node {
  readonly text: string;
}

export interface Comment extends Node {
  /** With its marks, without the newline that ends a line comment. */
  readonly text: string;
}

export interface File {
  readonly source: Source;
  readonly body: Body;
  readonly comments: readonly Comment[];
}

export type Body = readonly Statement[];
export type Statement = AttrStatement | BlockStatement;

export interface AttrStatement extends Node {
  readonly kind: 'attr';
  readonly name: Name;
  readonly value: Expr;
}

export interface BlockStatement extends Node {
  readonly kind: 'block';
  /** The dotted name's parts; `name.text` has the dots. */
  readonly parts: readonly string[];
  readonly name: Name;
  /** Without quotes; null when there is none or it is empty. Its position is the string's. */
  readonly label: Name | null;
  readonly body: Body;
}

export type Expr =
  | LiteralExpr
  | IdentifierExpr
  | ArrayExpr
  | ObjectExpr
  | ParenExpr
  | AccessExpr
  | IndexExpr
  | CallExpr
  | UnaryExpr
  | BinaryExpr;

export interface LiteralExpr extends Node {
  readonly kind: 'literal';
  readonly token: LiteralKind;
  /** As written, with quotes. */
  readonly text: string;
}
export interface IdentifierExpr extends Node {
  readonly kind: 'identifier';
  readonly name: string;
}
export interface ArrayExpr extends Node {
  readonly kind: 'array';
  readonly elements: readonly Expr[];
}
export interface ObjectExpr extends Node {
  readonly kind: 'object';
  readonly fields: readonly ObjectField[];
}
export interface ObjectField {
  /** Without quotes. What stands between the quotes is the key as it is: Alloy knows no escapes here. */
  readonly name: Name;
  readonly quoted: boolean;
  readonly value: Expr;
}
export interface ParenExpr extends Node {
  readonly kind: 'paren';
  readonly inner: Expr;
}
export interface AccessExpr extends Node {
  readonly kind: 'access';
  readonly left: Expr;
  readonly name: Name;
}
export interface IndexExpr extends Node {
  readonly kind: 'index';
  readonly left: Expr;
  readonly index: Expr;
}
export interface CallExpr extends Node {
  readonly kind: 'call';
  readonly left: Expr;
  readonly args: readonly Expr[];
}
export interface UnaryExpr extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expr;
}
export interface BinaryExpr extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
}
